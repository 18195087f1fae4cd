// SPDX-License-Identifier: GPL-2.0-or-later
/* What must add up over whole zones, and what boot memory must look like at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model.h"

struct tally {
	unsigned int node;
	uint8_t zone;		/* index in the layout */
	uint64_t pages;		/* with a memmap that says so, not PG_reserved, not PageOffline */
	uint64_t free;		/* on free lists: covered by a buddy head */
	uint64_t idle;		/* not covered, no reference, no tail, not frozen: per-cpu lists */
};

static struct tally *tally_of(struct tally *t, size_t *nr, unsigned int node, uint8_t zone)
{
	for (size_t i = 0; i < *nr; i++)
		if (t[i].node == node && t[i].zone == zone)
			return &t[i];
	if (*nr == 64)
		return NULL;
	t[*nr] = (struct tally){ .node = node, .zone = zone };
	return &t[(*nr)++];
}

/* Walks the map with the end of the last buddy chunk in hand. */
static size_t tally_all(const struct model *m, const struct page_map *pages, struct tally *t)
{
	uint64_t reserved = layout_flag_mask(m->layout, "reserved"), head = layout_flag_mask(m->layout, "head");
	int offline = layout_type_index(m->layout, "offline");
	uint64_t covered = 0;
	size_t nr = 0;

	for (size_t i = 0; i < pages->nr; i++) {
		const struct page_run *r = &pages->run[i];
		const struct page_state *s = &r->state;
		struct model_device *d;
		const struct model_block *b =
			model_block_find(m, (uint32_t)(r->pfn / m->block_pages), &d);
		uint64_t in_chunk;
		struct tally *z;

		/* only what is online belongs to a zone; boot RAM always is */
		if ((b && b->class != PAGE_ONLINE) || s->flags & reserved || s->all_ones ||
		    (s->type >= 0 && s->type == offline))
			continue;
		z = tally_of(t, &nr, s->node, s->zone);
		if (!z)
			continue;
		z->pages += r->nr;
		if (s->order != PAGE_NO_ORDER) {
			z->free += r->nr << s->order;
			covered = r->pfn + (r->nr << s->order);
			continue;
		}
		in_chunk = covered > r->pfn ? covered - r->pfn : 0;
		if (in_chunk > r->nr)
			in_chunk = r->nr;
		if (s->refcount == 0 && s->head_pfn == PAGE_NO_HEAD && !(s->flags & head) &&
		    s->type == PAGE_TYPE_NONE)
			z->idle += r->nr - in_chunk;
	}
	return nr;
}

static void balance_zone(const struct zone_count *z, const struct tally *t, const char *step,
			 struct findings *out)
{
	char what[128];

	if (t->pages != z->managed) {
		snprintf(what, sizeof(what), "node %u zone %s: %" PRIu64 " managed pages (zoneinfo)", z->node,
			 z->name, z->managed);
		finding_addf(out, step, "zone.balance", what,
			     "%" PRIu64 " pages that are neither reserved nor offline", t->pages);
	}
	if (!z->quiet)
		return;
	if (t->free != z->free) {
		snprintf(what, sizeof(what), "node %u zone %s: free lists of %" PRIu64 " pages (zoneinfo)",
			 z->node, z->name, z->free);
		finding_addf(out, step, "zone.free", what, "%" PRIu64 " pages in buddy chunks", t->free);
	}
	/*
	 * The pages of an allocation of higher order that is no compound page (DMA pools) have no
	 * reference except the first, so elsewhere there may be more; none of these is movable.
	 */
	if (strcmp(z->name, "Movable") ? t->idle < z->pcp : t->idle != z->pcp) {
		snprintf(what, sizeof(what), "node %u zone %s: per-cpu lists of %" PRIu64 " pages (zoneinfo)",
			 z->node, z->name, z->pcp);
		finding_addf(out, step, "zone.pcp", what,
			     "%" PRIu64 " pages without reference outside the free lists", t->idle);
	}
}

void model_balance(const struct model *m, const struct snapshot *s, const char *step,
		   struct findings *out)
{
	struct tally t[64];
	size_t nr = m->raw ? tally_all(m, &s->pages, t) : 0;

	for (size_t i = 0; m->raw && i < s->nr_zones; i++) {
		const struct zone_count *z = &s->zone[i], *boot = snapshot_zone(m->base, z->node, z->name);
		struct tally none = { 0 }, *seen = &none;

		/* only a zone whose every page was looked at can be added up */
		if (!s->whole && boot && boot->present)
			continue;
		for (size_t k = 0; k < nr; k++)
			if (t[k].node == z->node && t[k].zone < m->layout->nr_zones &&
			    !strcmp(m->layout->zone_name[t[k].zone], z->name))
				seen = &t[k];
		balance_zone(z, seen, step, out);
	}
}

void model_compare_boot(const struct model *m, const struct snapshot *start, const struct snapshot *end,
			const char *step, struct findings *out)
{
	uint64_t reserved = layout_flag_mask(m->layout, "reserved");
	size_t k = 0;

	for (size_t i = 0; m->raw && i < start->pages.nr; i++) {
		const struct page_run *a = &start->pages.run[i];

		for (uint64_t pfn = a->pfn; pfn < a->pfn + a->nr; ) {
			struct finding f = { .invariant = "boot.reserved", .kind = FAIL_INVARIANT,
					     .has_pfn = true, .first_pfn = pfn };
			const struct page_run *b;
			uint64_t stop;

			while (k < end->pages.nr && end->pages.run[k].pfn + end->pages.run[k].nr <= pfn)
				k++;
			b = k < end->pages.nr && end->pages.run[k].pfn <= pfn ? &end->pages.run[k] : NULL;
			if (!b) {	/* sections and memmap.readable speak of that */
				pfn++;
				continue;
			}
			stop = b->pfn + b->nr < a->pfn + a->nr ? b->pfn + b->nr : a->pfn + a->nr;
			f.nr_pfns = stop - pfn;
			snprintf(f.step, sizeof(f.step), "%s", step);
			if ((a->state.flags ^ b->state.flags) & reserved) {
				snprintf(f.expected, sizeof(f.expected), "boot page: %sreserved as at the start",
					 a->state.flags & reserved ? "" : "not ");
				page_state_text(m->layout, &b->state, f.seen, sizeof(f.seen));
				finding_add(out, &f);
			}
			if (a->state.zone != b->state.zone || a->state.node != b->state.node) {
				strcpy(f.invariant, a->state.zone != b->state.zone ? "page.zone" : "page.node");
				snprintf(f.expected, sizeof(f.expected),
					 "boot page: zone and node as at the start");
				page_state_text(m->layout, &b->state, f.seen, sizeof(f.seen));
				finding_add(out, &f);
			}
			pfn = stop;
		}
	}
}
