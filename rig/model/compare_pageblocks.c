// SPDX-License-Identifier: GPL-2.0-or-later
/* Pageblocks: none is left isolated, and each is of a type that its zone can have. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/span.h"

#define ONE(type)   (1u << PAGEBLOCK_##type)
#define ORDINARY    (ONE(UNMOVABLE) | ONE(MOVABLE) | ONE(RECLAIMABLE) | ONE(HIGHATOMIC))
#define ANY	    (~0u)

/*
 * The types that a pageblock of a span may have.  Memory that is not online keeps what it had: offlining
 * isolates and leaves it so, and nobody looks.  memmap_init_zone_device() sets the pageblock of each struct
 * page that it initialises: of large compound pages these are not all.
 */
static unsigned int allowed(const struct model_span *s)
{
	bool device = s->class == PAGE_DEVICE || s->class == PAGE_DEVICE_MEMMAP;

	if (device)
		return s->compound_pages <= LAYOUT_PAGEBLOCK_PAGES ? ONE(MOVABLE) : ANY;
	if (!s->online)
		return ANY;
	if (s->class == PAGE_SELF_HOSTED)
		return ONE(UNMOVABLE);
	return s->zone == MODEL_MOVABLE ? ONE(MOVABLE) : ORDINARY;
}

static const char *must_be(unsigned int types)
{
	return types == ONE(MOVABLE) ? "movable" : types == ONE(UNMOVABLE) ? "unmovable" :
	       "unmovable, movable, reclaimable or highatomic";
}

static void report(const struct check *c, const char *where, unsigned int types, uint64_t pfn, uint64_t nr,
		   enum pageblock_type type)
{
	bool isolated = type == PAGEBLOCK_ISOLATE;
	char expected[256];

	snprintf(expected, sizeof(expected), "%s: pageblocks that are %s", where, isolated ? "not isolated" : must_be(types));
	check_pages(c, isolated ? "pageblock.isolated" : "pageblock.type", pfn, nr, expected, pageblock_type_name(type));
}

/* The next pageblock whose first page another span, or none, may hold. */
static uint64_t border(const struct model_span *span, size_t nr, uint64_t pfn)
{
	uint64_t next = UINT64_MAX - LAYOUT_PAGEBLOCK_PAGES;

	for (size_t i = nr; i--; )
		next = span[i].start > pfn ? span[i].start : span[i].end > pfn ? span[i].end : next;
	return (next + LAYOUT_PAGEBLOCK_PAGES - 1) / LAYOUT_PAGEBLOCK_PAGES * LAYOUT_PAGEBLOCK_PAGES;
}

void compare_pageblocks(const struct check *c)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr_spans = model_spans(c->m, &span);

	for (size_t i = 0; i < c->s->pageblocks.nr; i++) {
		const struct pageblock_run *r = &c->s->pageblocks.run[i];
		uint64_t end;

		for (uint64_t pfn = r->pfn; pfn < r->pfn + r->nr; pfn = end) {
			const struct model_span *s = span_at(span, nr_spans, pfn);
			unsigned int types = s ? allowed(s) : ORDINARY | ONE(CMA);

			end = border(span, nr_spans, pfn);
			end = end < r->pfn + r->nr ? end : r->pfn + r->nr;
			if (!(types >> r->type & 1))
				report(c, s ? page_class_name(s->class) : "boot memory", types, pfn, end - pfn, r->type);
		}
	}
}
