// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_counters.h"

#define MIN_FREE_PAGES 11264ull
#define DIRECT_MAP_BASE 0xffff888000000000ull
#define MEMMAP_BASE 0xffffea0000000000ull
#define KCORE_HEAD 0x3000ull	/* bytes in front of what the segments show */

static void put(struct snapshot *r, const char *file, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void put(struct snapshot *r, const char *file, const char *fmt, ...)
{
	struct rig_err err;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (counters_add(&r->counters, file, text, &err) < 0)
		abort();
}

static bool movable(const struct zone_count *z)
{
	return !strcmp(z->name, "Movable");
}

/* Watermarks by hand: 6.1 shares min_free_kbytes among all zones, 6.12 among all but Movable. */
static void put_zone(const struct sample *s, struct snapshot *r, const struct zone_count *z)
{
	uint64_t low = 0, share, gap, min, above[5] = { 0 };
	static const uint64_t ratio[] = { 256, 256, 32, 1, 1 };
	size_t own = (size_t)layout_zone_index(&s->layout, z->name);

	if (!z->managed) {
		put(r, "/proc/zoneinfo", "Node %u, zone %s\n managed 0\n", z->node, z->name);
		return;
	}
	for (size_t i = 0; i < r->nr_zones; i++) {
		size_t index = (size_t)layout_zone_index(&s->layout, r->zone[i].name);

		low += s->kernel == SAMPLE_6_1 || !movable(&r->zone[i]) ? r->zone[i].managed : 0;
		for (size_t k = index; r->zone[i].node == z->node && index > own && k < 5; k++)
			above[k] += r->zone[i].managed;
	}
	min = share = MIN_FREE_PAGES * z->managed / low;
	gap = share / 4 > z->managed / 1000 ? share / 4 : z->managed / 1000;
	if (s->kernel == SAMPLE_6_12 && movable(z))
		min = z->managed == SAMPLE_BLOCK_PAGES ? 32 : 64;
	put(r, "/proc/zoneinfo",
	    "Node %u, zone %s\n  pages free %" PRIu64 "\n boost 0\n min %" PRIu64 "\n low %" PRIu64
	    "\n high %" PRIu64 "\n managed %" PRIu64 "\n protection: (%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64
	    ")\n  pagesets\n    cpu: 0\n count: 0\n batch: %d\n  vm stats threshold: %d\n",
	    z->node, z->name, z->free, min, min + gap, min + 2 * gap, z->managed, above[0] / ratio[own],
	    above[1] / ratio[own], above[2] / ratio[own], above[3] / ratio[own], above[4] / ratio[own],
	    z->managed < 4096 ? 1 : z->managed < 50000 ? 7 : z->managed < 100000 ? 15 : 63,
	    z->managed < 4096 ? 2 : z->managed < 50000 ? 4 : z->managed < 100000 ? 6 : 10);
	put(r, "/proc/pagetypeinfo",
	    "Number of blocks type Unmovable Movable Isolate\nNode %u, zone %s %d %" PRIu64 " 0\n", z->node,
	    z->name, movable(z) ? 0 : 1, (z->present + 511) / 512 - (movable(z) ? 0 : 1));
}

static void put_node(struct snapshot *r, unsigned int node)
{
	AUTO_FREE char *file = xasprintf("/sys/devices/system/node/node%u/meminfo", node);
	AUTO_FREE char *names = xasprintf("folder/sys/devices/system/node/node%u", node);
	uint64_t managed = 0;

	for (size_t i = 0; i < r->nr_zones; i++)
		managed += r->zone[i].node == node ? r->zone[i].managed : 0;
	put(r, file, "Node %u MemTotal: %" PRIu64 " kB\n", node, managed * 4);
	put(r, names, "compact hugepages meminfo");
}

static void put_normal_nodes(struct snapshot *r)
{
	bool second = false;

	for (size_t i = 0; i < r->nr_zones; i++)
		second |= r->zone[i].node == 1 && r->zone[i].managed && !movable(&r->zone[i]);
	put(r, "/sys/devices/system/node/has_normal_memory", second ? "0-1\n" : "0\n");
	put(r, "kernel/slab_nodes", second ? "3" : "1");
	put(r, "kernel/node_demotion", "%s", "");
}

static void put_segment(struct snapshot *r, uint64_t vaddr, uint64_t paddr, uint64_t bytes)
{
	uint64_t offset = (vaddr & ((1ull << 47) - 1)) + KCORE_HEAD;

	r->kcore[r->nr_kcore++] = (struct kcore_segment){ vaddr, paddr, bytes, offset };
	if (offset + bytes > r->kcore_bytes)
		r->kcore_bytes = offset + bytes;
}

/* A segment of RAM, and the whole pages that its struct pages are in. */
static void put_ram(struct snapshot *r, uint64_t start, uint64_t end)
{
	uint64_t first = (start >> 12) * 64 & ~4095ull, last = ((end >> 12) * 64 + 4095) & ~4095ull;

	put_segment(r, DIRECT_MAP_BASE + start, start, end - start);
	put_segment(r, MEMMAP_BASE + first, UINT64_MAX, last - first);
}

/* As of boot while no block has changed, else what is in front of the last online page. */
static void put_kcore(const struct sample *s, struct snapshot *r)
{
	uint64_t end = 0x80000ull << 12;

	for (size_t i = 0; i < r->nr_zones; i++)
		if (r->zone[i].managed && (r->zone[i].start_pfn + r->zone[i].spanned) << 12 > end)
			end = (r->zone[i].start_pfn + r->zone[i].spanned) << 12;
	r->kcore = xcalloc(2 * r->nr_iomem + 2, sizeof(*r->kcore));
	put_segment(r, 0xffffffff91000000, 0x37e00000, 0x2830000);
	put_segment(r, 0xffffcb3740000000, UINT64_MAX, 1ull << 45);
	for (size_t i = 0; i < r->nr_iomem; i++) {
		const struct range_entry *e = &r->iomem[i];
		uint64_t start = (e->start + 4095) & ~4095ull, stop = (e->end + 1) & ~4095ull;

		if (!strcmp(e->name, "System RAM") && start < end && (s->model.changes || start < 1ull << 32))
			put_ram(r, start, stop < end ? stop : end);
	}
}

/* The addresses are those of a kernel whose direct map begins at DIRECT_MAP_BASE. */
static void put_kernel(struct snapshot *r)
{
	uint64_t end = r->kpageflags_pages;
	bool second = false;

	for (size_t i = 0; i < r->nr_zones; i++)
		second |= r->zone[i].node == 1 && r->zone[i].managed;
	put(r, "kthread/kswapd", second ? "0,1\n" : "0\n");
	put(r, "kthread/kcompactd", second ? "0,1\n" : "0\n");
	put(r, "task/mems_allowed", second ? "0-1\n" : "0\n");
	put(r, "/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", second ? "0-1\n" : "0\n");
	put(r, "kernel/max_pfn", "%" PRIu64, end);
	put(r, "kernel/max_low_pfn", "%" PRIu64, end);
	put(r, "kernel/high_memory", "%llu", DIRECT_MAP_BASE + (end << 12));
	put(r, "kernel/lru_disable_count", "0");
	put(r, "/sys/kernel/mm/ksm/run", "0\n");
	put(r, "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon", "0\n");
	put(r, "kernel/vm_committed_as_batch", "%" PRIu64, r->mem_total_kib / 16);
}

void sample_counters(const struct sample *s, struct snapshot *r)
{
	uint64_t plugged = 0;

	for (size_t i = 0; i < s->model.nr_devices; i++)
		plugged += s->model.device[i].refused ? 0 : s->model.device[i].size_bytes >> 10;
	put(r, "/proc/meminfo",
	    "MemTotal: %" PRIu64 " kB\nSwapTotal: 0 kB\nHugetlb: 0 kB\nHardwareCorrupted: 0 kB\nCommitLimit: %" PRIu64
	    " kB\nDirectMap4k: 28672 kB\nDirectMap2M: %" PRIu64 " kB\n",
	    r->mem_total_kib, r->mem_total_kib / 8 * 4, 2070528 + plugged);
	put(r, "/proc/sys/vm/overcommit_ratio", "50\n");
	put(r, "/proc/sys/vm/overcommit_kbytes", "0\n");
	put(r, "/proc/sys/vm/overcommit_memory", "0\n");
	put(r, "/proc/sys/vm/min_unmapped_ratio", "1\n");
	put(r, "/proc/sys/vm/min_slab_ratio", "5\n");
	put(r, "/proc/sys/vm/min_free_kbytes", "45056\n");
	put(r, "/proc/sys/vm/watermark_scale_factor", "10\n");
	put(r, "/proc/sys/vm/percpu_pagelist_high_fraction", "0\n");
	put(r, "/proc/sys/vm/lowmem_reserve_ratio", "256\t256\t32\t0\t0\n");
	put(r, "/proc/pagetypeinfo", "Page block order: 9\nPages per block:  512\n\n");
	for (size_t i = 0; i < r->nr_zones; i++)
		put_zone(s, r, &r->zone[i]);
	for (unsigned int node = 0; node < r->nr_links; node++)
		put_node(r, node);
	put(r, "/sys/devices/system/node/node0/memory_failure/total", "0\n");
	put_normal_nodes(r);
	put_kernel(r);
	put_kcore(s, r);
	counters_sort(&r->counters);
}

void sample_counter(struct snapshot *r, const char *file, const char *name, const char *value)
{
	for (size_t i = 0; i < r->counters.nr; i++)
		if (!strcmp(r->counters.v[i].file, file) && !strcmp(r->counters.v[i].name, name)) {
			free(r->counters.v[i].value);
			r->counters.v[i].value = xstrdup(value);
			return;
		}
	abort();
}
