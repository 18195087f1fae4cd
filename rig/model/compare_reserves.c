// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel computes for each node and for each CPU from the pages of all zones. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/counters.h"
#include "page/pageset.h"

#define VM "/proc/sys/vm/"
#define HIGHEST_FRACTION 8u	/* MIN_PERCPU_PAGELIST_HIGH_FRACTION */
#define OVERCOMMIT_NEVER 2u

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* calculate_totalreserve_pages(), which runs behind __setup_per_zone_wmarks(): no mark is boosted then. */
static uint64_t reserve_of(const struct node_count *n)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < n->nr; i++)
		pages += smaller(n->zone[i].managed, n->zone[i].kept + n->zone[i].high);
	return pages;
}

/* setup_min_unmapped_ratio(), setup_min_slab_ratio() */
static uint64_t share_of(const struct node_count *n, uint64_t percent)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < n->nr; i++)
		pages += n->zone[i].managed * percent / 100;
	return pages;
}

static void compare_node(const struct check *c, const struct node_count *n)
{
	const struct counters *boot = &c->m->base->counters;
	uint64_t unmapped, slab;
	char what[64];

	snprintf(what, sizeof(what), "node %u: totalreserve_pages", n->node);
	if (n->reserve_known)
		check_differ(c, "node.reserve", what, reserve_of(n), n->reserve);
	if (!n->ratios_known || !counters_number(boot, VM "min_unmapped_ratio", "", &unmapped) ||
	    !counters_number(boot, VM "min_slab_ratio", "", &slab))
		return;
	snprintf(what, sizeof(what), "node %u: min_unmapped_pages", n->node);
	check_differ(c, "node.reclaim", what, share_of(n, unmapped), n->min_unmapped);
	snprintf(what, sizeof(what), "node %u: min_slab_pages", n->node);
	check_differ(c, "node.reclaim", what, share_of(n, slab), n->min_slab);
}

/* Of a node without CPUs all share the zone; no CPU comes or goes here. */
static unsigned int cpus_of(const struct check *c, unsigned int node, unsigned int online)
{
	char file[64];
	const char *list;
	unsigned int nr;

	snprintf(file, sizeof(file), "/sys/devices/system/node/node%u/cpulist", node);
	list = counters_find(&c->m->base->counters, file, "");
	nr = list && *list ? (unsigned int)__builtin_popcountll(node_mask(list)) : 0;
	return nr ? nr : online;
}

/* zone_highsize(): until v6.7 one limit, then it may move between two. */
static void compare_limits(const struct check *c, const struct zone_count *z, unsigned int cpus)
{
	const struct pageset_limit *batch = &z->pageset.limit[PAGESET_BATCH];
	const uint64_t least = batch->zone * 4, low = larger(z->low / cpus, least);
	const struct { unsigned int limit; uint64_t pages; } limits[] = {
		{ PAGESET_HIGH, low }, { PAGESET_HIGH_MIN, low },
		{ PAGESET_HIGH_MAX, larger(z->managed / HIGHEST_FRACTION / cpus, least) },
	};
	char what[96];

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct pageset_limit *limit = &z->pageset.limit[limits[i].limit];

		snprintf(what, sizeof(what), "node %u zone %s: %s", z->node, z->name, pageset_limit_name(limits[i].limit));
		if (limit->known && batch->known)
			check_differ(c, "zone.pageset", what, limits[i].pages, limit->zone);
	}
}

static unsigned int online_cpus(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_zones; i++) {
		const struct zone_count *z = &c->s->zone[i];
		unsigned int cpus = 0;
		uint64_t v;

		while (counters_numberf(&c->s->counters, &v, "/proc/zoneinfo", "%u/%s/cpu%u/count", z->node, z->name, cpus))
			cpus++;
		if (cpus)
			return cpus;
	}
	return 0;
}

/* mm_compute_batch(): by how much a CPU may be off in what it says of committed memory. */
static void compare_batch(const struct check *c, unsigned int cpus)
{
	const struct counters *n = &c->s->counters;
	uint64_t seen, policy, parts;

	if (!counters_number(n, "kernel/vm_committed_as_batch", "", &seen) ||
	    !counters_number(&c->m->base->counters, VM "overcommit_memory", "", &policy))
		return;
	parts = policy == OVERCOMMIT_NEVER ? 256 : 4;
	check_differ(c, "kernel.batch", "vm_committed_as_batch",
		     larger(smaller(c->s->mem_total_kib / 4 / cpus / parts, INT32_MAX), larger(cpus * 2ull, 32)),
		     seen);
}

static void compare_total(const struct check *c, const struct node_count *node, size_t nr)
{
	uint64_t seen, sum = 0;

	for (size_t i = 0; i < nr; i++) {
		if (!node[i].reserve_known)
			return;
		sum += reserve_of(&node[i]);
	}
	if (nr && counters_number(&c->s->counters, "kernel/totalreserve_pages", "", &seen))
		check_differ(c, "node.reserve", "totalreserve_pages of all nodes", sum, seen);
}

void compare_reserves(const struct check *c)
{
	size_t nr;
	const struct node_count *node = snapshot_moment_nodes(c->s, &nr);
	unsigned int cpus = online_cpus(c);
	uint64_t fraction;
	bool by_low = counters_number(&c->s->counters, VM "percpu_pagelist_high_fraction", "", &fraction) && !fraction;

	for (size_t i = 0; i < nr; i++) {
		compare_node(c, &node[i]);
		for (size_t k = 0; k < node[i].nr && by_low && cpus; k++)
			if (node[i].zone[k].managed && node[i].reserve_known)
				compare_limits(c, &node[i].zone[k], cpus_of(c, node[i].node, cpus));
	}
	compare_total(c, node, nr);
	if (cpus)
		compare_batch(c, cpus);
}
