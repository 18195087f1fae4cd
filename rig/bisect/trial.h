/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trial: one kernel tried: the scenarios run on it, and what that says.  Level 7.
 *
 * Once, or, for a bug that shows in some runs only, as often as the odds demand, over several boots.
 * Trouble of rig or host is tried TRIAL_RETRIES more times; for a flaky bug so are runs that failed
 * otherwise, which say nothing.  The known-bug file is never read.
 */
#ifndef RIG_BISECT_TRIAL_H
#define RIG_BISECT_TRIAL_H

#include <jansson.h>

#include "batch/batch.h"
#include "bisect/odds.h"
#include "bisect/target.h"
#include "bisect/verdict.h"

#define TRIAL_RETRIES 2u

struct trial {
	const struct batch_how *how;		/* its known must be NULL */
	struct scenario *const *scenario;
	size_t nr_scenarios;
	struct target *target;			/* an open one becomes what the first failure shows */
	const struct odds *odds;		/* NULL: one run decides */
	bool measure;				/* with odds: learn how often a kernel known as bad fails */
	struct progress *progress;
};

struct trial_result {
	enum verdict verdict;
	char *reason;			/* one line */
	struct odds_tally tally;
	uint64_t guest_ns;		/* of its machines, from power-on to the end, added up */
	double doubt;			/* of a good one with odds: that it is bad after all; else 0 */
	json_t *records;		/* array: names of the folders below the results */
	json_t *finding;		/* that shows the target, else the first; NULL: none */
};

/**
 * trial_run() - run them on @kernel
 * @part_of: what the records say of the larger whole; NULL
 * A verdict of trouble is no error here.
 * Errors: RIG_INTERRUPTED: ^C, what had run is in records and nothing else is left of it; RIG_USAGE: the
 * target is open and the kernel does not come up; as batch_run().
 */
int trial_run(struct trial *trial, const struct kernel *kernel, const json_t *part_of, struct trial_result *ret,
	      struct rig_err *err) RIG_CHECKED;
void trial_result_deinit(struct trial_result *r);

#endif
