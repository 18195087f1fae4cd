/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layout: where a kernel keeps what in struct page, mem_section, memory_block, zone and pglist_data.  Level 1.
 *
 * Plain data without pointers, so that it can be copied between processes and witnesses, and kept in
 * a file.  Filled from BTF by layout_from_btf(), or as far as it goes from vmcoreinfo by
 * layout_from_notes(); the guest agent and whoever reads memory from outside decode with the same
 * structure.  A field that the kernel does not have, or that could not be found, has has_x false, a
 * number of flags, types or zones that is not known is 0: nothing is ever assumed from a version
 * number.
 */
#ifndef RIG_PAGE_LAYOUT_H
#define RIG_PAGE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define LAYOUT_MAX_FLAGS 40
#define LAYOUT_MAX_TYPES 24
#define LAYOUT_MAX_ZONES 8
#define LAYOUT_NAME_LEN  32

/*
 * What no source of types holds because the kernel has it as a macro.  Each is the same in every
 * x86-64 kernel since sub-section hotplug (v5.3) and is checked against what the source does hold.
 */
#define LAYOUT_PAGE_SHIFT	12
#define LAYOUT_SUBSECTION_SHIFT	21
#define LAYOUT_PAGEBLOCK_PAGES	512u	/* with huge pages: of a PMD; of other kernels pageblocks are not known */
#define LAYOUT_MAX_NODE_BITS	10	/* largest CONFIG_NODES_SHIFT */

struct layout_field {
	uint32_t offset, size;		/* bytes */
	bool has;
};

/* How _mapcount/page_type says that a page has a type. */
enum type_encoding {
	TYPE_INVERTED_BITS,	/* base bits set and the type's bit cleared (until 6.11) */
	TYPE_TOP_BYTE,		/* 4ffca5a96678 ("mm: support only one page_type per page") (in v6.12) */
};

struct layout_type {
	char name[LAYOUT_NAME_LEN];	/* "buddy", "offline", "table" ... */
	uint32_t value;			/* bit, or value of the top byte */
};

/* Marks in mem_section.section_mem_map, as bit numbers. */
struct layout_section_bits {
	uint8_t present, has_mem_map, online, early, taint_zone_device;
	uint8_t last;			/* a bit at which the address has begun, and above all marks */
	bool has_taint;
	bool by_convention;		/* not named by the kernel: as in all since v5.3 */
};

/* What the allocator calls its pageblocks, whatever numbers a kernel gives them. */
enum pageblock_type {
	PAGEBLOCK_UNMOVABLE,
	PAGEBLOCK_MOVABLE,
	PAGEBLOCK_RECLAIMABLE,
	PAGEBLOCK_HIGHATOMIC,
	PAGEBLOCK_CMA,
	PAGEBLOCK_ISOLATE,
	PAGEBLOCK_NR_TYPES,		/* a number that the kernel has no name for */
};

struct layout_pageblocks {
	uint32_t offset;		/* of the bits in mem_section_usage */
	bool there;
	uint8_t bits;			/* of one pageblock, a power of two */
	uint8_t type_bits;		/* of them, the lowest */
	int8_t isolate_bit;		/* -1: isolation is a type */
	uint8_t type[8];		/* enum pageblock_type by the kernel's number */
};

#define LAYOUT_PAGESET_LIMITS 4
#define LAYOUT_MAX_STATS 96		/* a node of 6.12 has 51 */

/* One limit of the per-cpu lists: where a zone has it, and where each CPU; see page/pageset.h. */
struct layout_limit {
	struct layout_field zone, cpu;
};

/* What is counted of a zone or node: vm_stat[], the pointer to what each CPU has, and in that its differences. */
struct layout_stats {
	struct layout_field total, cpu, difference;
	uint32_t nr;
	char name[LAYOUT_MAX_STATS][LAYOUT_NAME_LEN];	/* by index, as the kernel's source has it */
};

/* Free lists: free_area[] of a zone, and of each what it counts and its lists, one for each migratetype. */
struct layout_free_area {
	struct layout_field zone, nr, lists;
	struct layout_field lru;	/* of struct page: its place in such a list */
	uint32_t bytes;			/* of one area */
	uint32_t isolate;		/* the list of MIGRATE_ISOLATE; none where the kernel has no such type */
};

/*
 * struct memory_block, and of what it points to: what its memmap lies in, if the block hosts that itself, and the
 * group that it is in.  Until 1a8c64e11043 ("mm/memory_hotplug: embed vmem_altmap details in memory block", v6.6)
 * the block has a number of pages instead of an altmap.
 */
struct layout_block {
	struct layout_field section, online_type, node, zone, group, poisoned;
	struct layout_field altmap, altmap_pages, altmap_used;	/* vmem_altmap: free, alloc */
	struct layout_field hosted;				/* nr_vmemmap_pages */
	struct layout_field group_node, group_kernel, group_movable;
	struct layout_field group_dynamic, group_whole;		/* memory_group: is_dynamic, s or d */
};

struct layout_resource {
	struct layout_field start, end, flags, desc, sibling, child;
};

/* xa_head of an xarray, and shift and slots[] of its nodes */
struct layout_xarray {
	struct layout_field head, shift, slots;
};

/* A chunk of per-cpu memory: its place in a list, its free bytes and all of its pages, of one processor. */
struct layout_percpu {
	struct layout_field place, free, pages;
};

struct page_layout {
	uint32_t page_bytes;
	struct layout_field flags, refcount, mapcount, compound_head, private_;
	struct layout_field pgmap;	/* of ZONE_DEVICE; only where it is the word of compound_head, as in all so far */

	struct layout_field device_data, mapping, index;	/* of ZONE_DEVICE, where its pgmap is */
	struct layout_field tail_order;	/* in the first tail of a compound page: its order, in the lowest byte */

	uint32_t nr_flags;		/* bits below are flags, above are links */
	char flag_name[LAYOUT_MAX_FLAGS][LAYOUT_NAME_LEN];	/* "" for a hole; "reserved" ... */

	enum type_encoding type_encoding;
	uint32_t type_base;		/* TYPE_INVERTED_BITS: these bits are set in a typed page */
	uint32_t nr_types;
	struct layout_type type[LAYOUT_MAX_TYPES];
	bool types_guessed;		/* names of types other than buddy and offline are by convention */

	uint32_t nr_zones;
	char zone_name[LAYOUT_MAX_ZONES][LAYOUT_NAME_LEN];	/* as in zoneinfo: "DMA", "Movable" */
	uint8_t node_shift, node_bits, zone_shift, zone_bits;

	uint32_t section_bytes;		/* sizeof(struct mem_section) */
	struct layout_field section_mem_map, section_usage, usage_subsection_map;
	struct layout_section_bits section_bits;
	uint32_t pages_per_section, pages_per_subsection;

	uint32_t pgdat_zones_offset, zone_struct_bytes;
	struct layout_field zone_start_pfn, zone_spanned, zone_present, zone_managed;
	/* vm_stat[NR_FREE_PAGES], and by CPU: per_cpu_pages.count, per_cpu_zonestat.vm_stat_diff[NR_FREE_PAGES] */
	struct layout_field zone_free, zone_pageset, zone_stats, pcp_count, stats_free_diff;
	struct layout_limit pageset[LAYOUT_PAGESET_LIMITS];
	struct layout_stats zone_counts, node_counts;
	struct layout_free_area free_area;
	struct layout_percpu percpu;
	struct layout_field demotion;	/* nodes that a node demotes to: all that struct demotion_nodes has */
	struct layout_block block;
	struct layout_xarray xarray;
	struct layout_resource resource;
	/* marks without boost; lowmem_reserve[]; and what follows from the zones of a node */
	struct layout_field zone_low, zone_high, zone_kept, pgdat_reserve, pgdat_unmapped, pgdat_slab;
	struct layout_field pgdat_start_pfn, pgdat_spanned, pgdat_present, pgdat_nr_zones;
	struct layout_field zone_isolated, zone_present_early, zone_cma, zone_contiguous, zone_initialized;
	struct layout_field zone_pgdat, zone_node;	/* what a zone belongs to */

	/* pgdat_zonelists: one after the other, of zonelist_bytes each; its size tells how many */
	struct layout_field pgdat_zonelists, zonelist_refs, zoneref_zone, zoneref_index;
	uint32_t zonelist_bytes, zoneref_bytes;

	/* two bits or more for each pageblock, in mem_section_usage.pageblock_flags */
	struct layout_pageblocks pageblocks;

	/* Two signs of the memmap era that do not need a hotplugged page to be looked at. */
	bool sign_free_pages_core;	/* __free_pages_core() takes a context: 13c526540b05, v6.11 */
	bool sign_offline_returns_managed;	/* __offline_isolated_pages() counts managed pages:
						 * 50625744220c, v6.11 */
	bool has_sign_free_pages_core, has_sign_offline;
};

/**
 * layout_from_btf() - fill from raw BTF
 * @buddy_value, @offline_value: PAGE_BUDDY_MAPCOUNT_VALUE and PAGE_OFFLINE_MAPCOUNT_VALUE of
 * vmcoreinfo, which alone name the types of kernels before enum pagetype; 0 when not known.
 * Errors: -ENOENT names the type or member that is missing.
 */
int layout_from_btf(const void *btf, size_t len, uint32_t buddy_value, uint32_t offline_value,
		    struct page_layout *ret, struct rig_err *err) RIG_CHECKED;

/**
 * layout_from_notes() - fill as far as vmcoreinfo and the kernel's config go
 * @vmcoreinfo: its text
 * @config: text of the config, which tells zones and nodes; NULL: not known
 * Leaves out, as neither tells them: most flags (reserved among them; page/calibrate.h finds it),
 * section_usage and usage_subsection_map, a zone's start, present and managed pages, signs of the era.
 * Errors: -ENOENT names what not even a walk over the sections can do without; -ERANGE what makes no
 * sense.
 */
int layout_from_notes(const char *vmcoreinfo, const char *config, struct page_layout *ret,
		      struct rig_err *err) RIG_CHECKED;

/**
 * layout_name_types() - name the types of a layout that has none, as of kernels before enum pagetype
 * @buddy_value, @offline_value: as of layout_from_btf(); what is no type's value is not taken
 */
void layout_name_types(struct page_layout *l, uint32_t buddy_value, uint32_t offline_value);

/**
 * layout_add_type() - one type more
 * @word: _mapcount/page_type of a page of this type; the first one tells the encoding
 * Returns false when the word is of no encoding, or of another one, or there is no room.
 */
bool layout_add_type(struct page_layout *l, const char *name, uint32_t word);

/** layout_place_links() - where node and zone are in page->flags, from @node_bits and nr_zones */
void layout_place_links(struct page_layout *l, uint32_t node_bits);

/** layout_flag_bit() - bit number of a flag by name, or -1 */
int layout_flag_bit(const struct page_layout *l, const char *name);
/** layout_flag_mask() - 1 << bit, or 0 when the kernel has no such flag */
uint64_t layout_flag_mask(const struct page_layout *l, const char *name);
/** layout_zone_index() - by zoneinfo name, or -1 */
int layout_zone_index(const struct page_layout *l, const char *name);
/** layout_type_index() - by name, or -1 */
int layout_type_index(const struct page_layout *l, const char *name);

#endif
