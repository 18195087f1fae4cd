// SPDX-License-Identifier: GPL-2.0-or-later
/* Zonelists, and what zones and nodes keep beside their numbers of pages.  All of it optional. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "page/btf_types.h"
#include "page/pageset.h"

#define MAX_STAT_ITEM 256u

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

static void read_isolated(const struct btf *btf, const struct btf_type *pgdat, struct page_layout *l)
{
	static const char *const names[LAYOUT_ISOLATED] = { "NR_ISOLATED_ANON", "NR_ISOLATED_FILE" };
	const struct btf_type *stats = btf_struct(btf, "per_cpu_nodestat");

	if (!stats || !btf_member(btf, pgdat, "per_cpu_nodestats", 0, &l->pgdat_stats))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct layout_count *count = &l->isolated[i];
		uint32_t index;

		if (!btf_enum_value(btf, "node_stat_item", names[i], &index) || index > MAX_STAT_ITEM ||
		    !btf_member(btf, pgdat, "vm_stat", 0, &count->node) ||
		    !btf_member(btf, stats, "vm_node_stat_diff", 0, &count->cpu))
			continue;
		btf_element(&count->node, 8, index);
		btf_element(&count->cpu, 1, index);
	}
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
	read_isolated(btf, pgdat, l);
}
