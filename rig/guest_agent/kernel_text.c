// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/kernel_map.h"
#include "guest_agent/kernel_text.h"
#include "page/demotion.h"

#define VARIABLE "kernel/"
#define DEMOTION VARIABLE "node_demotion"
#define THREAD	"kthread/"
#define FOLDER	"folder"
#define ALLOWED "task/mems_allowed"
#define STATUS_MAX_BYTES (64u << 10)
#define MAX_NUMBERS 64u		/* nodes of the largest machine there is */

/* of /proc/PID/stat, as in include/linux/sched.h */
#define PF_EXITING	0x4u
#define PF_KTHREAD	0x200000u

/* What /proc/@pid/@file begins with; false: that task is gone. */
static bool read_task(const char *pid, const char *file, char *ret, size_t size)
{
	AUTO_FREE char *path = xasprintf("/proc/%s/%s", pid, file);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n <= 0)
		return false;
	ret[n] = '\0';
	return true;
}

/* Where all tasks are, and what they are called; most of the time goes into asking each of them. */
static void find_tasks(struct kernel_tasks *tasks)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	tasks->known = true;
	while (d && (e = readdir(d))) {
		struct kernel_task t = { 0 };

		if (!isdigit((unsigned char)*e->d_name) || !read_task(e->d_name, "comm", t.name, sizeof(t.name)))
			continue;
		snprintf(t.pid, sizeof(t.pid), "%s", e->d_name);
		GROW(tasks->task, tasks->nr, tasks->cap);
		tasks->task[tasks->nr++] = t;
	}
	if (d)
		closedir(d);
}

/* The number behind @prefix in the name of kernel thread @t; who was told to stop may still be on its way out. */
static bool thread_number(const struct kernel_task *t, const char *prefix, unsigned int *ret)
{
	char line[512], *name, *end, behind;
	unsigned int flags;

	if (strncmp(t->name, prefix, strlen(prefix)) != 0 || !read_task(t->pid, "stat", line, sizeof(line)))
		return false;
	name = strchr(line, '(');
	end = strrchr(line, ')');
	if (!name || !end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
	    !(flags & PF_KTHREAD) || flags & PF_EXITING)
		return false;
	*end = '\0';
	name++;
	return !strncmp(name, prefix, strlen(prefix)) && sscanf(name + strlen(prefix), "%u%c", ret, &behind) == 1;
}

static int by_number(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static void put(char **text, char *longer)
{
	free(*text);
	*text = longer;
}

static char *threads(struct kernel_tasks *tasks, const char *prefix)
{
	unsigned int number[MAX_NUMBERS];
	char *text = xstrdup("");
	size_t nr = 0;

	if (!tasks->known)
		find_tasks(tasks);
	for (size_t i = 0; i < tasks->nr && nr < MAX_NUMBERS; i++)
		nr += thread_number(&tasks->task[i], prefix, &number[nr]);
	qsort(number, nr, sizeof(*number), by_number);
	for (size_t i = 0; i < nr; i++)
		put(&text, xasprintf("%s%s%u", text, i ? "," : "", number[i]));
	return text;
}

static int is_plain(const struct dirent *e)
{
	return *e->d_name != '.' && !isdigit((unsigned char)e->d_name[strlen(e->d_name) - 1]);
}

/* NULL: there is no such folder */
static char *names(const char *path)
{
	struct dirent **list;
	int nr = scandir(path, &list, is_plain, alphasort);
	char *text = nr < 0 ? NULL : xstrdup("");

	for (int i = 0; i < nr; i++) {
		put(&text, xasprintf("%s%s%s", text, i ? " " : "", list[i]->d_name));
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
	return text;
}

/*
 * Of kthreadd, which nothing moves out of the root of all cpusets.  Before 2125c0034c5d ("cgroup/cpuset: Make cpuset
 * hotplug processing synchronous", v6.10) a work item did it, whose end nobody can wait for.
 */
static char *mems_allowed(void)
{
	static const char key[] = "\nMems_allowed_list:\t";
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	char *list;

	if (!kernel_map_lacks("cpuset_hotplug_workfn") ||
	    io_read_file("/proc/2/status", STATUS_MAX_BYTES, &text, NULL, &ignored) < 0 || !(list = strstr(text, key)))
		return NULL;
	list += strlen(key);
	return xstrndup(list, strcspn(list, "\n"));
}

/* "0:6 1:4": of each node that demotes, the mask of those that it demotes to; NULL: not known */
static char *demotion(void)
{
	uint64_t table, nr, nodes[DEMOTION_NODES];
	struct kernel_map *m;
	struct rig_err ignored;
	char *text;

	if (kernel_map_get(&m, &ignored) < 0 || kernel_map_variable("node_demotion", &table) < 0 ||
	    kernel_map_variable("nr_node_ids", &nr) < 0 ||
	    demotion_targets(&m->memory, &m->layout, table, nr, nodes) < 0)
		return NULL;
	text = xstrdup("");
	for (unsigned int i = 0; i < DEMOTION_NODES; i++)
		if (nodes[i])
			put(&text, xasprintf("%s%s%u:%" PRIu64, text, *text ? " " : "", i, nodes[i]));
	return text;
}

bool kernel_text(struct kernel_tasks *tasks, const char *path, char **text)
{
	uint64_t value;

	*text = NULL;
	if (!strcmp(path, DEMOTION)) {
		*text = demotion();
		return true;
	}
	if (!strncmp(path, VARIABLE, strlen(VARIABLE))) {
		if (kernel_map_variable(path + strlen(VARIABLE), &value) == 0)
			*text = xasprintf("%" PRIu64, value);
		return true;
	}
	if (!strncmp(path, FOLDER "/", strlen(FOLDER "/"))) {
		*text = names(path + strlen(FOLDER));
		return true;
	}
	if (!strcmp(path, ALLOWED)) {
		*text = mems_allowed();
		return true;
	}
	if (strncmp(path, THREAD, strlen(THREAD)))
		return false;
	*text = threads(tasks, path + strlen(THREAD));
	return true;
}

void kernel_tasks_deinit(struct kernel_tasks *tasks)
{
	free(tasks->task);
	*tasks = (struct kernel_tasks){ 0 };
}
