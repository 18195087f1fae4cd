// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/span.h"

struct span_list {
	const struct model *m;
	struct model_span *v;
	size_t n, cap;
};

static void add_piece(struct span_list *list, struct model_span span, uint64_t start, uint64_t end)
{
	if (start >= end)
		return;
	span.start = start;
	span.end = end;
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = span;
}

/* A poisoned page is a span of its own: it stays what it is whether its block is online or not. */
static void add(struct span_list *list, const struct model_span *span)
{
	struct model_span poisoned = *span;
	uint64_t pfn = span->start, next;

	poisoned.class = PAGE_POISONED;
	for (; pfn < span->end && (span->class == PAGE_ONLINE || span->class == PAGE_OFFLINED); pfn = next + 1) {
		next = model_next_poisoned(list->m, pfn, span->end);
		if (next == span->end)
			break;
		add_piece(list, *span, pfn, next);
		add_piece(list, poisoned, next, next + 1);
	}
	add_piece(list, *span, pfn, span->end);
}

/* What is not plugged in a block of virtio-mem is PageOffline in its midst. */
static struct model_span unit_span(const struct model_span *block, enum unit_state state)
{
	struct model_span s = *block;

	if (state == UNIT_PLUGGED || state == UNIT_FRESH)
		return s;
	s.class = block->online ? PAGE_FAKE_OFFLINE : PAGE_FAKE_OFFLINED;
	s.never_online = state == UNIT_NEVER_ONLINE;
	s.any_dirty = state == UNIT_UNTOLD;
	return s;
}

static bool same_unit(enum unit_state a, enum unit_state b)
{
	return a == b || ((a == UNIT_PLUGGED || a == UNIT_FRESH) && (b == UNIT_PLUGGED || b == UNIT_FRESH));
}

static void add_units(struct span_list *list, const struct model_span *block)
{
	const struct model_block *b = block->block;
	uint64_t pages = block->device->unit_pages;

	for (size_t i = 0, first = 0; i < b->nr_units; i++) {
		struct model_span s;

		if (i + 1 < b->nr_units && same_unit(b->unit[i + 1], b->unit[first]))
			continue;
		s = unit_span(block, b->unit[first]);
		s.start = block->start + first * pages;
		s.end = block->start + (i + 1) * pages;
		add(list, &s);
		first = i + 1;
	}
}

static void add_block(struct span_list *list, const struct model *m, const struct model_device *d,
		      const struct model_block *b)
{
	struct model_span s = {
		.start = (uint64_t)b->id * m->block_pages, .class = b->class, .zone = b->zone, .node = d->node,
		.online = b->class == PAGE_ONLINE, .hosted = b->hosted_pages, .device = d, .block = b,
	};
	struct model_span host = s;

	s.end = s.start + m->block_pages;
	if (b->hosted_pages && b->class != PAGE_ADDED) {
		host.end = s.start += b->hosted_pages;
		host.class = PAGE_SELF_HOSTED;
		add(list, &host);
	}
	if (b->nr_units && (b->class == PAGE_ONLINE || b->class == PAGE_OFFLINED))
		add_units(list, &s);
	else
		add(list, &s);
}

/* Source: memmap_init_zone_device(), __nvdimm_setup_pfn(). */
static void add_namespace(struct span_list *list, const struct model *m, const struct model_namespace *ns)
{
	struct model_span s = {
		.start = ns->start_pfn, .end = ns->end_pfn, .class = PAGE_DEVICE, .zone = MODEL_DEVICE,
		.node = ns->node, .compound_pages = ns->mode == MODEL_DEVDAX ? ns->align_pages : 1, .namespace = ns,
	};
	struct model_span reserved = s, memmap = s;

	if (!model_namespace_has_memmap(m, ns))
		return;
	if (ns->map_dev && ns->mode != MODEL_RAW) {
		reserved.class = PAGE_DRIVER_RESERVED;
		reserved.end = memmap.start = ns->start_pfn + MODEL_INFO_BLOCK_PAGES;
		memmap.class = PAGE_DEVICE_MEMMAP;
		memmap.compound_pages = 1;
		memmap.end = s.start = ns->data_pfn;
		add(list, &reserved);
		add(list, &memmap);
	}
	add(list, &s);
}

static int by_start(const void *a, const void *b)
{
	const struct model_span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

size_t model_spans(const struct model *m, struct model_span **ret)
{
	struct span_list list = { .m = m };

	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; k < m->device[i].nr_blocks; k++)
			add_block(&list, m, &m->device[i], &m->device[i].block[k]);
	for (size_t i = 0; i < m->nr_namespaces; i++)
		add_namespace(&list, m, &m->namespace[i]);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_start);
	*ret = list.v;
	return list.n;
}

bool span_is_managed(const struct model_span *span)
{
	return span->class == PAGE_ONLINE || (span->class == PAGE_POISONED && span->online);
}

/* Whole sub-sections that nothing has now; others may be kept by RAM beside it. */
static void add_left(struct span_list *list, const struct model *m, const struct model_device *d,
		     const struct model_span *span, size_t nr)
{
	const uint64_t pages = 1u << (LAYOUT_SUBSECTION_SHIFT - LAYOUT_PAGE_SHIFT);
	uint64_t end = d->start_pfn + d->nr_pages;

	for (uint64_t pfn = (d->start_pfn + pages - 1) / pages * pages; pfn + pages <= end; pfn += pages) {
		struct model_span s = {
			.start = pfn, .end = pfn + pages, .class = PAGE_DEVICE_LEFT, .zone = MODEL_DEVICE, .node = d->node,
			.compound_pages = 1,
		};
		bool taken = !model_early_section(m, pfn / m->layout->pages_per_section);

		for (size_t i = 0; i < nr && !taken; i++)
			taken = span[i].start < s.end && span[i].end > s.start;
		if (taken)
			continue;
		if (list->n && list->v[list->n - 1].end == pfn)
			list->v[list->n - 1].end = s.end;
		else
			add(list, &s);
	}
}

/* What a range carved out of boot RAM had of early sections: their memmap stays. */
size_t model_left_spans(const struct model *m, struct model_span **ret)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr = model_spans(m, &span);
	struct span_list list = { 0 };

	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->raw && m->device[i].kind == MODEL_E820_PMEM)
			add_left(&list, m, &m->device[i], span, nr);
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_start);
	*ret = list.v;
	return list.n;
}

const struct model_span *span_at(const struct model_span *span, size_t nr, uint64_t pfn)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pfn < span[mid].start)
			high = mid;
		else if (pfn >= span[mid].end)
			low = mid + 1;
		else
			return &span[mid];
	}
	return NULL;
}

size_t model_memmap_ranges(const struct model *m, struct model_range **ret)
{
	AUTO_FREE struct model_span *span = NULL, *left = NULL;
	size_t nr_spans = model_spans(m, &span), nr_left = model_left_spans(m, &left), i = 0, k = 0, nr = 0;
	struct model_range *list = xcalloc(nr_spans + nr_left + 1, sizeof(*list));

	while (i < nr_spans || k < nr_left) {
		bool is_left = i == nr_spans || (k < nr_left && left[k].start < span[i].start);
		const struct model_span *s = is_left ? &left[k++] : &span[i++];

		if (!nr || list[nr - 1].end != s->start)
			list[nr++].start = s->start;
		list[nr - 1].end = s->end;
	}
	*ret = list;
	return nr;
}
