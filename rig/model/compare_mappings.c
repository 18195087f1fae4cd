// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's page tables say of memory that comes and goes: its direct map. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/span.h"

/*
 * Such a kernel takes each page that is free out of its direct map (debug_pagealloc), and for that maps nothing large.
 * A page that was free when it went offline stays out of it, and even when its memory has gone and comes again.
 */
static bool unmaps_free_pages(const struct model *m)
{
	uint64_t mib2 = 0, gib1 = 0;

	counters_number(&m->base->counters, "/proc/meminfo", "DirectMap2M", &mib2);
	counters_number(&m->base->counters, "/proc/meminfo", "DirectMap1G", &gib1);
	return !mib2 && !gib1;
}

/*
 * What the kernel has for itself, such as code, it maps as it likes, and before d597416683d5 ("x86/mm: Inhibit _PAGE_NX
 * changes from cpa_process_alias()", v6.2) what was code stays executable in the direct map.  Nobody does that to
 * movable pages.
 */
static bool is_as_added(const struct model_span *span)
{
	return !span->block || !span->block->had_kernel;
}

/* A page of a kernel zone may be out of the direct map while it is in use. */
static bool is_mapped(const struct model *m, const struct model_span *span)
{
	return span->namespace || ((!span->online || is_as_added(span)) && !unmaps_free_pages(m));
}

/* A stretch of @span that @map has as one. */
static void compare_mapped(const struct check *c, const struct model_span *span, const struct mapping *map, uint64_t start,
			   uint64_t end)
{
	char expected[MAPPING_TEXT_BYTES + 32], seen[MAPPING_TEXT_BYTES + 64], must[MAPPING_TEXT_BYTES], is[MAPPING_TEXT_BYTES];
	unsigned int attributes = map->attributes;
	uint64_t to = map->pfn + (start - map->page);

	if (to != start) {
		snprintf(seen, sizeof(seen), "its first page leads to pfn 0x%" PRIx64, to);
		check_pages(c, "directmap.mapped", start, end - start, "each page is mapped to itself", seen);
	}
	if (is_as_added(span) ? attributes == MAPPING_WRITABLE : !(attributes & MAPPING_USER))
		return;
	snprintf(expected, sizeof(expected), "mapped %s", mapping_attributes_text(MAPPING_WRITABLE, must));
	snprintf(seen, sizeof(seen), "mapped %s", mapping_attributes_text(attributes, is));
	check_pages(c, "directmap.attributes", start, end - start, expected, seen);
}

static void compare_span(const struct check *c, const struct model_span *span)
{
	const struct mapping_list *l = &c->s->direct_map;
	bool must = is_mapped(c->m, span);
	uint64_t at = span->start;

	for (size_t i = mapping_find(l, at); at < span->end; i++) {
		const struct mapping *map = i < l->nr && l->v[i].page < span->end ? &l->v[i] : NULL;
		uint64_t start = map && map->page > at ? map->page : map ? at : span->end;

		if (must && start > at)
			check_pages(c, "directmap.mapped", at, start - at, "each page is mapped to itself", "not mapped");
		if (!map)
			return;
		at = map->page + map->nr < span->end ? map->page + map->nr : span->end;
		compare_mapped(c, span, map, start, at);
	}
}

/*
 * The end of the part of [@start, @end) that boot had, as mapped pages or as RAM, which it may take out of the map and
 * put back (KFENCE, debug_pagealloc); or where the first such part begins, when that is not @start.
 */
static uint64_t end_of_part(const struct model *m, uint64_t start, uint64_t end, bool *of_boot)
{
	const struct mapping_list *was = &m->base->direct_map;
	size_t k = mapping_find(was, start);

	*of_boot = k < was->nr && was->v[k].page <= start;
	if (*of_boot)
		return was->v[k].page + was->v[k].nr < end ? was->v[k].page + was->v[k].nr : end;
	if (k < was->nr && was->v[k].page < end)
		end = was->v[k].page;
	for (size_t i = 0; i < m->base->nr_iomem; i++) {
		const struct range_entry *e = &m->base->iomem[i];
		uint64_t first = e->start >> LAYOUT_PAGE_SHIFT, stop = (e->end >> LAYOUT_PAGE_SHIFT) + 1;

		if (strncmp(e->name, "System RAM", 10) || stop <= start)
			continue;
		if (first <= start) {
			*of_boot = true;
			return stop < end ? stop : end;
		}
		end = first < end ? first : end;
	}
	return end;
}

/* Report what of [@start, @end) boot did not have. */
static void compare_left(const struct check *c, const struct mapping *map, uint64_t start, uint64_t end)
{
	uint64_t stop;
	char seen[64];

	for (; start < end; start = stop) {
		bool of_boot;

		stop = end_of_part(c->m, start, end, &of_boot);
		if (of_boot)
			continue;
		snprintf(seen, sizeof(seen), "mapped to pfn 0x%" PRIx64, map->pfn + (start - map->page));
		check_pages(c, "directmap.residue", start, stop - start, "not mapped: nothing is there", seen);
	}
}

static void compare_direct_map(const struct check *c, const struct model_span *span, size_t nr_spans)
{
	const struct mapping_list *l = &c->s->direct_map;
	size_t k = 0;

	for (size_t i = 0; i < nr_spans; i++)
		compare_span(c, &span[i]);
	/* and what is mapped beside all spans */
	for (size_t i = 0; i < l->nr; i++) {
		uint64_t at = l->v[i].page, end = at + l->v[i].nr;

		while (k < nr_spans && span[k].end <= at)
			k++;
		for (size_t n = k; at < end; n++) {
			uint64_t stop = n < nr_spans && span[n].start < end ? span[n].start : end;

			if (stop > at)
				compare_left(c, &l->v[i], at, stop);
			at = n < nr_spans ? span[n].end : end;
		}
	}
}

void compare_mappings(const struct check *c)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr_spans;

	if (c->m->base->direct_map.nr && c->s->direct_map.nr) {
		nr_spans = model_spans(c->m, &span);
		compare_direct_map(c, span, nr_spans);
	}
}
