/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * differences: what tells the accounts of two kernels apart.  Level 5, pure.
 *
 * With several runs of a kernel, a difference is what all runs of one agree on and no run of the other shows.
 * What only some runs of a kernel show is counted, and is no difference of the kernels.
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

struct differences {
	struct difference *v;		/* by step, then by kind */
	size_t nr, cap;
	size_t unsteady;		/* details that runs of one kernel do not agree on */
};

/**
 * differences_find() - in the steps that all of them did, up to the first that one of them did not
 * Both sides have at least one run, all with equal steps.
 */
void differences_find(const struct side *base, const struct side *patched, struct differences *ret);
void differences_deinit(struct differences *d);

/** differences_step_compared() - whether all runs did the step and all steps before it */
bool differences_step_compared(const struct side *base, const struct side *patched, size_t step);

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
struct difference *contest_add(const struct contest *c, const struct difference *d);

#endif
