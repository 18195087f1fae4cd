// SPDX-License-Identifier: GPL-2.0-or-later
/* The pages that hold the memmap of what is plugged. */
#include <stdio.h>
#include <string.h>

#include "model/compare.h"

#define MEMMAP_ORDER 9u	/* vmemmap_populate() asks for huge pages */

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
static void compare_holder(const struct check *c, const struct page_run *run)
{
	uint64_t reserved = layout_flag_mask(c->m->layout, "reserved");
	int buddy = layout_type_index(c->m->layout, "buddy");

	if (run->state.flags & reserved)
		report(c, run, "not PG_reserved");
	if (buddy >= 0 && run->state.type == buddy)
		report(c, run, "not free");
}

/* A huge page fits in above all marks, so that one that is asked for is not taken from another node. */
static bool has_room(const struct zone_count *z)
{
	uint64_t huge = 0, pages = 0;

	if (!z->areas.known || z->areas.isolated || !strcmp(z->name, "Movable") || !strcmp(z->name, "Device"))
		return false;
	for (unsigned int order = 0; order < FREE_AREA_ORDERS; order++) {
		pages += z->areas.order[order].counted << order;
		huge += order < MEMMAP_ORDER ? 0 : z->areas.order[order].counted;
	}
	return huge && pages > z->high + z->kept + (1u << MEMMAP_ORDER);
}

/* Mask of nodes < 64; 0: not known. */
static uint64_t nodes_with_room(const struct snapshot *s)
{
	size_t nr;
	const struct node_count *n = snapshot_moment_nodes(s, &nr);
	uint64_t mask = 0;

	for (; nr; n++, nr--)
		for (size_t i = 0; i < n->nr && n->node < 64 && n->reserve_known; i++)
			if (has_room(&n->zone[i]))
				mask |= 1ull << n->node;
	return mask;
}

/* Where the memmap of a new block lies: alloc_pages_node() goes elsewhere only when it must. */
static void compare_place(const struct check *c, const struct block_holders *h, unsigned int node)
{
	for (size_t i = 0; i < h->pages.nr; i++) {
		const struct page_run *run = &h->pages.run[i];
		struct model_device *d = NULL;
		char expected[128], seen[64];
		unsigned int on = run->state.node;

		/* a page that is not online does not know */
		if (model_block_find(c->m, (uint32_t)(run->pfn / c->m->block_pages), &d))
			on = d->node;
		if (on == node)
			continue;
		snprintf(expected, sizeof(expected), "memmap of memory%u: on node %u, which has room for it", h->block, node);
		snprintf(seen, sizeof(seen), "on node %u", on);
		check_pages(c, "memmap.node", run->pfn, run->nr, expected, seen);
	}
}

void compare_holders(const struct check *c)
{
	uint64_t roomy = c->m->roomy & nodes_with_room(c->s);

	for (size_t i = 0; i < c->s->nr_holders; i++) {
		const struct block_holders *h = &c->s->holders[i];
		struct model_device *d = NULL;
		const struct model_block *b = model_block_find(c->m, h->block, &d);

		for (size_t k = 0; k < h->pages.nr; k++)
			if (!model_block_find(c->m, (uint32_t)(h->pages.run[k].pfn / c->m->block_pages), NULL))
				compare_holder(c, &h->pages.run[k]);
		if (b && !b->placed && d->node < 64 && roomy >> d->node & 1)
			compare_place(c, h, d->node);
	}
}

void model_judged(struct model *m, const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr_holders; i++) {
		struct model_block *b = model_block_find(m, s->holders[i].block, NULL);

		if (b)
			b->placed = true;
	}
	m->roomy = nodes_with_room(s);
}
