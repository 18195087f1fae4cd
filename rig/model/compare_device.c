// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages of ZONE_DEVICE: PG_reserved for life, never in the allocator, compound where a devdax asks for it. */
#include <inttypes.h>
#include <stdio.h>

#include "model/compare_page.h"

#define FIRST_TAILS 4u	/* and their head: each is unlike the others */
#define ORDER_MASK 0xffull	/* of the first tail's flags: the order of the compound page, since v6.6 */

static void check_flags(const struct page_check *c, const struct page_run *run, uint64_t must, const char *text)
{
	if (run->state.flags != must)
		page_report(c, "page.flags", run, text);
}

static void check_untyped(const struct page_check *c, const struct page_run *run)
{
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none mapcount=0");
}

/*
 * A page of devdax tells since it was first mapped where in the device it is (dax_set_mapping()); one of fsdax in which
 * file, as long as the file has it (dax_associate_entry()).  Others tell nothing.
 */
static void check_mapping(const struct page_check *c, const struct page_run *run)
{
	const struct model_namespace *ns = c->span->namespace;
	int64_t origin = run->state.origin;
	char expected[96];

	/* pages in front of the data have the list head of their initialisation there */
	if (c->span->class != PAGE_DEVICE || origin == PAGE_ORIGIN_UNKNOWN || origin == PAGE_ORIGIN_NONE)
		return;
	if (origin == PAGE_ORIGIN_DATA || (ns->mode != MODEL_DEVDAX && !ns->mounted)) {
		page_report(c, "page.mapping", run, "no mapping and no zone_device_data");
	} else if (ns->mode == MODEL_DEVDAX && origin != (int64_t)ns->data_pfn) {
		snprintf(expected, sizeof(expected), "no mapping, or index counted from pfn 0x%" PRIx64, ns->data_pfn);
		page_report(c, "page.mapping", run, expected);
	}
}

static void check_single(const struct page_check *c, const struct page_run *run)
{
	check_flags(c, run, layout_flag_mask(c->m->layout, "reserved"), "flags=reserved");
	check_untyped(c, run);
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	check_mapping(c, run);
}

static void check_head(const struct page_check *c, const struct page_run *run)
{
	check_flags(c, run, layout_flag_mask(c->m->layout, "reserved") | layout_flag_mask(c->m->layout, "head"),
		    "flags=reserved,head");
	check_untyped(c, run);
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "a head");
	check_mapping(c, run);
}

static void check_tails(const struct page_check *c, const struct page_run *run, uint64_t head)
{
	uint64_t flags = run->state.flags, reserved = layout_flag_mask(c->m->layout, "reserved");
	int order = __builtin_ctzll(c->span->compound_pages);
	char expected[64];

	if (run->pfn == head + 1 && (flags & ORDER_MASK) == (uint64_t)order)
		flags &= ~ORDER_MASK;
	/* not every reader knows it */
	if (run->pfn == head + 1 && run->state.tail_order && run->state.tail_order != order + 1) {
		struct page_run first = *run;

		/* it is its own: without it those of all compound pages are one finding */
		first.state.head_pfn = PAGE_NO_HEAD;
		snprintf(expected, sizeof(expected), "order=%d in the first tail", order);
		page_report(c, "page.compound", &first, expected);
	}
	if (flags != reserved)
		page_report(c, "page.flags", run, "flags=reserved");
	/* the first tails hold what is known of the whole */
	if (run->pfn >= head + FIRST_TAILS)
		check_untyped(c, run);
	if (run->state.refcount)
		page_report(c, "page.refcount", run, "refcount=0 in a compound tail");
	if (run->state.head_pfn != (int64_t)head)
		page_report(c, "page.compound", run, "a tail of the head in front of it");
}

/* Heads stand where the memmap of the namespace begins and every so many pages from there. */
static void check_compounds(const struct page_check *c, const struct page_run *run)
{
	uint64_t size = c->span->compound_pages, end = run->pfn + run->nr, stop;

	for (uint64_t pfn = run->pfn; pfn < end; pfn = stop) {
		uint64_t head = pfn - (pfn - c->span->start) % size;
		struct page_run part = *run;

		stop = pfn - head < FIRST_TAILS ? pfn + 1 : head + size;
		if (stop > end)
			stop = end;
		part.pfn = pfn;
		part.nr = stop - pfn;
		if (pfn == head)
			check_head(c, &part);
		else
			check_tails(c, &part, head);
	}
}

void page_check_device(const struct page_check *c, const struct page_run *run)
{
	if (c->span->compound_pages > 1)
		check_compounds(c, run);
	else
		check_single(c, run);
	page_check_links(c, run);
}
