/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc: run a short-lived host program from an argv array, never through a shell.  Level 0.
 */
#ifndef RIG_PROC_H
#define RIG_PROC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct proc_result {
	int status;		/* as from waitpid(2) */
	char *out, *errout;	/* NUL-terminated; at most 64 MiB each, more ends the program */
	size_t out_len, errout_len;
};

void proc_result_deinit(struct proc_result *r);
#define AUTO_PROC_RESULT __attribute__((cleanup(proc_result_deinit)))

/**
 * proc_run() - run argv[0] (searched in PATH), stdin from /dev/null, and wait
 * @envp: NULL-terminated "K=V" to add to ours; may be NULL
 * @cwd: NULL for ours
 * The child is killed and reaped at the deadline, on ^C, and dies with us.
 * Errors: -ENOENT when the program is missing, -ETIMEDOUT, -EINTR.  A non-zero exit is no error
 * here: see proc_check().
 */
int proc_run(char *const argv[], char *const envp[], const char *cwd, uint64_t until_ns,
	     struct proc_result *ret, struct rig_err *err) RIG_CHECKED;

/** proc_check() - RIG_HOST error naming @name and the last lines of stderr unless it exited 0 */
int proc_check(const struct proc_result *r, const char *name, struct rig_err *err) RIG_CHECKED;

#endif
