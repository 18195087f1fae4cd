/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot: everything that was seen of the machine's memory at one moment.  Level 2, plain data.
 *
 * Parsed from the guest's words, which are not trusted: snapshot_parse_*() check types, ranges and
 * sizes and refuse what does not fit.  Knows neither links nor models.
 */
#ifndef RIG_SNAPSHOT_H
#define RIG_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/counters.h"
#include "model/fallback.h"
#include "page/free_area.h"
#include "page/mapping.h"
#include "page/memmap.h"
#include "page/memory_block.h"
#include "page/pageblock.h"
#include "page/pageset.h"
#include "page/resource_tree.h"
#include "page/state.h"
#include "page/vm_stat.h"
#include "page/zonelist.h"

#define SNAPSHOT_MAX_PFN (1ull << 40)
#define SNAPSHOT_MAX_BLOCKS 65536u

struct zone_count {
	char name[LAYOUT_NAME_LEN];
	unsigned int node;
	uint64_t start_pfn;		/* 0 for an empty zone in zoneinfo */
	uint64_t spanned, present, managed;	/* pages */
	uint64_t free, pcp;		/* pages on free lists, on per-cpu lists */
	/* of the kernel's own structure only; see page/node.h */
	uint64_t present_early, cma, isolated;
	bool contiguous, initialized, own;
	bool counted;			/* of a zone seen from outside: free and pcp are known */
	struct pageset pageset;		/* of a zone with pages, seen from outside */
	struct free_areas areas;	/* seen from outside, as what follows */
	struct vm_stats counts;
	uint64_t low, high, kept;	/* of a node whose reserve is known: marks without boost, largest lowmem_reserve */
	uint64_t pageset_addr;		/* where its per-cpu lists are, seen from outside; 0: not known */
	bool quiet;			/* of one in zoneinfo: both belong to the moment in which the pages were read */
};

struct node_count {
	unsigned int node;
	uint64_t start_pfn, spanned, present, nr_zones;
	/* seen from outside */
	struct vm_stats counts;
	bool reserve_known, ratios_known;
	uint64_t reserve, min_unmapped, min_slab;
	struct zone_count zone[LAYOUT_MAX_ZONES];
	size_t nr;
	struct zonelist list[ZONELISTS_PER_NODE];	/* with fallback, without; of zones by index */
};

struct range_entry {		/* /proc/iomem or /sys/firmware/memmap; end is inclusive */
	uint64_t start, end;
	unsigned int depth;
	char name[80];
};

struct node_links {
	unsigned int node;
	uint32_t *block;	/* ascending */
	size_t nr;
};

struct block_info {
	uint32_t id;
	char state[24], zones[64], phys_index[24], phys_device[24], removable[8];
	unsigned int node[8];
	size_t nr_nodes;
};

struct host_device {
	char id[64];
	uint64_t addr, size_bytes;	/* virtio-mem: what is plugged now */
	int64_t slot, node;
	uint64_t requested_bytes, max_bytes, unit_bytes;	/* virtio-mem; else 0 */
};

/* A program header of /proc/kcore. */
struct kcore_segment {
	uint64_t vaddr, paddr, size_bytes, offset;
};

/* What /proc/kcore shows of a page: the first word that is not 0. */
struct kcore_page {
	uint64_t pfn, word;
};

/* The pages that hold the struct pages of a memory block. */
struct block_holders {
	uint32_t block;
	struct page_map pages;
};

/* The same, as a reader of the guest's RAM saw it from outside. */
struct outside_view {
	bool there;
	struct page_map pages, faults;
	struct pageblock_map pageblocks;
	struct section_run *section;
	size_t nr_sections;
	struct node_count *node;
	size_t nr_nodes;
};

struct snapshot {
	struct zone_count *zone;	/* zoneinfo */
	size_t nr_zones;
	struct node_count *node;	/* the kernel's own structures; nr 0 without BPF */
	size_t nr_nodes;
	struct range_entry *iomem, *firmware;
	size_t nr_iomem, nr_firmware;
	struct node_links *links;
	size_t nr_links;
	struct block_info *block;	/* ascending by id */
	size_t nr_blocks;
	struct section_run *section;
	size_t nr_sections;
	struct host_device *device;
	size_t nr_devices;
	uint64_t mem_total_kib, kpageflags_pages, memfd_bytes;
	uint64_t memmap_pages;		/* nr_memmap_pages of vmstat */
	bool has_memmap_pages;
	char node_online[64], has_memory[64], auto_online[24];
	struct counters counters;	/* all that was read as text */
	struct kcore_segment *kcore;
	size_t nr_kcore;
	uint64_t kcore_bytes;		/* size of the file */
	struct kcore_page *kcore_page;	/* some of those of plugged devices */
	size_t nr_kcore_pages;

	struct page_map pages;		/* of the ranges that were asked for */
	struct page_map faults;		/* memmap that could not be read although it must be there */
	struct memory_block *memory_block;	/* the kernel's own, seen from outside; ascending by id */
	size_t nr_memory_blocks;
	bool memory_blocks_seen;
	struct resource *resource;	/* of physical memory, seen from outside; parents first */
	size_t nr_resources;
	struct vm_totals totals;	/* of all zones and nodes, seen from outside */
	struct block_holders *holders;	/* of memory blocks of devices, seen from outside */
	size_t nr_holders;
	struct mapping_list direct_map;	/* by pfn; what maps all memory that the kernel has, seen from outside */
	struct mapping_list memmap_map;	/* by page from the struct page of pfn 0 on, seen from outside */
	struct pageblock_map pageblocks;	/* of the same ranges; empty where they cannot be read */
	struct fallback fallback;	/* as logged until now */
	struct outside_view outside;	/* beside the agent's; not there when it is the only one */
	bool from_outside;		/* pages, sections and nodes are the outside reader's */
	bool unmapping;			/* memfd_bytes holds a removed backend that QEMU is letting go of */
	bool raw;			/* false: pages have kpageflags only */
	bool whole;			/* pages cover all memory, not only the plugged devices */
};

int snapshot_parse_counters(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
int snapshot_parse_blocks(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
int snapshot_parse_nodes_raw(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
int snapshot_parse_sections(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
/** snapshot_parse_trees() - files as read by the agent's read-trees, into s->counters */
int snapshot_parse_trees(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
/** snapshot_parse_kcore() - segments, size and some pages of /proc/kcore */
int snapshot_parse_kcore(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;
int snapshot_parse_pageblocks(const json_t *answer, uint64_t start, uint64_t end, struct snapshot *s,
			      struct rig_err *err) RIG_CHECKED;
int snapshot_parse_devices(const json_t *answer, struct snapshot *s, struct rig_err *err) RIG_CHECKED;

/**
 * snapshot_parse_pages() - add one answer of query-pages
 * @start, @end: what was asked for; runs outside are refused
 * @next: where to go on; always beyond @start
 */
int snapshot_parse_pages(const struct page_layout *l, const json_t *answer, uint64_t start, uint64_t end,
			 struct snapshot *s, uint64_t *next, struct rig_err *err) RIG_CHECKED;

/** layout_parse() - the agent's query-layout; *raw false: only kpageflags can be read, @why says so */
int layout_parse(const json_t *answer, struct page_layout *ret, bool *raw, char why[256],
		 struct rig_err *err) RIG_CHECKED;

const struct zone_count *snapshot_zone(const struct snapshot *s, unsigned int node, const char *name);
/** snapshot_node_zone() - the same of the kernel's own structures */
const struct zone_count *snapshot_node_zone(const struct snapshot *s, unsigned int node, const char *name);
/** snapshot_covers() - whether @s holds every page of a zone: it is whole, or the zone has no boot memory
 *  in @base, so that the plugged devices are all of it */
bool snapshot_covers(const struct snapshot *s, const struct snapshot *base, const struct zone_count *z);
const struct block_info *snapshot_block(const struct snapshot *s, uint32_t id);
/** snapshot_memory_block() - the kernel's own; NULL: it has none, or they were not seen */
const struct memory_block *snapshot_memory_block(const struct snapshot *s, uint64_t id);

/** snapshot_kcore_is_ram() - part of the direct map, not the kernel itself and not its own addresses */
bool snapshot_kcore_is_ram(const struct kcore_segment *k);
/** snapshot_kcore_is_memmap() - struct pages of a segment of RAM: neither the kernel itself nor vmalloc space */
bool snapshot_kcore_is_memmap(const struct kcore_segment *k);
/** snapshot_moment() - the pages of one moment, where they could be had; else those that there are */
const struct page_map *snapshot_moment(const struct snapshot *s);
/** snapshot_moment_nodes() - the nodes of that moment; only the reader from outside knows where each CPU has its own */
const struct node_count *snapshot_moment_nodes(const struct snapshot *s, size_t *nr);
/** snapshot_count_outside() - what was counted from outside becomes the zones' own, quiet; false: not
 *  all zones were counted */
bool snapshot_count_outside(struct snapshot *s);

/** snapshot_json() - for the record: pages as runs with names, counters as numbers; new reference */
json_t *snapshot_json(const struct page_layout *l, const struct snapshot *s);
/* The same in two parts, as there may be very many runs: run @i of the pages, and all but the pages. */
json_t *snapshot_run_json(const struct page_layout *l, const struct snapshot *s, size_t i);
json_t *snapshot_rest_json(const struct snapshot *s);

/** snapshot_adopt_outside() - what was seen from outside becomes the snapshot's pages, sections and nodes */
void snapshot_adopt_outside(struct snapshot *s);

void snapshot_deinit(struct snapshot *s);

#endif
