/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memmap_holders: which pages of RAM hold the struct pages of others.  Level 4, part of witness.
 *
 * The memmap of hotplugged memory is mapped into the vmemmap from pages that the kernel allocates
 * when the memory is added; where they are stands in the page tables alone.
 */
#ifndef RIG_WITNESS_MEMMAP_HOLDERS_H
#define RIG_WITNESS_MEMMAP_HOLDERS_H

#include <stddef.h>
#include <stdint.h>

#include "page/memmap.h"
#include "witness/page_tables.h"

struct holder_range {
	uint64_t pfn, end;
};

struct holder_list {
	struct holder_range *range;	/* ascending, apart from each other */
	size_t nr, cap;
};

/**
 * memmap_holders_find() - the pages that hold the struct pages of those in @of
 * What is not mapped has no holder: memmap_read() says what is wrong there.
 * @max_pages: -E2BIG when those are more
 * Errors: as page_tables_translate() and memmap_next().  The caller deinits @ret, also on failure.
 */
int memmap_holders_find(struct memmap *m, struct page_tables *t, const struct holder_range *of,
			uint64_t max_pages, struct holder_list *ret) RIG_CHECKED;
void holder_list_deinit(struct holder_list *l);

#endif
