/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rounds: each scenario once on one kernel, as often as asked, and a verdict for each time.  Level 7.
 *
 * ODDS_RUNS_PER_BOOT rounds share a boot, by way of its template.  Only for trial.c.
 */
#ifndef RIG_BISECT_ROUNDS_H
#define RIG_BISECT_ROUNDS_H

#include "bisect/trial.h"

struct round {
	unsigned int boot;		/* counts from 0 */
	enum verdict verdict;		/* worst of its scenarios */
	const char *reason;
	const json_t *finding;		/* NULL: none */
};

struct rounds {
	struct trial *trial;
	const struct kernel *kernel;
	const json_t *part_of;
	unsigned int begun;		/* rounds so far, of all calls */
	uint64_t guest_ns;		/* of their machines, added up */
	json_t *records;		/* array: names of their folders */
	void (*on_round)(void *arg, const struct round *round);	/* in order; texts only until it returns */
	void *arg;
};

/**
 * rounds_run() - make @n more; with odds, and not to measure, none begins behind one that is bad,
 * nor behind more than TRIAL_RETRIES that say nothing
 * The target, when open, is what the first failure shows.
 * Errors: as trial_run().
 */
int rounds_run(struct rounds *r, unsigned int n, struct rig_err *err) RIG_CHECKED;

#endif
