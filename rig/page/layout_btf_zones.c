// SPDX-License-Identifier: GPL-2.0-or-later
/* Zonelists, what zones and nodes keep beside their numbers of pages, and per-cpu memory.  All of it optional. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "page/btf_types.h"
#include "page/pageset.h"

#define MAX_MARKS 16u

static void read_zonelists(const struct btf *btf, const struct btf_type *pgdat, struct page_layout *l)
{
	const struct btf_type *list = btf_struct(btf, "zonelist"), *ref = btf_struct(btf, "zoneref");

	if (!list || !ref || !ref->size || !btf_member(btf, list, "_zonerefs", 0, &l->zonelist_refs) ||
	    !btf_member(btf, ref, "zone", 0, &l->zoneref_zone) ||
	    !btf_member(btf, ref, "zone_idx", 0, &l->zoneref_index) ||
	    !btf_member(btf, pgdat, "node_zonelists", 0, &l->pgdat_zonelists))
		return;
	l->zonelist_bytes = list->size;
	l->zoneref_bytes = ref->size;
}

/* A limit is known where both have it. */
static void read_pageset(const struct btf *btf, const struct btf_type *zone, struct page_layout *l)
{
	const struct btf_type *pcp = btf_struct(btf, "per_cpu_pages");

	for (unsigned int i = 0; pcp && i < ARRAY_SIZE(l->pageset); i++) {
		struct layout_limit f = { 0 };
		char name[32];

		snprintf(name, sizeof(name), "pageset_%s", pageset_limit_name(i));
		if (btf_member(btf, zone, name, 0, &f.zone) &&
		    btf_member(btf, pcp, pageset_limit_name(i), 0, &f.cpu))
			l->pageset[i] = f;
	}
}

static void read_free_area(const struct btf *btf, const struct btf_type *zone, struct page_layout *l)
{
	const struct btf_type *area = btf_struct(btf, "free_area"), *page = btf_struct(btf, "page");
	struct layout_free_area f = { .isolate = UINT32_MAX };

	if (!area || !page || !btf_member(btf, zone, "free_area", 0, &f.zone) ||
	    !btf_member(btf, area, "nr_free", 0, &f.nr) || !btf_member(btf, area, "free_list", 0, &f.lists) ||
	    !btf_member(btf, page, "lru", 0, &f.lru))
		return;
	f.bytes = area->size;
	btf_enum_value(btf, "migratetype", "MIGRATE_ISOLATE", &f.isolate);
	l->free_area = f;
}

/*
 * Names of an enum by value: the last one of a value, as those before it say where a group begins.  What is behind
 * the last name is how many there are.
 */
static uint32_t read_names(const struct btf *btf, const char *name, const char *end, struct layout_stats *l)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);

	for (int i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_enum *e = btf_enum(t) + i;
		const char *item = btf__name_by_offset(btf, e->name_off);

		if (!strcmp(item, end))
			return e->val <= (__s32)LAYOUT_MAX_STATS ? (uint32_t)e->val : 0;
		if (e->val >= 0 && e->val < (__s32)LAYOUT_MAX_STATS)
			snprintf(l->name[e->val], LAYOUT_NAME_LEN, "%s", item);
	}
	return 0;
}

static void read_stats(const struct btf *btf, const struct btf_type *zone, const struct btf_type *pgdat,
		       struct page_layout *l)
{
	const struct btf_type *of_zone = btf_struct(btf, "per_cpu_zonestat"), *of_node = btf_struct(btf, "per_cpu_nodestat");
	struct layout_stats *z = &l->zone_counts, *n = &l->node_counts;

	if (of_zone && btf_member(btf, zone, "vm_stat", 0, &z->total) &&
	    btf_member(btf, zone, "per_cpu_zonestats", 0, &z->cpu) &&
	    btf_member(btf, of_zone, "vm_stat_diff", 0, &z->difference))
		z->nr = read_names(btf, "zone_stat_item", "NR_VM_ZONE_STAT_ITEMS", z);
	if (of_node && btf_member(btf, pgdat, "vm_stat", 0, &n->total) &&
	    btf_member(btf, pgdat, "per_cpu_nodestats", 0, &n->cpu) &&
	    btf_member(btf, of_node, "vm_node_stat_diff", 0, &n->difference))
		n->nr = read_names(btf, "node_stat_item", "NR_VM_NODE_STAT_ITEMS", n);
}

static void read_marks(const struct btf *btf, const struct btf_type *zone, const struct btf_type *pgdat,
		       struct page_layout *l)
{
	uint32_t low, high;

	if (btf_enum_value(btf, "zone_watermarks", "WMARK_LOW", &low) && low < MAX_MARKS &&
	    btf_member(btf, zone, "_watermark", 0, &l->zone_low))
		btf_element(&l->zone_low, 8, low);
	if (btf_enum_value(btf, "zone_watermarks", "WMARK_HIGH", &high) && high < MAX_MARKS &&
	    btf_member(btf, zone, "_watermark", 0, &l->zone_high))
		btf_element(&l->zone_high, 8, high);
	btf_member(btf, zone, "lowmem_reserve", 0, &l->zone_kept);
	btf_member(btf, pgdat, "totalreserve_pages", 0, &l->pgdat_reserve);
	btf_member(btf, pgdat, "min_unmapped_pages", 0, &l->pgdat_unmapped);
	btf_member(btf, pgdat, "min_slab_pages", 0, &l->pgdat_slab);
}

static void read_percpu(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *chunk = btf_struct(btf, "pcpu_chunk");
	struct layout_percpu p = { 0 };

	if (chunk && btf_member(btf, chunk, "list", 0, &p.place) && btf_member(btf, chunk, "free_bytes", 0, &p.free) &&
	    btf_member(btf, chunk, "nr_pages", 0, &p.pages))
		l->percpu = p;
}

/* The mask has been all of it since v6.1; before, it was a list. */
static void read_demotion(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *nodes = btf_struct(btf, "demotion_nodes");
	struct layout_field mask = { 0 };

	if (nodes && btf_member(btf, nodes, "preferred", 0, &mask) && mask.size == nodes->size)
		l->demotion = mask;
}

void layout_btf_zones(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *zone = btf_struct(btf, "zone"), *pgdat = btf_struct(btf, "pglist_data");

	if (!zone || !pgdat)
		return;
	btf_member(btf, zone, "nr_isolate_pageblock", 0, &l->zone_isolated);
	btf_member(btf, zone, "present_early_pages", 0, &l->zone_present_early);
	btf_member(btf, zone, "cma_pages", 0, &l->zone_cma);
	btf_member(btf, zone, "contiguous", 0, &l->zone_contiguous);
	btf_member(btf, zone, "initialized", 0, &l->zone_initialized);
	btf_member(btf, zone, "zone_pgdat", 0, &l->zone_pgdat);
	btf_member(btf, zone, "node", 0, &l->zone_node);
	read_pageset(btf, zone, l);
	read_free_area(btf, zone, l);
	read_zonelists(btf, pgdat, l);
	read_stats(btf, zone, pgdat, l);
	read_marks(btf, zone, pgdat, l);
	read_percpu(btf, l);
	read_demotion(btf, l);
}
