/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differences: what tells the accounts of two kernels apart.  Level 5, pure.
 *
 * With several runs of a kernel, a difference is what all runs of one agree on and no run of the other shows.
 * What only some runs of a kernel show is counted, and is no difference of the kernels.  Latencies differ when all
 * boots of one kernel are slower than all of the other, and are so many that it is no chance.
 */
#ifndef RIG_COMPARE_DIFFERENCES_H
#define RIG_COMPARE_DIFFERENCES_H

#include "compare/account.h"

/* The runs of one kernel; borrowed. */
struct side {
	const struct account *const *account;
	size_t nr;
};

struct difference {
	size_t step;
	enum detail_kind kind;
	char *what;
	uint64_t pfn, nr;		/* of pages: the first, and how many differ so, adjacent or not; else 0 */
	char *base, *patched;		/* NULL: it is not there */
	bool by_era;			/* the change of eras explains it */
};

struct latency_side {
	size_t boots;			/* separately booted templates, or cold runs; of several runs of one the median */
	uint64_t median_ns, least_ns, most_ns;
};

struct latency {
	size_t step;
	struct latency_side base, patched;
	bool judged;			/* there are boots enough, and equal ones, to tell the kernels apart */
	bool differs;			/* each boot of one kernel was slower than each of the other */
};

struct differences {
	struct difference *v;		/* by step, then by kind */
	size_t nr, cap;
	size_t unsteady;		/* details that runs of one kernel do not agree on */
	struct latency *latency;	/* of the steps that both have run to their end */
	size_t nr_latencies;
};

/**
 * differences_find() - step by step, by the runs that came so far, as long as there are some on both sides
 * Both sides have at least one run; all that have steps have equal ones.
 */
void differences_find(const struct side *base, const struct side *patched, struct differences *ret);
void differences_deinit(struct differences *d);

/** differences_steps() - the first so many are compared; the start is one */
size_t differences_steps(const struct side *base, const struct side *patched);

/* For differences*.c only: accounts of both sides, base first. */
struct contest {
	const struct account *const *account;
	size_t nr, nr_base;
	struct differences *out;
};

enum contest_verdict { CONTEST_SAME, CONTEST_DIFFERENT, CONTEST_UNSTEADY };

/**
 * contest_judge() - what the values say together
 * @value: of each account; NULL is a value as well
 */
enum contest_verdict contest_judge(const struct contest *c, const void *const *value,
			   bool (*equal)(const void *a, const void *b));
/** contest_pages() - pages and pageblocks of a step */
void contest_pages(const struct contest *c, size_t step);
struct difference *differences_add(struct differences *out, const struct difference *d);
/** side_came_to() - the runs that did the step and all steps before it; @ret has room for all */
size_t side_came_to(const struct side *side, size_t step, const struct account **ret);
/** latencies_find() - of the first @nr_steps; those that differ are added to @out, too */
void latencies_find(const struct side *base, const struct side *patched, size_t nr_steps, struct differences *out);

#endif
