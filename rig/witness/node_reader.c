// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/pageset.h"
#include "page/zone_free.h"
#include "page/zonelist.h"
#include "witness/node_reader.h"

static struct node_count node_count(const struct page_layout *l, unsigned int nid,
				    const struct node_numbers *n)
{
	struct node_count c = {
		.node = nid, .start_pfn = n->start_pfn, .spanned = n->spanned,
		.present = n->present, .nr_zones = n->nr_zones, .nr = l->nr_zones,
		.reserve_known = l->pgdat_reserve.has && l->zone_high.has && l->zone_kept.has,
		.ratios_known = l->pgdat_unmapped.has && l->pgdat_slab.has,
		.reserve = n->reserve, .min_unmapped = n->min_unmapped, .min_slab = n->min_slab,
	};

	for (uint32_t i = 0; i < l->nr_zones; i++) {
		c.zone[i] = (struct zone_count){
			.node = nid, .start_pfn = n->zone[i].start_pfn,
			.spanned = n->zone[i].spanned, .present = n->zone[i].present,
			.managed = n->zone[i].managed, .present_early = n->zone[i].present_early,
			.cma = n->zone[i].cma, .isolated = n->zone[i].isolated,
			.contiguous = n->zone[i].contiguous, .initialized = n->zone[i].initialized,
			.own = n->zone[i].own,
			.low = n->zone[i].low, .high = n->zone[i].high, .kept = n->zone[i].kept,
		};
		strcpy(c.zone[i].name, l->zone_name[i]);
	}
	return c;
}

static int read_zonelists(const struct node_reader *o, struct node_count *c)
{
	int r = zonelist_known(o->layout) ? zonelist_read(o->kernel, o->layout, o->nodes, c->node, c->list) : 0;

	return r == -ENOENT ? 0 : r;
}

/* What cannot be read is not known; only a memory that nobody can read any more is an error. */
static int unless_fault(int r)
{
	return r == -EFAULT ? 0 : r;
}

static int read_free(const struct node_reader *o, uint64_t addr, struct zone_count *z)
{
	int r = zone_free_read(o->kernel, o->layout, o->cpus, addr, &z->free, &z->pcp);

	z->counted = r == 0;
	return r;
}

static int read_pageset(const struct node_reader *o, uint64_t addr, struct zone_count *z)
{
	int r = pageset_place(o->kernel, o->layout, addr, &z->pageset_addr);

	return r < 0 || !z->present ? r : pageset_read(o->kernel, o->layout, o->cpus, addr, &z->pageset);
}

static int read_zone(const struct node_reader *o, const struct free_area_zone *at, uint64_t *left, struct zone_count *z)
{
	const struct page_layout *l = o->layout;
	int r = 0;

	if (zone_free_known(l, o->cpus))
		r = unless_fault(read_free(o, at->addr, z));
	if (r == 0 && pageset_known(l, o->cpus))
		r = unless_fault(read_pageset(o, at->addr, z));
	if (r == 0)
		r = unless_fault(vm_stats_read(o->kernel, &l->zone_counts, o->cpus, at->addr, &z->counts));
	if (r == 0)
		r = unless_fault(free_areas_read(o->kernel, l, at, left, &z->areas));
	return r;
}

static int read_node(const struct node_reader *o, const struct node_numbers *n, uint64_t *left, struct node_count *c)
{
	const struct page_layout *l = o->layout;
	int r = read_zonelists(o, c);

	if (r == 0)
		r = unless_fault(vm_stats_read(o->kernel, &l->node_counts, o->cpus, n->zones_addr - l->pgdat_zones_offset,
					       &c->counts));
	for (uint32_t i = 0; i < l->nr_zones && r == 0; i++) {
		const struct free_area_zone at = { n->zones_addr + (uint64_t)i * l->zone_struct_bytes, c->node, i };

		r = read_zone(o, &at, left, &c->zone[i]);
	}
	return r;
}

int node_reader_read(const struct node_reader *o, struct node_count **ret, size_t *ret_nr)
{
	unsigned int end = node_table_end(o->kernel, o->nodes, 1u << o->layout->node_bits);
	AUTO_FREE struct node_count *node = NULL;
	uint64_t left = o->max_chunks;
	size_t nr = 0, cap = 0;

	for (unsigned int nid = 0; nid < end; nid++) {
		struct node_numbers n;
		int r = node_read(o->kernel, o->layout, o->nodes, nid, &n);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		GROW(node, nr, cap);
		node[nr] = node_count(o->layout, nid, &n);
		r = read_node(o, &n, &left, &node[nr++]);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(node);
	*ret_nr = nr;
	return 0;
}
