// SPDX-License-Identifier: GPL-2.0-or-later
/* The pages that hold the memmap of what is plugged. */
#include <stdio.h>

#include "model/compare.h"

static void report(const struct check *c, const struct page_run *run, const char *expected)
{
	char text[256], seen[512];

	snprintf(text, sizeof(text), "page that holds a memmap: %s", expected);
	page_state_text(c->m->layout, &run->state, seen, sizeof(seen));
	check_pages(c, "memmap.held", run->pfn, run->nr, text, seen);
}

/*
 * Those in a plugged device are judged by their own class: a memory block may hold its own memmap, which
 * is marked in ways of its own.  All others came from the buddy, and those it never marks: "really only
 * vmemmap pages from memblock are reserved" (thread 002).
 */
void compare_holders(const struct check *c)
{
	uint64_t reserved = layout_flag_mask(c->m->layout, "reserved");
	int buddy = layout_type_index(c->m->layout, "buddy");

	for (size_t i = 0; i < c->s->holders.nr; i++) {
		const struct page_run *run = &c->s->holders.run[i];

		if (model_block_find(c->m, (uint32_t)(run->pfn / c->m->block_pages), NULL))
			continue;
		if (run->state.flags & reserved)
			report(c, run, "not PG_reserved");
		if (buddy >= 0 && run->state.type == buddy)
			report(c, run, "not free");
	}
}
