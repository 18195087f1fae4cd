/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * odds: when has a kernel passed often enough to be called good, for a bug that shows in some runs only?
 * Level 7, pure.
 *
 * How often bad kernels fail is learnt from them: f failures in m runs, from no knowledge at all (every
 * rate as likely as any other), so the next run of a bad kernel passes with (1 + m - f) / (2 + m), and
 * after a pass m has grown by one.  The product over n runs is the doubt: how likely a bad kernel passes n times.
 * A kernel is good when the doubt is at most its share of what may be spent in the whole bisect, and
 * bad as soon as it fails.  What the good ones leave of doubt adds up, and is missing from the confidence.
 *
 * Runs that began from one boot may owe their ends to that boot (KASLR, where memory was taken), so each boot
 * serves only ODDS_RUNS_PER_BOOT of them, and the same is reckoned with boots instead of runs: a boot fails
 * when one of its runs does.  The larger doubt counts.
 */
#ifndef RIG_BISECT_ODDS_H
#define RIG_BISECT_ODDS_H

#include <stddef.h>

#define ODDS_CONFIDENCE		0.99	/* wanted of the answer */
#define ODDS_RUNS_PER_BOOT	2u
#define ODDS_END_FAILURES	8u	/* that the bad end is to show, so that its rate is known well enough */
#define ODDS_END_RUNS		200u	/* and when it is not waited for longer */
#define ODDS_MAX_PASSES		1000u	/* more are asked of no kernel */

struct odds_tally {
	unsigned int runs, failures;		/* failures: for the target */
	unsigned int boots, failed_boots;
};

struct odds {
	struct odds_tally bad;	/* of all kernels that were bad */
	double share;		/* of doubt, for one good kernel */
	double spent;		/* by the good ones so far */
};

/** odds_init() - for a search among @candidates kernels between the ends, and the good end itself */
void odds_init(struct odds *o, size_t candidates);

/** odds_add_bad() - a bad kernel was run so often */
void odds_add_bad(struct odds *o, const struct odds_tally *t);
/** odds_add_good() - one was called good with this doubt */
void odds_add_good(struct odds *o, double doubt);

/** odds_doubt() - how likely a bad kernel passes all these @runs from @boots */
double odds_doubt(const struct odds *o, unsigned int runs, unsigned int boots);

/** odds_passes_needed() - runs without a failure that make a kernel good; at most ODDS_MAX_PASSES */
unsigned int odds_passes_needed(const struct odds *o);

/** odds_confidence() - of the answer, as it is now: 0 to 1 */
double odds_confidence(const struct odds *o);

#endif
