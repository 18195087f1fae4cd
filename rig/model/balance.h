/* SPDX-License-Identifier: GPL-2.0-or-later */
/* balance: the parts of model_balance().  Level 3, for rig/model only. */
#ifndef RIG_BALANCE_H
#define RIG_BALANCE_H

#include "model/model.h"
#include "page/free_area.h"

/* What the struct pages of one zone say: boot RAM, and what is online of devices. */
struct tally {
	unsigned int node;
	uint8_t zone;		/* index in the layout */
	uint64_t pages;		/* with a memmap that says so, not PG_reserved, not PageOffline */
	uint64_t free;		/* on free lists: covered by a buddy head */
	uint64_t idle;		/* not covered, no reference, no tail, not frozen: per-cpu lists */
	uint64_t heads[FREE_AREA_ORDERS];	/* buddy heads by order */
};

/** tally_find() - NULL: not a page is of that zone */
const struct tally *tally_find(const struct tally *t, size_t nr, unsigned int node, size_t zone);

/** balance_areas() - chunks of free pages by order: as tallied, on lists, as counted */
void balance_areas(const struct model *m, const struct snapshot *s, const struct tally *t, size_t nr_tallies,
		   const char *step, struct findings *out);

#endif
