// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of online memory: free in a chunk, on their way through the allocator, or in use. */
#include "model/compare_page.h"

/* Flags that page_check_online() speaks of whatever the page is. */
static uint64_t judged_flags(const struct page_check *c)
{
	return layout_flag_mask(c->m->layout, "reserved") |
	       layout_flag_mask(c->m->layout, "hwpoison");
}

static void check_buddy(const struct page_check *c, const struct page_run *run)
{
	/* PG_reported (free page reporting) is another name of PG_uptodate */
	uint64_t allowed = layout_flag_mask(c->m->layout, "uptodate") | judged_flags(c);
	const struct page_state *s = &run->state;
	uint64_t size = s->order >= 0 && s->order <= MAX_BUDDY_ORDER ? 1ull << s->order : 1;

	if (s->refcount > 0)
		page_report(c, "page.refcount", run, "refcount=0 in the buddy");
	if (page_has_stray_type(c, run))
		page_report(c, "page.type", run, "type=buddy and nothing else in its word");
	if (s->flags & ~allowed)
		page_report(c, "page.flags", run, "no flags in the buddy");
	if (s->order > MAX_BUDDY_ORDER || run->pfn % size || (run->nr > 1 && size > 1))
		page_report(c, "page.buddy", run, "order of at most 10, aligned to it");
}

static void check_compound(const struct page_check *c, const struct page_run *run,
			   const struct page_map *pages)
{
	const struct page_run *head = page_map_find(pages, (uint64_t)run->state.head_pfn);

	if (run->state.head_pfn >= (int64_t)run->pfn || run->state.head_pfn < 0 ||
	    (head && !(head->state.flags & layout_flag_mask(c->m->layout, "head"))))
		page_report(c, "page.compound", run, "a tail of a head in front of it");
	if (run->state.refcount > 0)
		page_report(c, "page.refcount", run, "refcount=0 in a compound tail");
}

/* Behind the head of a free chunk nothing is set: whoever gets a part of it relies on that. */
static void check_in_chunk(const struct page_check *c, const struct page_run *run)
{
	const struct page_state *s = &run->state;

	if (s->order != PAGE_NO_ORDER)
		page_report(c, "page.buddy", run, "no free chunk inside another");
	else if (s->mapcount > 0 || (s->type >= 0 && !page_has_type(c, run, "offline")))
		page_report(c, "page.type", run, "type=none mapcount=0 inside a free chunk");
	if (s->refcount > 0)
		page_report(c, "page.refcount", run, "refcount=0 inside a free chunk");
	if (s->flags & ~judged_flags(c))
		page_report(c, "page.flags", run, "no flags inside a free chunk");
	if (s->head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page inside a free chunk");
}

/*
 * A page that nobody holds and that is in no free chunk waits on a per-cpu list.  In other zones it
 * may be the tail of a chunk that the kernel allocated without __GFP_COMP, which may do with it
 * what it likes.
 */
static void check_idle(const struct page_check *c, const struct page_run *run)
{
	const struct page_state *s = &run->state;

	if (c->span->zone != MODEL_MOVABLE || s->refcount || s->type != PAGE_TYPE_NONE ||
	    s->head_pfn != PAGE_NO_HEAD || page_has_flag(c, run, "head"))
		return;
	if (s->flags & ~judged_flags(c))
		page_report(c, "page.flags", run, "no flags on a page that nobody holds");
	if (s->mapcount > 0)
		page_report(c, "page.type", run, "mapcount=0 on a page that nobody holds");
}

void page_check_online(const struct page_check *c, const struct page_run *run,
		       const struct page_map *pages)
{
	if (run->state.all_zero || run->state.all_ones) {
		page_report(c, "page.flags", run, "an initialised page");
		return; /* whatever else its bytes seem to say is no news */
	}
	if (page_has_flag(c, run, "reserved"))
		page_report(c, "page.reserved", run, "not reserved");
	if (page_has_flag(c, run, "hwpoison"))
		page_report(c, "page.flags", run, "not hwpoison");
	if (page_has_type(c, run, "offline"))
		page_report(c, "page.offline", run, "not type=offline");
	if (run->state.type == PAGE_TYPE_UNKNOWN)
		page_report(c, "page.type", run, "a type that this kernel has");
	if (run->state.refcount < 0)
		page_report(c, "page.refcount", run, "refcount of at least 0");
	if (run->state.mapcount < 0)
		page_report(c, "page.type", run, "mapcount of at least 0");
	if (run->pfn < c->chunk_end)
		check_in_chunk(c, run);
	else if (run->state.order != PAGE_NO_ORDER)
		check_buddy(c, run);
	else if (run->state.head_pfn != PAGE_NO_HEAD)
		check_compound(c, run, pages);
	else
		check_idle(c, run);
	if (c->span->zone == MODEL_MOVABLE &&
	    (page_has_type(c, run, "slab") || page_has_type(c, run, "table") ||
	     page_has_flag(c, run, "slab")))
		page_report(c, "page.movable", run, "no slab and no page table");
	page_check_links(c, run);
}
