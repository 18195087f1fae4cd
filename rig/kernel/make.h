/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make: one run of a kernel tree's make, its output line by line and into a log.  Level 2.
 *
 * It runs in a process group of its own, which is ended with all in it at the deadline and on ^C.  What
 * would outlive us when we are killed holds @keep_fd, and so the lock of the folder that it writes to.
 * Whatever the environment says to other makes is kept from it.
 */
#ifndef RIG_KERNEL_MAKE_H
#define RIG_KERNEL_MAKE_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/build_log.h"

struct make {
	char *const *argv;
	const char *log_path;		/* appended to */
	int keep_fd;			/* -1: none */
	uint64_t until_ns;
	void (*on_step)(void *arg, const struct build_log *log);	/* may be NULL */
	void *arg;
};

/**
 * make_run() - run it to its end
 * Errors: RIG_KERNEL: its first error, which the source must answer for; RIG_HOST: a program was killed, had no
 * memory or is missing; -ENOSPC for a full disk, -ENOENT when argv[0] is missing; RIG_INTERRUPTED.
 */
int make_run(const struct make *m, struct build_log *log, struct rig_err *err) RIG_CHECKED;

#endif
