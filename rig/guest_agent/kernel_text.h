/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_text: what no file of the kernel tells by itself, under names that look like files.  Agent only.
 *
 *	kernel/NAME	a variable, see kernel_map_variable(), in decimal
 *	folder/PATH	what is in the folder /PATH, "compact cpulist uevent", but for what ends in a digit: there are
 *			several of those, and how many is another question
 *	task/mems_allowed	the nodes that a task may use whom nobody ever restricted; not known where that follows
 *			memory only some time later, or does not follow it at all
 *	kthread/NAME	the numbers behind NAME in the names of kernel threads, rising: "0,1"; "" when there is none
 */
#ifndef RIG_AGENT_KERNEL_TEXT_H
#define RIG_AGENT_KERNEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Who was there when the first thread was asked for; begins as zeroes. */
struct kernel_tasks {
	struct kernel_task {
		char pid[16], name[64];		/* TASK_COMM_LEN, and more for workers */
	} *task;
	size_t nr, cap;
	bool known;
};

/** kernel_text() - whether @path is such a name; *@text, for the caller to free, is NULL when it is not known */
bool kernel_text(struct kernel_tasks *tasks, const char *path, char **text);
void kernel_tasks_deinit(struct kernel_tasks *tasks);

#endif
