// SPDX-License-Identifier: GPL-2.0-or-later
/* What /proc/kcore shows: RAM, its memmap, and as zeroes what nobody may read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/span.h"

#define PAGE_BYTES (1ull << LAYOUT_PAGE_SHIFT)

static int by_start(const void *a, const void *b)
{
	const struct model_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static size_t seen_ram(const struct snapshot *s, struct model_range **ret)
{
	struct model_range *list = xcalloc(s->nr_kcore + 1, sizeof(*list));
	size_t nr = 0;

	for (size_t i = 0; i < s->nr_kcore; i++) {
		const struct kcore_segment *k = &s->kcore[i];

		if (snapshot_kcore_is_ram(k))
			list[nr++] = (struct model_range){ k->paddr >> LAYOUT_PAGE_SHIFT,
							   (k->paddr + k->size_bytes) >> LAYOUT_PAGE_SHIFT };
	}
	qsort(list, nr, sizeof(*list), by_start);
	*ret = list;
	return nr;
}

/* node_end_pfn() of the last node with memory; what zoneinfo alone shows of it where there is no better */
static uint64_t memory_end(const struct snapshot *s)
{
	uint64_t nodes = node_mask(s->has_memory), end = 0;

	for (size_t i = 0; i < s->nr_nodes; i++) {
		const struct node_count *n = &s->node[i];

		if (n->node < 64 && nodes >> n->node & 1 && n->start_pfn + n->spanned > end)
			end = n->start_pfn + n->spanned;
	}
	for (size_t i = 0; i < s->nr_zones && !s->nr_nodes; i++) {
		const struct zone_count *z = &s->zone[i];

		if (z->node < 64 && nodes >> z->node & 1 && z->spanned && z->start_pfn + z->spanned > end)
			end = z->start_pfn + z->spanned;
	}
	return end;
}

/* kcore_ram_list(): System RAM up to there, each resource by itself */
static size_t expected_ram(const struct snapshot *s, struct model_range **ret)
{
	struct model_range *list = xcalloc(s->nr_iomem + 1, sizeof(*list));
	uint64_t last = memory_end(s);
	size_t nr = 0;

	for (size_t i = 0; i < s->nr_iomem; i++) {
		const struct range_entry *e = &s->iomem[i];
		uint64_t start = (e->start + (1 << LAYOUT_PAGE_SHIFT) - 1) >> LAYOUT_PAGE_SHIFT;
		uint64_t end = (e->end + 1) >> LAYOUT_PAGE_SHIFT;

		if (strncmp(e->name, "System RAM", 10))
			continue;
		if (end > last)
			end = last;
		if (start < end)
			list[nr++] = (struct model_range){ start, end };
	}
	qsort(list, nr, sizeof(*list), by_start);
	*ret = list;
	return nr;
}

static void report(const struct check *c, const char *expected, const struct model_range *r)
{
	finding_addf(c->out, c->step, "kcore.ram", expected, "pfn 0x%" PRIx64 "-0x%" PRIx64, r->start, r->end - 1);
}

static bool has_range(const struct model_range *list, size_t nr, const struct model_range *r)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i].start == r->start && list[i].end == r->end)
			return true;
	return false;
}

static bool same(const struct model_range *a, size_t nr_a, const struct model_range *b, size_t nr_b)
{
	return nr_a == nr_b && (!nr_a || !memcmp(a, b, nr_a * sizeof(*a)));
}

static void renew(struct kcore_view *k, const struct snapshot *s)
{
	free(k->ram);
	k->nr = expected_ram(s, &k->ram);
	k->known = true;
}

/* get_sparsemem_vmemmap_info(): whole pages of struct pages, in bytes from the first struct page on; what one in front
 * of it has is left out */
static size_t expected_memmap(const struct model_range *ram, size_t nr_ram, uint64_t struct_bytes,
			      struct model_range *ret)
{
	size_t nr = 0;

	for (size_t i = 0; i < nr_ram; i++) {
		struct model_range r = {
			ram[i].start * struct_bytes & ~(PAGE_BYTES - 1),
			(ram[i].end * struct_bytes + PAGE_BYTES - 2) & ~(PAGE_BYTES - 1),
		};

		for (size_t k = 0; k < nr; k++)
			if (r.start < ret[k].end && r.end > ret[k].start)
				r.end = ret[k].start;
		if (r.start < r.end)
			ret[nr++] = r;
	}
	return nr;
}

static size_t seen_memmap(const struct snapshot *s, struct model_range **ret)
{
	struct model_range *list = xcalloc(s->nr_kcore + 1, sizeof(*list));
	size_t nr = 0;

	for (size_t i = 0; i < s->nr_kcore; i++)
		if (snapshot_kcore_is_memmap(&s->kcore[i]))
			list[nr++] = (struct model_range){ s->kcore[i].vaddr, s->kcore[i].vaddr + s->kcore[i].size_bytes };
	qsort(list, nr, sizeof(*list), by_start);
	*ret = list;
	return nr;
}

static void report_memmap(const struct check *c, const char *expected, const struct model_range *r)
{
	uint64_t bytes = c->m->layout->page_bytes;

	finding_addf(c->out, c->step, "kcore.memmap", expected, "struct pages of pfn 0x%" PRIx64 "-0x%" PRIx64,
		     r->start / bytes, r->end / bytes - 1);
}

/* Where the first struct page is, is known from the memmap of the first RAM at the start; its lack is found all the same. */
static void compare_memmap(const struct check *c, const struct model_range *ram, size_t nr_ram)
{
	AUTO_FREE struct model_range *seen = NULL, *first_seen = NULL, *first_ram = NULL;
	AUTO_FREE struct model_range *must = xcalloc(nr_ram + 1, sizeof(*must));
	size_t nr_must, nr_seen = seen_memmap(c->s, &seen), nr_first = seen_memmap(c->m->base, &first_seen);
	uint64_t bytes = c->m->layout->page_bytes, from;

	/* a kernel that has no such map, as far as anybody can tell */
	if (!bytes || (!nr_first && !c->s->memmap_map.nr) || !seen_ram(c->m->base, &first_ram))
		return;
	from = nr_first ? first_seen[0].start - (first_ram[0].start * bytes & ~(PAGE_BYTES - 1)) : 0;
	for (size_t i = 0; i < nr_seen; i++) {
		seen[i].start -= from;
		seen[i].end -= from;
	}
	nr_must = expected_memmap(ram, nr_ram, bytes, must);
	for (size_t i = 0; i < nr_must; i++)
		if (!has_range(seen, nr_seen, &must[i]))
			report_memmap(c, "the memmap of each segment of RAM, but missing is", &must[i]);
	for (size_t i = 0; i < nr_seen; i++)
		if (!has_range(must, nr_must, &seen[i]))
			report_memmap(c, "no memmap of anything else", &seen[i]);
}

static void compare_size(const struct check *c)
{
	uint64_t end = 0;

	for (size_t i = 0; i < c->s->nr_kcore; i++)
		if (c->s->kcore[i].offset + c->s->kcore[i].size_bytes > end)
			end = c->s->kcore[i].offset + c->s->kcore[i].size_bytes;
	check_differ(c, "kcore.size", "bytes of /proc/kcore", end, c->s->kcore_bytes);
}

static void compare_content(const struct check *c)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr = model_spans(c->m, &span);

	for (size_t i = 0; i < c->s->nr_kcore_pages; i++) {
		const struct kcore_page *p = &c->s->kcore_page[i];
		const struct model_span *is = span_at(span, nr, p->pfn);
		char expected[96], seen[64];

		if (!p->word || !is || (is->online && is->class != PAGE_FAKE_OFFLINE))
			continue;
		snprintf(expected, sizeof(expected), "%s page: zeroes in /proc/kcore", page_class_name(is->class));
		snprintf(seen, sizeof(seen), "0x%016" PRIx64, p->word);
		check_pages(c, "kcore.content", p->pfn, 1, expected, seen);
	}
}

void compare_kcore(struct model *m, const struct check *c)
{
	AUTO_FREE struct model_range *seen = NULL;
	struct kcore_view *k = &m->kcore;
	size_t nr;

	if (!c->s->nr_kcore)
		return;
	nr = seen_ram(c->s, &seen);
	if (!k->known)
		renew(k, m->base);
	if (k->unsure || k->shared ? !same(seen, nr, k->ram, k->nr) : k->changes != m->changes)
		renew(k, c->s);
	k->changes = m->changes;
	k->unsure = false;
	for (size_t i = 0; i < k->nr; i++)
		if (!has_range(seen, nr, &k->ram[i]))
			report(c, "a segment for each System RAM, but missing is", &k->ram[i]);
	for (size_t i = 0; i < nr; i++)
		if (!has_range(k->ram, k->nr, &seen[i]))
			report(c, "no segment for anything else", &seen[i]);
	compare_memmap(c, seen, nr);
	compare_size(c);
	compare_content(c);
}
