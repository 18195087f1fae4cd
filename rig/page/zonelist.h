/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zonelist: which zones a node allocates from, in which order.  Level 1.
 *
 * Pointers to zones are told as node and index; a list is read up to its end, and no further than the
 * rig's machines have zones, whatever is there.
 */
#ifndef RIG_PAGE_ZONELIST_H
#define RIG_PAGE_ZONELIST_H

#include "page/zone_place.h"

#define ZONELIST_MAX_REFS	128u
#define ZONELIST_MAX_NODES	ZONE_PLACE_MAX_NODES
#define ZONELISTS_PER_NODE	2u

struct zonelist_ref {
	int16_t node, zone;	/* both -1: not the address of a zone */
	int32_t index;		/* what the list has as the zone's index */
};

/* Zeroed: none. */
struct zonelist {
	bool there;
	bool endless;		/* it goes on behind the last of these */
	uint32_t nr;
	struct zonelist_ref ref[ZONELIST_MAX_REFS];
};

/** zonelist_known() - whether @l says enough */
bool zonelist_known(const struct page_layout *l);

/**
 * zonelist_read() - the lists of node @nid: the one with all nodes to fall back to, and where there is NUMA
 * that of the node alone
 * Returns 0, -ENOENT: no such node, or the reader's error.
 */
int zonelist_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		  unsigned int nid, struct zonelist ret[ZONELISTS_PER_NODE]) RIG_CHECKED;

#endif
