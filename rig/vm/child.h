/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child: a host program that runs beside us for long, from an argv array.  Level 3.
 *
 * It has a process group of its own, so that ^C on the terminal reaches only the rig; it is killed
 * when the rig dies; what it prints is kept, bounded.  For short-lived ones see base/proc.h.
 */
#ifndef RIG_VM_CHILD_H
#define RIG_VM_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

struct child;

struct child_config {
	struct loop *loop;
	char *const *argv;		/* argv[0] is searched in PATH */
	const int *keep_fds;		/* stay open in the child under the same numbers, all > 2 */
	unsigned int nr_keep_fds;
	void (*ended)(void *arg);	/* once, from the loop, when it is gone and reaped */
	void *arg;
};

/** child_create() - Errors: RIG_HOST, -ENOENT when the program is missing */
int child_create(const struct child_config *config, struct child **ret, struct rig_err *err)
	RIG_CHECKED;
void child_destroy(struct child *c);	/* kills and reaps if need be; NULL allowed */

/**
 * child_stop() - send @sig (0: none) and wait for the end; true once it is gone and reaped
 * Works in a cancelled loop and after ^C alike: it is part of cleaning up.  Does not call ended().
 */
bool child_stop(struct child *c, int sig, uint64_t until_ns);

pid_t child_pid(const struct child *c);
bool child_has_ended(const struct child *c);
int child_status(const struct child *c);	/* as from waitpid(2), once it has ended */
const char *child_ending(const struct child *c);	/* "exit code 1", "signal SIGKILL" */

/** child_output() - what it printed on stdout and stderr; of very much, begin and end */
const char *child_output(const struct child *c);

#endif
