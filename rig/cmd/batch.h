/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: every chosen scenario on every chosen kernel, as often as asked.  Level 6.
 *
 * Runs are numbered kernel by kernel and scenario by scenario, begin in that order, some at a time,
 * each in a process of its own (cmd/pool.h), and are reported in that order, each as soon as those
 * before it have been.  What stdout and the records say does not tell how many ran at a time.
 */
#ifndef RIG_BATCH_H
#define RIG_BATCH_H

#include "cmd/progress.h"
#include "cmd/run_options.h"
#include "kernel/kernel.h"
#include "known/known.h"
#include "scenario/scenario.h"

struct batch {			/* all borrowed */
	const struct run_options *options;
	const char *agent;	/* path of the static agent */
	struct scenario *const *scenario;
	size_t nr_scenarios;
	struct kernel *const *kernel;
	size_t nr_kernels;
	const struct known *known;	/* NULL: no failure is expected */
	struct progress *progress;
};

/** batch_run() - run it, or with --dry-run only say what would be run; the exit code */
int batch_run(const struct batch *b);

/** batch_exit() - say on stderr what went wrong; the exit code for it */
int batch_exit(const struct rig_err *err);

#endif
