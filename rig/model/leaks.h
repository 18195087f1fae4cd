/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaks: slab objects by who allocated them, pages that say nothing of their use, and bytes of per-cpu memory,
 * sampled every so many cycles of one and the same.  Level 3, pure.
 *
 * A path that loses an object loses one each time it is taken.  Caches fill too, but those that can be
 * reclaimed are dropped before a sample, and the others are full some day: none takes at least one object
 * more per cycle in each of several intervals.  The first sample is taken when the first cycles have
 * warmed them.
 */
#ifndef RIG_LEAKS_H
#define RIG_LEAKS_H

#include <jansson.h>

#include "base/err.h"
#include "model/finding.h"

#define LEAKS_MIN_INTERVALS 3

struct leak_site {
	char *name;		/* cache and function: "kmalloc-64 do_thing+0x1b/0x30"; or what no call site has */
	uint64_t first, last;	/* how many: at the first sample, at the latest */
	unsigned int grown;	/* intervals in which it grew by one a cycle or more */
};

struct leaks {
	struct leak_site *site;	/* by name */
	size_t nr, cap;
	unsigned int intervals;
	uint64_t cycles;	/* in all intervals */
	bool begun;
};

/** leaks_sample() - @answer: the agent's query-call-sites, @cycles: since the last sample */
int leaks_sample(struct leaks *l, const json_t *answer, uint64_t cycles, struct rig_err *err) RIG_CHECKED;
/** leaks_judge() - each site that grew in every interval is a finding; too few intervals: none */
void leaks_judge(const struct leaks *l, const char *step, struct findings *out);
void leaks_deinit(struct leaks *l);

#endif
