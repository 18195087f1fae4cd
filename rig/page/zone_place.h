/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone_place: which zone of which node the address of a struct zone is.  Level 1.
 */
#ifndef RIG_PAGE_ZONE_PLACE_H
#define RIG_PAGE_ZONE_PLACE_H

#include "page/node.h"

#define ZONE_PLACE_MAX_NODES 64u

struct zone_place {
	int16_t node, zone;	/* both -1: not the address of a zone */
};

/* Where the zones of each node begin; 0: no such node. */
struct zone_places {
	const struct page_layout *layout;
	uint64_t zones[ZONE_PLACE_MAX_NODES];
};

/** zone_places_find() - of all nodes; @l outlives @ret.  0, or the reader's error */
int zone_places_find(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		     struct zone_places *ret) RIG_CHECKED;

struct zone_place zone_place_of(const struct zone_places *p, uint64_t zone);

#endif
