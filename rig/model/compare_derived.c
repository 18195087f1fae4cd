// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel computes for each zone from the pages of all: watermarks, sizes of pagesets, protection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/counters.h"

#define VM "/proc/sys/vm/"
#define ZONEINFO "/proc/zoneinfo"
#define MAX_BATCH_PAGES 256u	/* 1 MiB */
#define MAX_THRESHOLD 125u
#define MAX_NODES 64u

/*
 * Watermarks and the like are computed when a block went online or offline; virtio-mem changes what is
 * managed between that, and then they lag behind.
 */
static bool all_by_blocks(const struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].kind == MODEL_VIRTIO_MEM && m->device[i].nr_blocks)
			return false;
	return true;
}

/*
 * Zones as the same file tells of them that has what was computed from them: a count that is wrong is
 * one finding, and what follows from it is none.
 */
struct zones {
	struct zone_count *zone;	/* by node, in the kernel's order */
	size_t nr;
};

static struct zones zones_read(const struct counters *n)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "Movable", "Device" };
	struct zones r = { .zone = xcalloc(MAX_NODES * ARRAY_SIZE(names), sizeof(*r.zone)) };
	uint64_t managed;

	for (unsigned int node = 0; node < MAX_NODES; node++)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			if (!counters_numberf(n, &managed, ZONEINFO, "%u/%s/managed", node, names[i]))
				continue;
			r.zone[r.nr] = (struct zone_count){ .node = node, .managed = managed };
			strcpy(r.zone[r.nr++].name, names[i]);
		}
	return r;
}

/* The four marks of a zone, as far as this kernel has them. */
struct marks {
	uint64_t min, low, high, promo;
	bool has_promo;
};

static bool seen_marks(const struct check *c, const struct zone_count *z, struct marks *ret)
{
	const struct counters *n = &c->s->counters;
	uint64_t boost = 0;

	if (!counters_numberf(n, &ret->min, ZONEINFO, "%u/%s/min", z->node, z->name) ||
	    !counters_numberf(n, &ret->low, ZONEINFO, "%u/%s/low", z->node, z->name) ||
	    !counters_numberf(n, &ret->high, ZONEINFO, "%u/%s/high", z->node, z->name))
		return false;
	ret->has_promo = counters_numberf(n, &ret->promo, ZONEINFO, "%u/%s/promo", z->node, z->name);
	counters_numberf(n, &boost, ZONEINFO, "%u/%s/boost", z->node, z->name);
	ret->min -= boost;
	ret->low -= boost;
	ret->high -= boost;
	ret->promo -= boost;
	return true;
}

/*
 * __setup_per_zone_wmarks().  Older kernels let zones Movable have their share of min_free_kbytes,
 * newer ones give them a small minimum of their own (@spares_movable).
 */
static struct marks marks_of(const struct zones *all, const struct zone_count *z, uint64_t min_pages,
			     uint64_t scale, bool spares_movable)
{
	bool spared = spares_movable && !strcmp(z->name, "Movable");
	uint64_t lowmem = 0, share, gap, by_scale;
	struct marks r;

	for (size_t i = 0; i < all->nr; i++)
		if (!spares_movable || strcmp(all->zone[i].name, "Movable"))
			lowmem += all->zone[i].managed;
	share = lowmem ? min_pages * z->managed / lowmem : 0;
	by_scale = z->managed / 10000 * scale + z->managed % 10000 * scale / 10000;
	gap = share / 4 > by_scale ? share / 4 : by_scale;
	r.min = share;
	if (spared)
		r.min = z->managed / 1024 < 32 ? 32 : z->managed / 1024 > 128 ? 128 : z->managed / 1024;
	r.low = r.min + gap;
	r.high = r.low + gap;
	r.promo = r.high + gap;
	return r;
}

static bool same_marks(const struct marks *seen, const struct marks *x)
{
	return seen->min == x->min && seen->low == x->low && seen->high == x->high &&
	       (!seen->has_promo || seen->promo == x->promo);
}

/* Returns how many zones are not as they must be. */
static size_t judge_marks(const struct check *c, const struct zones *all, uint64_t min_pages, uint64_t scale,
			  bool spares_movable)
{
	size_t wrong = 0;

	for (size_t i = 0; i < all->nr; i++) {
		const struct zone_count *z = &all->zone[i];
		struct marks seen, x;
		char expected[160];

		if (!z->managed || !seen_marks(c, z, &seen))
			continue;
		x = marks_of(all, z, min_pages, scale, spares_movable);
		if (same_marks(&seen, &x))
			continue;
		wrong++;
		snprintf(expected, sizeof(expected), "node %u zone %s: min %" PRIu64 " low %" PRIu64 " high %"
			 PRIu64 " promo %" PRIu64, z->node, z->name, x.min, x.low, x.high, x.promo);
		finding_addf(c->out, c->step, "zone.watermark", expected, "min %" PRIu64 " low %" PRIu64
			     " high %" PRIu64 " promo %" PRIu64, seen.min, seen.low, seen.high,
			     seen.has_promo ? seen.promo : 0);
	}
	return wrong;
}

/* Which of two rules a kernel has is told by its numbers, which must all follow the same. */
static void compare_watermarks(const struct check *c, const struct zones *all)
{
	struct findings none = { 0 };
	const struct check quiet = { c->m, c->s, c->step, &none };
	uint64_t min_kib, scale;
	size_t shared, spared;

	if (!counters_number(&c->s->counters, VM "min_free_kbytes", "", &min_kib) ||
	    !counters_number(&c->s->counters, VM "watermark_scale_factor", "", &scale))
		return;
	shared = judge_marks(&quiet, all, min_kib / 4, scale, false);
	spared = judge_marks(&quiet, all, min_kib / 4, scale, true);
	if (shared && spared)
		judge_marks(c, all, min_kib / 4, scale, spared <= shared);
	findings_deinit(&none);
}

static unsigned int last_bit(uint64_t v)
{
	return v ? 64 - (unsigned int)__builtin_clzll(v) : 0;
}

/* zone_batchsize() */
static uint64_t batch_of(const struct zone_count *z)
{
	uint64_t batch = z->managed >> 10 < MAX_BATCH_PAGES ? z->managed >> 10 : MAX_BATCH_PAGES;

	batch = batch / 4 > 1 ? batch / 4 : 1;
	batch = (1ull << (last_bit(batch + batch / 2) - 1)) - 1;
	return batch ? batch : 1;
}

/* calculate_normal_threshold(), calculate_pressure_threshold(): kswapd sets the latter while it runs. */
static bool threshold_fits(const struct zone_count *z, const struct marks *marks, unsigned int cpus,
			   uint64_t seen, uint64_t *normal)
{
	uint64_t pressure = (marks->low - marks->min) / cpus;

	*normal = 2 * last_bit(cpus) * (1 + last_bit(z->managed >> (27 - LAYOUT_PAGE_SHIFT)));
	*normal = *normal < MAX_THRESHOLD ? *normal : MAX_THRESHOLD;
	pressure = pressure < 1 ? 1 : pressure < MAX_THRESHOLD ? pressure : MAX_THRESHOLD;
	return seen == *normal || seen == pressure;
}

static void zone_pagesets(const struct check *c, const struct zone_count *z, unsigned int cpus)
{
	const struct counters *n = &c->s->counters;
	struct marks marks;
	uint64_t v, normal;
	char what[96];

	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		snprintf(what, sizeof(what), "node %u zone %s cpu %u: batch", z->node, z->name, cpu);
		if (counters_numberf(n, &v, ZONEINFO, "%u/%s/cpu%u/batch", z->node, z->name, cpu))
			check_differ(c, "zone.pageset", what, batch_of(z), v);
		snprintf(what, sizeof(what), "node %u zone %s cpu %u: vm stats threshold", z->node, z->name, cpu);
		if (counters_numberf(n, &v, ZONEINFO, "%u/%s/cpu%u/vm stats threshold", z->node, z->name, cpu) &&
		    seen_marks(c, z, &marks) && !threshold_fits(z, &marks, cpus, v, &normal))
			check_differ(c, "zone.pageset", what, normal, v);
	}
}

static void compare_pagesets(const struct check *c, const struct zones *all)
{
	const struct counters *n = &c->s->counters;
	uint64_t v;

	/* with a fraction set, batches follow from it */
	if (!counters_number(n, VM "percpu_pagelist_high_fraction", "", &v) || v)
		return;
	for (size_t i = 0; i < all->nr; i++) {
		const struct zone_count *z = &all->zone[i];
		unsigned int cpus = 0;

		while (counters_numberf(n, &v, ZONEINFO, "%u/%s/cpu%u/count", z->node, z->name, cpus))
			cpus++;
		if (z->managed && cpus)
			zone_pagesets(c, z, cpus);
	}
}

/*
 * setup_per_zone_lowmem_reserve(): what of zone @z is kept from allocations that could go higher, as
 * zoneinfo prints it.  Newer kernels do not keep it from those for an empty zone (@skips_empty).
 */
static void protection_of(const struct zones *all, const struct zone_count *z, const char *ratios,
			  bool skips_empty, char ret[256])
{
	uint64_t above = 0, ratio = 0;
	size_t len = 0;
	char *end;

	for (const struct zone_count *up = all->zone; up < all->zone + all->nr; up++) {
		if (up->node != z->node)
			continue;
		if (up <= z)
			ratio = strtoull(ratios, &end, 10), ratios = end;
		above += up > z ? up->managed : 0;
		len += (size_t)snprintf(ret + len, 256 - len, "%s%" PRIu64, len ? ", " : "(",
					up <= z || !ratio || (skips_empty && !up->managed) ? 0 : above / ratio);
	}
	snprintf(ret + len, 256 - len, ")");
}

static size_t judge_protection(const struct check *c, const struct zones *all, const char *ratios,
			       bool skips_empty)
{
	size_t wrong = 0;

	for (size_t i = 0; i < all->nr; i++) {
		const struct zone_count *z = &all->zone[i];
		char expected[256], name[64], what[320];
		const char *seen;

		snprintf(name, sizeof(name), "%u/%s/protection", z->node, z->name);
		seen = counters_find(&c->s->counters, ZONEINFO, name);
		protection_of(all, z, ratios, skips_empty, expected);
		if (!z->managed || !seen || !strcmp(seen, expected))
			continue;
		wrong++;
		snprintf(what, sizeof(what), "node %u zone %s: protection %s", z->node, z->name, expected);
		finding_addf(c->out, c->step, "zone.protection", what, "%s", seen);
	}
	return wrong;
}

static void compare_protection(const struct check *c, const struct zones *all)
{
	/* read once only: reading makes the kernel compute the protection anew */
	const char *ratios = counters_find(&c->m->base->counters, VM "lowmem_reserve_ratio", "");
	struct findings none = { 0 };
	const struct check quiet = { c->m, c->s, c->step, &none };

	if (ratios && judge_protection(&quiet, all, ratios, false) && judge_protection(&quiet, all, ratios, true))
		judge_protection(c, all, ratios, false);
	findings_deinit(&none);
}

void compare_derived(const struct check *c)
{
	struct zones all = zones_read(&c->s->counters);

	if (all_by_blocks(c->m))
		compare_protection(c, &all);
	/* at boot these were computed before all memory was there */
	if (c->m->changes && all_by_blocks(c->m)) {
		compare_watermarks(c, &all);
		compare_pagesets(c, &all);
		compare_reserves(c);
	}
	free(all.zone);
}
