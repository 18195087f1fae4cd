// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel adds up over its zones, added up again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/counters.h"

#define VM "/proc/sys/vm/"
#define MAX_NODES 64u

static uint64_t plugged_pages(const struct model *m)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < m->nr_devices; i++)
		pages += m->device[i].nr_blocks * m->block_pages;
	return pages;
}

/* Blocks of pages that hold memmaps of their own zone: they came as unmovable. */
static uint64_t hosted_pages(const struct model *m, unsigned int node, enum model_zone zone)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; m->device[i].node == node && k < m->device[i].nr_blocks; k++)
			if (m->device[i].block[k].class == PAGE_ONLINE && m->device[i].block[k].zone == zone)
				pages += m->device[i].block[k].hosted_pages;
	return pages;
}

/* vm_commit_limit() */
static void compare_commit(const struct check *c)
{
	const struct counters *n = &c->s->counters;
	uint64_t limit, total, ratio, fixed, huge, swap;

	if (!counters_number(n, "/proc/meminfo", "CommitLimit", &limit) ||
	    !counters_number(n, "/proc/meminfo", "MemTotal", &total) ||
	    !counters_number(n, "/proc/meminfo", "SwapTotal", &swap) ||
	    !counters_number(n, VM "overcommit_ratio", "", &ratio) ||
	    !counters_number(n, VM "overcommit_kbytes", "", &fixed))
		return;
	if (!counters_number(n, "/proc/meminfo", "Hugetlb", &huge))
		huge = 0;
	if (!fixed)
		fixed = (total - huge) / 4 * ratio / 100 * 4;
	check_differ(c, "meminfo.commit", "CommitLimit in KiB", fixed + swap, limit);
}

/* Splitting a large page of the direct map moves it between the sizes: their sum is what is mapped. */
static bool direct_map(const struct counters *n, uint64_t *ret)
{
	static const char *const sizes[] = { "DirectMap4k", "DirectMap2M", "DirectMap4M", "DirectMap1G" };
	bool any = false;
	uint64_t kib;

	*ret = 0;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (counters_number(n, "/proc/meminfo", sizes[i], &kib)) {
			*ret += kib;
			any = true;
		}
	return any;
}

static bool any_of_kind(const struct model *m, enum model_kind kind)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].kind == kind)
			return true;
	return false;
}

static void compare_direct_map(const struct check *c)
{
	uint64_t was, is;

	/* a namespace is mapped with what its driver makes of it, and may have been mapped at boot */
	if (c->m->nr_namespaces || any_of_kind(c->m, MODEL_E820_PMEM))
		return;
	if (direct_map(&c->m->base->counters, &was) && direct_map(&c->s->counters, &is))
		check_differ(c, "meminfo.directmap", "sum of DirectMap in KiB",
			     was + plugged_pages(c->m) * 4, is);
}

static void compare_node_totals(const struct check *c)
{
	for (unsigned int node = 0; node < MAX_NODES; node++) {
		uint64_t managed = 0, total;
		char file[80], what[64];

		snprintf(file, sizeof(file), "/sys/devices/system/node/node%u/meminfo", node);
		if (!counters_number(&c->s->counters, file, "MemTotal", &total))
			continue;
		for (enum model_zone z = MODEL_DMA; z < MODEL_NR_ZONES; z++) {
			const struct zone_count *was = snapshot_zone(c->m->base, node, model_zone_name(z));

			managed += (was ? was->managed : 0) + model_managed_pages(c->m, node, z);
		}
		snprintf(what, sizeof(what), "node %u: MemTotal in KiB", node);
		check_differ(c, "node.total", what, managed * 4, total);
	}
}

static void compare_normal_nodes(const struct check *c)
{
	const char *is = counters_find(&c->s->counters, "/sys/devices/system/node/has_normal_memory", "");
	uint64_t nodes;

	if (is && model_normal_nodes(c->m, &nodes))
		check_differ(c, "node.normal", "mask of nodes with memory below Movable", nodes, node_mask(is));
}

/*
 * Of boot memory only what was free is made movable: deferred_init_memmap().  The rest stays as it was, or is
 * taken over by movable pages once it is free.
 */
static void movable_blocks(const struct check *c, const struct zone_count *z, uint64_t most, uint64_t at_boot,
			   uint64_t is)
{
	uint64_t movable_at_boot = 0, least;
	char what[96];

	counters_numberf(&c->m->base->counters, &movable_at_boot, "/proc/pagetypeinfo", "%u/%s/Movable", z->node, z->name);
	least = most - (at_boot - movable_at_boot);
	snprintf(what, sizeof(what), "node %u zone %s: movable blocks", z->node, z->name);
	check_differ(c, "zone.blocktypes", what, is < least ? least : is > most ? most : is, is);
}

/* Blocks of pages of each zone, by what they are for: together they are the zone, none is set apart. */
static void zone_block_types(const struct check *c, const struct zone_count *z, uint64_t pages_per_block)
{
	static const char file[] = "/proc/pagetypeinfo";
	uint64_t was = 0, is = 0, movable = 0, isolate = 0;
	char prefix[64], what[96];
	int zone = -1;

	snprintf(prefix, sizeof(prefix), "%u/%s/", z->node, z->name);
	was = counters_sum(&c->m->base->counters, file, prefix);
	is = counters_sum(&c->s->counters, file, prefix);
	for (enum model_zone m = MODEL_DMA; m < MODEL_NR_ZONES; m++)
		if (!strcmp(model_zone_name(m), z->name))
			zone = (int)m;
	if (zone < 0 || zone == MODEL_DEVICE)
		return;
	snprintf(what, sizeof(what), "node %u zone %s: blocks of pages", z->node, z->name);
	/* what was boot memory's hole can have become ZONE_DEVICE */
	if (!was || !c->m->nr_namespaces)
		check_differ(c, "zone.blocktypes", what,
			     was + model_online_pages(c->m, z->node, (enum model_zone)zone) / pages_per_block, is);
	counters_numberf(&c->s->counters, &movable, file, "%sMovable", prefix);
	counters_numberf(&c->s->counters, &isolate, file, "%sIsolate", prefix);
	snprintf(what, sizeof(what), "node %u zone %s: blocks set apart", z->node, z->name);
	check_differ(c, "zone.blocktypes", what, 0, isolate);
	if (zone == MODEL_MOVABLE)
		movable_blocks(c, z, is - hosted_pages(c->m, z->node, MODEL_MOVABLE) / pages_per_block, was, movable);
}

static void compare_block_types(const struct check *c)
{
	uint64_t pages_per_block;

	if (!counters_number(&c->s->counters, "/proc/pagetypeinfo", "Pages per block", &pages_per_block) ||
	    !pages_per_block)
		return;
	for (size_t i = 0; i < c->s->nr_zones; i++)
		zone_block_types(c, &c->s->zone[i], pages_per_block);
}

static void compare_poisoned(const struct check *c)
{
	uint64_t was, is;

	if (counters_number(&c->m->base->counters, "/proc/meminfo", "HardwareCorrupted", &was) &&
	    counters_number(&c->s->counters, "/proc/meminfo", "HardwareCorrupted", &is))
		check_differ(c, "meminfo.poisoned", "HardwareCorrupted in KiB", was + c->m->nr_poisoned * 4, is);
}

/* Kept with the node, which outlives its memory. */
static void compare_failures(const struct check *c)
{
	static const char *const names[] = { "total", "recovered" };
	char file[80], what[64];
	uint64_t was, is;

	for (unsigned int node = 0; node < MAX_NODES; node++)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			snprintf(file, sizeof(file), "/sys/devices/system/node/node%u/memory_failure/%s", node, names[i]);
			if (!counters_number(&c->s->counters, file, "", &is))
				continue;
			if (!counters_number(&c->m->base->counters, file, "", &was))
				was = 0;
			snprintf(what, sizeof(what), "node %u: memory failures, %s", node, names[i]);
			check_differ(c, "node.failures", what, was + c->m->failures[node], is);
		}
}

void compare_counters(const struct check *c)
{
	compare_poisoned(c);
	compare_failures(c);
	compare_commit(c);
	compare_direct_map(c);
	compare_node_totals(c);
	compare_normal_nodes(c);
	compare_block_types(c);
}
