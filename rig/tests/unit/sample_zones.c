// SPDX-License-Identifier: GPL-2.0-or-later
/* sample_right(): what zones keep beside their pages, zonelists, pageblocks. */
#include <string.h>

#include "base/clean.h"
#include "sample_machine.h"

static void add_marks(const struct sample *s, struct node_count *n)
{
	for (size_t i = 0; i < n->nr; i++) {
		struct zone_count *z = &n->zone[i];
		const struct zone_count *boot = snapshot_node_zone(&s->base, n->node, z->name);

		z->present_early = boot ? boot->present_early : z->present;
		/* online memory without a hole, though a kernel need not say so */
		z->contiguous = !strcmp(z->name, "Movable") && z->spanned && z->spanned == z->present;
		/* for ever, once something was there */
		z->initialized = z->spanned || !strcmp(z->name, "Movable");
		z->own = true;
	}
}

#define STAND_IN 0x2000u	/* of a zone without pages */

/* Where in the area of each CPU the lists of zones are; the reader from outside finds them. */
static void add_lists(struct node_count *n)
{
	for (size_t i = 0; i < n->nr; i++)
		n->zone[i].pageset_addr = n->zone[i].present ? 0x10000 + n->node * 0x1000 + i * 0x100 : STAND_IN;
}

/* Each free chunk is counted and on a list. */
static void add_areas(const struct page_map *pages, struct zone_count *z, size_t index)
{
	z->areas = (struct free_areas){ .known = true };
	for (size_t i = 0; i < pages->nr; i++) {
		const struct page_state *s = &pages->run[i].state;

		if (s->order == PAGE_NO_ORDER || s->node != z->node || s->zone != index)
			continue;
		z->areas.order[s->order].counted += pages->run[i].nr;
		z->areas.order[s->order].listed += pages->run[i].nr;
	}
}

/* A CPU has 7 of the last count of each node to itself. */
static void fold(struct vm_stats *v)
{
	memcpy(v->folded, v->nr, sizeof(v->folded));
	v->folded[4] -= 7;
}

static void add_totals(struct snapshot *r)
{
	r->totals = (struct vm_totals){ .known = true };
	for (size_t i = 0; i < r->nr_nodes; i++) {
		const struct node_count *n = &r->node[i];

		for (size_t k = 0; k < LAYOUT_MAX_STATS; k++)
			r->totals.nodes[k] += n->counts.folded[k];
		for (size_t z = 0; z < n->nr; z++)
			for (size_t k = 0; k < LAYOUT_MAX_STATS; k++)
				r->totals.zones[k] += n->zone[z].counts.folded[k];
	}
}

/* What is in use of a node with pages, and what it counted since boot; each zone and node has its own to count in. */
static void add_counts(struct node_count *n)
{
	n->counts = (struct vm_stats){ .known = true, .own = 0x30000 + n->node * 0x100, .nr = { 0, 0, 0, 77, 5 } };
	n->counts.nr[2] = n->present ? 2500 : 0;
	fold(&n->counts);
	for (size_t i = 0; i < n->nr; i++) {
		struct zone_count *z = &n->zone[i];

		z->counts = (struct vm_stats){ .known = true, .own = z->present ? z->pageset_addr + 0x20000 : STAND_IN + 0x80 };
		z->counts.nr[0] = z->present ? 1000 : 0;
		memcpy(z->counts.folded, z->counts.nr, sizeof(z->counts.nr));
	}
}

/* Of each zone a 32nd is its high mark; 1000 pages of DMA are kept from who could take others. */
static void add_reserves(struct node_count *n)
{
	n->reserve_known = n->ratios_known = true;
	n->reserve = n->min_unmapped = n->min_slab = 0;
	for (size_t i = 0; i < n->nr; i++) {
		struct zone_count *z = &n->zone[i];

		z->low = z->managed / 64;
		z->high = z->managed / 32;
		z->kept = z->managed && !strcmp(z->name, "DMA") ? 1000 : 0;
		n->reserve += z->high + z->kept;
		n->min_unmapped += z->managed / 100;
		n->min_slab += z->managed / 20;
	}
}

static void add_zones(const struct node_count *n, struct zonelist *list)
{
	list->there = true;
	for (size_t i = n->nr; i--; )
		if (n->zone[i].present)
			list->ref[list->nr++] = (struct zonelist_ref){ (int16_t)n->node, (int16_t)i, (int32_t)i };
}

static void add_zonelists(struct snapshot *r)
{
	for (unsigned int nid = 0; nid < r->nr_nodes; nid++) {
		struct node_count *n = &r->node[nid];

		for (size_t k = 0; k < ARRAY_SIZE(n->list); k++)
			n->list[k] = (struct zonelist){ 0 };
		add_zones(n, &n->list[0]);
		add_zones(&r->node[!nid], &n->list[0]);
		add_zones(n, &n->list[1]);
	}
}

/* What is offline keeps what it was given last: nothing, or isolation. */
static enum pageblock_type type_of(const struct model_block *b)
{
	if (b->class == PAGE_ADDED)
		return PAGEBLOCK_UNMOVABLE;
	return b->class == PAGE_ONLINE ? PAGEBLOCK_MOVABLE : PAGEBLOCK_ISOLATE;
}

/* Pages at the start of a block that hold its memmap: the model may not know of them yet. */
static uint64_t hosted_pages(const struct sample *s, const struct snapshot *r, uint64_t pfn)
{
	const struct page_run *run = page_map_find(&r->pages, pfn);

	return run && run->state.flags & layout_flag_mask(&s->layout, "owner_priv_1") ? run->nr : 0;
}

static void add_pageblocks(const struct sample *s, struct snapshot *r)
{
	pageblock_append(&r->pageblocks, 0, 0x1000, PAGEBLOCK_UNMOVABLE);
	pageblock_append(&r->pageblocks, 0x1000, 0x7e000, PAGEBLOCK_MOVABLE);
	pageblock_append(&r->pageblocks, 0x7f000, 0x1000, PAGEBLOCK_RECLAIMABLE);
	for (size_t i = 0; i < s->model.nr_devices; i++)
		for (size_t k = 0; k < s->model.device[i].nr_blocks; k++) {
			const struct model_block *b = &s->model.device[i].block[k];

			uint64_t pfn = b->id * SAMPLE_BLOCK_PAGES, hosted = hosted_pages(s, r, pfn);

			if (hosted)
				pageblock_append(&r->pageblocks, pfn, hosted, PAGEBLOCK_UNMOVABLE);
			pageblock_append(&r->pageblocks, pfn + hosted, SAMPLE_BLOCK_PAGES - hosted, type_of(b));
		}
}

void sample_add_zones(const struct sample *s, struct snapshot *r)
{
	for (size_t i = 0; i < r->nr_nodes; i++) {
		add_marks(s, &r->node[i]);
		add_lists(&r->node[i]);
		add_counts(&r->node[i]);
		add_reserves(&r->node[i]);
		for (size_t k = 0; k < r->node[i].nr && r->raw; k++)
			add_areas(&r->pages, &r->node[i].zone[k], k);
	}
	if (r->nr_nodes)
		add_zonelists(r);
	add_totals(r);
	/* a scene begins with those of boot */
	pageblock_map_deinit(&r->pageblocks);
	if (r->raw)
		add_pageblocks(s, r);
}

void sample_pageblock(struct snapshot *s, uint64_t pfn, uint64_t nr, enum pageblock_type type)
{
	struct pageblock_map old = s->pageblocks, new = { 0 };

	for (size_t i = 0; i < old.nr; i++)
		for (uint64_t k = 0; k < old.run[i].nr; k += LAYOUT_PAGEBLOCK_PAGES) {
			uint64_t at = old.run[i].pfn + k;

			pageblock_append(&new, at, LAYOUT_PAGEBLOCK_PAGES,
					 at >= pfn && at < pfn + nr ? type : old.run[i].type);
		}
	pageblock_map_deinit(&old);
	s->pageblocks = new;
}
