/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * free_area: the free lists of a zone, by the order of their chunks.  Level 1.
 *
 * Each list is a ring through the first struct pages of its chunks.  Only in a kernel that stands still do rings,
 * counts and pages belong together.
 */
#ifndef RIG_PAGE_FREE_AREA_H
#define RIG_PAGE_FREE_AREA_H

#include <stdbool.h>

#include "page/kernel_memory.h"
#include "page/layout.h"

#define FREE_AREA_ORDERS 11u		/* 0 to 10, as in all kernels for x86-64 */

struct free_areas {
	bool known;
	struct free_area {
		uint64_t counted;	/* chunks, as nr_free has it */
		uint64_t listed;	/* chunks on the lists of all migratetypes */
		uint64_t strangers;	/* of them: no free chunk of that order and zone, or not the next one's predecessor */
		bool endless;		/* a list does not come back, or leads to where nothing is: the numbers end there */
	} order[FREE_AREA_ORDERS];
	uint64_t isolated;		/* chunks on lists of MIGRATE_ISOLATE */
};

/* Which zone is read. */
struct free_area_zone {
	uint64_t addr;			/* of the struct zone */
	unsigned int node, index;	/* as its pages say it */
};

/**
 * free_areas_read() - not known where @l says too little
 * @left: how many chunks may be followed; those that are come off.  A list that goes on is endless
 * -EFAULT: the zone itself cannot be read; or the reader's error
 */
int free_areas_read(const struct kernel_memory *memory, const struct page_layout *l, const struct free_area_zone *zone,
		    uint64_t *left, struct free_areas *ret) RIG_CHECKED;

#endif
