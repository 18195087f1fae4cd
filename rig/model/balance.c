// SPDX-License-Identifier: GPL-2.0-or-later
/* What must add up over whole zones, and what boot memory must look like at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/balance.h"
#include "model/compare_page.h"
#include "model/span.h"

const struct tally *tally_find(const struct tally *t, size_t nr, unsigned int node, size_t zone)
{
	for (size_t i = 0; i < nr; i++)
		if (t[i].node == node && t[i].zone == zone)
			return &t[i];
	return NULL;
}

static struct tally *tally_of(struct tally *t, size_t *nr, unsigned int node, uint8_t zone)
{
	const struct tally *known = tally_find(t, *nr, node, zone);

	if (known)
		return &t[known - t];
	if (*nr == 64)
		return NULL;
	t[*nr] = (struct tally){ .node = node, .zone = zone };
	return &t[(*nr)++];
}

/* What is not to be counted: kept from the allocator, or of no zone. */
struct exempt {
	uint64_t reserved;
	int offline;
};

static bool is_exempt(const struct exempt *x, const struct page_state *s)
{
	return s->flags & x->reserved || s->all_ones || (s->type >= 0 && s->type == x->offline);
}

/* @covered: the end of the buddy chunk that was seen last */
static void tally_run(const struct page_run *r, uint64_t head, struct tally *z, uint64_t *covered)
{
	const struct page_state *s = &r->state;
	uint64_t in_chunk = *covered > r->pfn ? *covered - r->pfn : 0;

	z->pages += r->nr;
	if (s->order != PAGE_NO_ORDER) {
		/* an order that cannot be is found elsewhere, and counts as one page */
		unsigned int order = s->order >= 0 && s->order <= MAX_BUDDY_ORDER ? (unsigned int)s->order : 0;

		z->free += r->nr << order;
		if (s->order >= 0 && s->order < (int)FREE_AREA_ORDERS)
			z->heads[s->order] += r->nr;
		*covered = r->pfn + (r->nr << order);
		return;
	}
	if (in_chunk > r->nr)
		in_chunk = r->nr;
	if (s->refcount == 0 && s->head_pfn == PAGE_NO_HEAD && !(s->flags & head) && s->type == PAGE_TYPE_NONE)
		z->idle += r->nr - in_chunk;
}

/* Boot RAM, and what is online of devices; runs may reach over the borders of spans. */
static size_t tally_all(const struct model *m, const struct page_map *pages, struct tally *t)
{
	const struct exempt exempt = { layout_flag_mask(m->layout, "reserved"), layout_type_index(m->layout, "offline") };
	uint64_t head = layout_flag_mask(m->layout, "head"), covered = 0;
	AUTO_FREE struct model_span *span = NULL;
	size_t nr_spans = model_spans(m, &span), at = 0, nr = 0;

	for (size_t i = 0; i < pages->nr; i++) {
		struct page_run r = pages->run[i];
		uint64_t end = r.pfn + r.nr;

		for (; r.pfn < end; r.pfn += r.nr) {
			bool in_span;
			struct tally *z;

			while (at < nr_spans && span[at].end <= r.pfn)
				at++;
			in_span = at < nr_spans && span[at].start <= r.pfn;
			r.nr = end - r.pfn;
			if (at < nr_spans && r.nr > (in_span ? span[at].end : span[at].start) - r.pfn)
				r.nr = (in_span ? span[at].end : span[at].start) - r.pfn;
			if ((in_span && !span_is_managed(&span[at])) || is_exempt(&exempt, &r.state) ||
			    (!in_span && model_carved_out(m, r.pfn)))
				continue;
			z = tally_of(t, &nr, r.state.node, r.state.zone);
			if (z)
				tally_run(&r, head, z, &covered);
		}
	}
	return nr;
}

/*
 * The texts say how much is amiss and not the two counts: those change from look to look on a guest
 * that runs, a true error does not.
 */
static void off_balance(const struct zone_count *z, const char *invariant, const char *what, uint64_t expected,
			uint64_t seen, const char *step, struct findings *out)
{
	char text[128];

	if (expected == seen)
		return;
	snprintf(text, sizeof(text), "node %u zone %s: %s", z->node, z->name, what);
	finding_addf(out, step, invariant, text, "%" PRIu64 " pages too %s", expected > seen ? expected - seen :
		     seen - expected, expected > seen ? "few" : "many");
}

static void balance_zone(const struct zone_count *z, const struct tally *t, const char *step,
			 struct findings *out)
{
	off_balance(z, "zone.balance", "as many pages that are neither reserved nor offline as are managed",
		    z->managed, t->pages, step, out);
	if (!z->quiet)
		return;
	off_balance(z, "zone.free", "as many pages in buddy chunks as nr_free_pages counts", z->free, t->free,
		    step, out);
	/*
	 * The pages of an allocation of higher order that is no compound page (DMA pools) have no
	 * reference except the first, so elsewhere there may be more; none of these is movable.
	 */
	if (!strcmp(z->name, "Movable") || t->idle < z->pcp)
		off_balance(z, "zone.pcp", "as many other free pages as the per-cpu lists count", z->pcp, t->idle,
			    step, out);
}

void model_balance(const struct model *m, const struct snapshot *s, const char *step,
		   struct findings *out)
{
	struct tally t[64];
	size_t nr = m->raw ? tally_all(m, snapshot_moment(s), t) : 0;

	for (size_t i = 0; m->raw && i < s->nr_zones; i++) {
		const struct zone_count *z = &s->zone[i];
		struct tally none = { 0 }, *seen = &none;

		/* only a zone whose every page was looked at can be added up */
		if (!snapshot_covers(s, m->base, z))
			continue;
		for (size_t k = 0; k < nr; k++)
			if (t[k].node == z->node && t[k].zone < m->layout->nr_zones &&
			    !strcmp(m->layout->zone_name[t[k].zone], z->name))
				seen = &t[k];
		balance_zone(z, seen, step, out);
	}
	balance_areas(m, s, t, nr, step, out);
}

static void boot_finding(const struct finding *where, const char *invariant, const char *expected,
			 const char *seen, struct findings *out)
{
	struct finding f = *where;

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.expected, sizeof(f.expected), "%s", expected);
	snprintf(f.seen, sizeof(f.seen), "%s", seen);
	finding_add(out, &f);
}

/* @b is NULL where the memmap that was there at the start cannot be read any more. */
static void compare_boot_run(const struct model *m, const struct page_state *a, const struct page_state *b,
			     const struct finding *where, struct findings *out)
{
	uint64_t reserved = layout_flag_mask(m->layout, "reserved");
	char seen[512];

	if (!b) {
		boot_finding(where, "memmap.readable", "boot page: a struct page that can be read",
			     "no memmap", out);
		return;
	}
	page_state_text(m->layout, b, seen, sizeof(seen));
	if ((a->flags ^ b->flags) & reserved)
		boot_finding(where, "boot.reserved",
			     a->flags & reserved ? "boot page: reserved as at the start" :
						   "boot page: not reserved as at the start", seen, out);
	if (a->zone != b->zone)
		boot_finding(where, "page.zone", "boot page: zone as at the start", seen, out);
	if (a->node != b->node)
		boot_finding(where, "page.node", "boot page: node as at the start", seen, out);
}

void model_compare_boot(const struct model *m, const struct snapshot *start, const struct snapshot *end,
			const char *step, struct findings *out)
{
	const struct page_map *map = &end->pages;
	AUTO_FREE struct model_span *span = NULL;
	size_t nr_spans = model_spans(m, &span), at = 0, k = 0;

	for (size_t i = 0; m->raw && i < start->pages.nr; i++) {
		const struct page_run *a = &start->pages.run[i];
		uint64_t last = a->pfn + a->nr, stop;

		for (uint64_t pfn = a->pfn; pfn < last; pfn = stop) {
			struct finding where = { .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = pfn };
			const struct page_run *b;
			bool in_span;

			while (k < map->nr && map->run[k].pfn + map->run[k].nr <= pfn)
				k++;
			b = k < map->nr ? &map->run[k] : NULL;
			stop = !b ? last : b->pfn > pfn ? b->pfn : b->pfn + b->nr;
			if (stop > last)
				stop = last;
			while (at < nr_spans && span[at].end <= pfn)
				at++;
			in_span = at < nr_spans && span[at].start <= pfn;
			if (at < nr_spans && stop > (in_span ? span[at].end : span[at].start))
				stop = in_span ? span[at].end : span[at].start;
			if (in_span || model_carved_out(m, pfn))
				continue;
			where.nr_pfns = stop - pfn;
			snprintf(where.step, sizeof(where.step), "%s", step);
			compare_boot_run(m, &a->state, b && b->pfn <= pfn ? &b->state : NULL, &where, out);
		}
	}
}
