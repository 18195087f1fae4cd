// SPDX-License-Identifier: GPL-2.0-or-later
/* What of RAM /proc/kcore shows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"

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
}
