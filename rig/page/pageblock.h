/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pageblock: what the allocator takes pageblocks for.  Level 1.
 *
 * The bits are beside the sub-section map of each section, for all of its pageblocks, whether they are
 * online or not.
 */
#ifndef RIG_PAGE_PAGEBLOCK_H
#define RIG_PAGE_PAGEBLOCK_H

#include "page/memmap.h"

struct pageblock_run {
	uint64_t pfn, nr;		/* pages */
	enum pageblock_type type;
};

/* Ascending; equal neighbours are one.  Zeroed: empty. */
struct pageblock_map {
	struct pageblock_run *run;
	size_t nr, cap;
};

/** pageblock_known() - whether @l says enough */
bool pageblock_known(const struct page_layout *l);

/**
 * pageblock_read() - append those of sections with a memmap whose first page is in [@start, @end)
 * Returns 0, or what else the reader said than -EFAULT.
 */
int pageblock_read(struct memmap *m, uint64_t start, uint64_t end, struct pageblock_map *ret) RIG_CHECKED;

void pageblock_append(struct pageblock_map *m, uint64_t pfn, uint64_t nr, enum pageblock_type type);
void pageblock_map_deinit(struct pageblock_map *m);

/** pageblock_type_name() - "movable" */
const char *pageblock_type_name(enum pageblock_type type);

#endif
