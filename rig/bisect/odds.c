// SPDX-License-Identifier: GPL-2.0-or-later
#include "bisect/odds.h"

/* Steps of a binary search, rounded up */
static unsigned int steps(size_t candidates)
{
	unsigned int n = 0;

	for (; candidates; candidates /= 2)
		n++;
	return n;
}

void odds_init(struct odds *o, size_t candidates)
{
	*o = (struct odds){ .share = (1 - ODDS_CONFIDENCE) / (steps(candidates) + 1) };
}

void odds_add_bad(struct odds *o, const struct odds_tally *t)
{
	o->bad.runs += t->runs;
	o->bad.failures += t->failures;
	o->bad.boots += t->boots;
	o->bad.failed_boots += t->failed_boots;
}

void odds_add_good(struct odds *o, double doubt)
{
	o->spent += doubt;
}

static double all_pass(unsigned int m, unsigned int f, unsigned int n)
{
	double p = 1;

	for (unsigned int i = 0; i < n; i++)
		p *= (1.0 + (m - f) + i) / (2.0 + m + i);
	return p;
}

double odds_doubt(const struct odds *o, unsigned int runs, unsigned int boots)
{
	double by_runs = all_pass(o->bad.runs, o->bad.failures, runs);
	double by_boots = all_pass(o->bad.boots, o->bad.failed_boots, boots);

	return by_runs > by_boots ? by_runs : by_boots;
}

unsigned int odds_passes_needed(const struct odds *o)
{
	unsigned int boots = 1;

	while (boots * ODDS_RUNS_PER_BOOT < ODDS_MAX_PASSES &&
	       odds_doubt(o, boots * ODDS_RUNS_PER_BOOT, boots) > o->share)
		boots++;
	return boots * ODDS_RUNS_PER_BOOT;
}

double odds_confidence(const struct odds *o)
{
	return o->spent < 1 ? 1 - o->spent : 0;
}
