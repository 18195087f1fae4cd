/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan: which shard runs which cell.  Level 7, pure.
 *
 * Every machine makes the same plan out of the same matrix, scenarios and durations; that they did is told
 * by the plan's digest.  With durations the work is shared out evenly, and cells that start from one
 * template stay together as far as that allows.  Without, the digest of its name alone decides where a cell
 * goes: one that is added moves no other.
 */
#ifndef RIG_MATRIX_PLAN_H
#define RIG_MATRIX_PLAN_H

#include "matrix/cell.h"
#include "matrix/durations.h"

#define PLAN_MAX_SHARDS 1000

struct plan {
	unsigned int nr_shards;
	unsigned int *shard;	/* of each cell, from 0 */
	uint64_t *ms;		/* that each shard is reckoned to take; all 0 without durations */
	char digest[65];	/* of matrix, scenarios and who runs what */
};

/** plan_make() - @d: NULL: no durations; borrows nothing */
void plan_make(const struct matrix *m, const struct cells *cells, unsigned int nr_shards, const struct durations *d,
	       struct plan *ret);
void plan_deinit(struct plan *p);

#endif
