// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "btf_sample.h"

/* Types that everything else refers to. */
struct builder {
	struct btf *btf;
	const struct btf_sample *s;
	int u64, u32, u8;
};

static void must(int r)
{
	if (r < 0)
		abort();
}

static bool there(const struct builder *b, const char *name)
{
	return !b->s->omit || strcmp(b->s->omit, name);
}

static int array_of(struct builder *b, int type, uint32_t nr)
{
	int id = btf__add_array(b->btf, b->u32, type, nr);

	must(id);
	return id;
}

static int structure(struct builder *b, const char *name, uint32_t bytes)
{
	int id = btf__add_struct(b->btf, there(b, name) ? name : "renamed", bytes);

	must(id);
	return id;
}

static void member(struct builder *b, const char *name, int type, uint32_t offset)
{
	if (there(b, name))
		must(btf__add_field(b->btf, name, type, offset * 8, 0));
}

/* Members in unions and anonymous structs, as the kernel has them. */
static void add_page(struct builder *b)
{
	int first, second, third, both, counts, count, list;

	count = btf__add_typedef(b->btf, "atomic_t", structure(b, "atomic", 4));
	list = structure(b, "list_head", 16);
	first = structure(b, "", 40);
	member(b, "lru", list, 0);
	member(b, "mapping", b->u64, 16);
	member(b, "index", b->u64, 24);
	member(b, "private", b->u64, 32);
	second = structure(b, "", 40);
	member(b, "compound_head", b->u64, 0);
	third = structure(b, "", 16);
	if (!b->s->pgmap_of_folio)
		member(b, "pgmap", b->s->narrow_pgmap ? b->u32 : b->u64, 0);
	member(b, "zone_device_data", b->u64, 8);
	if (!b->s->later)
		member(b, "compound_order", b->u8, 9);
	must(both = btf__add_union(b->btf, "", 40));
	must(btf__add_field(b->btf, "", first, 0, 0));
	must(btf__add_field(b->btf, "", second, 0, 0));
	must(btf__add_field(b->btf, "", third, 0, 0));
	must(counts = btf__add_union(b->btf, "", 4));
	member(b, "page_type", b->u32, 0);
	member(b, "_mapcount", count, 0);
	structure(b, "page", b->s->page_bytes ? b->s->page_bytes : 64);
	member(b, "flags", b->s->narrow_flags ? b->u32 : b->u64, 0);
	must(btf__add_field(b->btf, "", both, 8 * 8, 0));
	must(btf__add_field(b->btf, "", counts, 48 * 8, 0));
	member(b, "_refcount", count, 52);
	structure(b, "folio", 128);
	if (b->s->pgmap_of_folio)
		member(b, "pgmap", b->u64, 8);
	if (b->s->later)
		member(b, "_flags_1", b->u64, 64);
}

static void add_sections(struct builder *b)
{
	int map = array_of(b, b->u64, 1), flags = array_of(b, b->u64, 0), usage, pointer;

	usage = structure(b, "mem_section_usage", 16);
	member(b, "subsection_map", map, 0);
	member(b, "pageblock_flags", flags, 8);
	must(pointer = btf__add_ptr(b->btf, usage));
	structure(b, "mem_section", 16);
	member(b, "section_mem_map", b->u64, 0);
	member(b, "usage", pointer, 8);
}

/* Counters of zones, and what each CPU has of them; NR_FREE_PAGES is not the first, unlike in kernels. */
static void add_counters(struct builder *b, int *pages, int *stats, int *counters)
{
	uint32_t nr = b->s->nr_counters ? b->s->nr_counters : 4;
	int differences = array_of(b, b->u8, nr), of_pages, of_stats;

	*counters = array_of(b, btf__add_typedef(b->btf, "atomic_long_t", b->u64), nr);
	of_pages = structure(b, "per_cpu_pages", 256);
	member(b, "lock", b->u32, 0);
	member(b, "count", b->s->wide_count ? b->u64 : b->u32, 8);
	member(b, "high_min", b->u32, 16);
	member(b, "batch", b->u32, 20);
	of_stats = structure(b, "per_cpu_zonestat", 16);
	member(b, "stat_threshold", b->u8, 0);
	member(b, "vm_stat_diff", differences, 1);
	must(*pages = btf__add_ptr(b->btf, of_pages));
	must(*stats = btf__add_ptr(b->btf, of_stats));
}

/* 11 orders, 7 lists each */
static int add_free_areas(struct builder *b)
{
	int list = structure(b, "list_head", 16), lists = array_of(b, list, 7), area;

	area = structure(b, "free_area", 120);
	member(b, "free_list", lists, 0);
	member(b, "nr_free", b->u64, 112);
	return array_of(b, area, 11);
}

static int add_zonelists(struct builder *b, int zone, uint32_t nr)
{
	int pointer, ref, refs, list;

	must(pointer = btf__add_ptr(b->btf, zone));
	ref = structure(b, "zoneref", 16);
	member(b, "zone", pointer, 0);
	member(b, "zone_idx", b->u32, 8);
	refs = array_of(b, ref, nr);
	list = structure(b, "zonelist", nr * 16);
	member(b, "_zonerefs", refs, 0);
	return array_of(b, list, 2);
}

static void add_pgdat(struct builder *b, int zones, int lists)
{
	uint32_t nr = 4;
	int differences = array_of(b, b->u8, nr), counters = array_of(b, b->u64, nr), of_stats, stats;

	of_stats = structure(b, "per_cpu_nodestat", 16);
	member(b, "stat_threshold", b->u8, 0);
	member(b, "vm_node_stat_diff", differences, 1);
	must(stats = btf__add_ptr(b->btf, of_stats));
	structure(b, "pglist_data", 0x2a0000);
	member(b, "per_cpu_nodestats", stats, 0x120);
	member(b, "vm_stat", counters, 0x128);
	member(b, "totalreserve_pages", b->u64, 0x148);
	member(b, "min_unmapped_pages", b->u64, 0x150);
	member(b, "min_slab_pages", b->u64, 0x158);
	member(b, "node_zones", zones, 64);
	member(b, "nr_zones", b->u32, 0x100);
	member(b, "node_start_pfn", b->u64, 0x108);
	member(b, "node_present_pages", b->u64, 0x110);
	member(b, "node_spanned_pages", b->u64, 0x118);
	member(b, "node_zonelists", lists, 0x3000);
}

static void add_percpu(struct builder *b)
{
	int place = array_of(b, b->u64, 2);

	structure(b, "pcpu_chunk", 128);
	member(b, "list", place, 8);
	member(b, "free_bytes", b->u32, 24);
	member(b, "nr_pages", b->u32, 64);
}

/* Of the later kernel only: the earlier one stands for those whose nodes are another struct. */
static void add_demotion(struct builder *b)
{
	int nodes = array_of(b, b->u64, 16);

	structure(b, "demotion_nodes", b->s->later ? 128 : 136);
	member(b, "preferred", nodes, 0);
}

static void add_blocks(struct builder *b)
{
	int slots = array_of(b, b->u64, 64), count = btf__add_typedef(b->btf, "atomic_long_t", b->u64), altmap, group;

	structure(b, "vmem_altmap", 56);
	member(b, "free", b->u64, 32);
	member(b, "alloc", b->u64, 48);
	must(altmap = btf__add_ptr(b->btf, 0));
	structure(b, "memory_group", 56);
	member(b, "nid", b->u32, 0);
	member(b, "present_kernel_pages", b->u64, 24);
	member(b, "present_movable_pages", b->u64, 32);
	member(b, "is_dynamic", b->u8, 40);
	member(b, "s", b->u64, 48);
	must(group = btf__add_ptr(b->btf, 0));
	structure(b, "memory_block", 888);
	member(b, "start_section_nr", b->u64, 0);
	member(b, "online_type", b->u32, 12);
	member(b, "nid", b->u32, 16);
	member(b, "zone", group, 24);
	if (b->s->later)
		member(b, "altmap", altmap, 848);
	else
		member(b, "nr_vmemmap_pages", b->u64, 848);
	member(b, "group", group, 856);
	member(b, "nr_hwpoison", count, 880);
	structure(b, "resource", 64);
	member(b, "start", b->u64, 0);
	member(b, "end", b->u64, 8);
	member(b, "flags", b->u64, 24);
	member(b, "desc", b->u64, 32);
	member(b, "sibling", group, 48);
	member(b, "child", group, 56);
	structure(b, "xarray", 16);
	member(b, "xa_head", altmap, 8);
	structure(b, "xa_node", 576);
	member(b, "shift", b->u8, 0);
	member(b, "slots", slots, 40);
}

static void add_nodes(struct builder *b)
{
	uint32_t zones = b->s->nr_zones ? b->s->nr_zones : 5,
		 nodes = b->s->max_nodes ? b->s->max_nodes : 1024;
	int zone, refs, pages, stats, counters, marks, kept, areas = add_free_areas(b);

	add_counters(b, &pages, &stats, &counters);
	marks = array_of(b, b->u64, 4);
	kept = array_of(b, b->u64, 5);
	zone = structure(b, "zone", 1664);
	member(b, "_watermark", marks, 0);
	member(b, "lowmem_reserve", kept, 40);
	member(b, "per_cpu_pageset", pages, 96);
	member(b, "per_cpu_zonestats", stats, 104);
	member(b, "zone_start_pfn", b->u64, 120);
	member(b, "managed_pages", b->u64, 128);
	member(b, "spanned_pages", b->u64, 136);
	member(b, "present_pages", b->u64, 144);
	member(b, "vm_stat", counters, 1536);
	member(b, "nr_isolate_pageblock", b->u64, 152);
	member(b, "present_early_pages", b->u64, 160);
	member(b, "cma_pages", b->u64, 168);
	member(b, "zone_pgdat", pages, 176);
	member(b, "node", b->u32, 184);
	member(b, "initialized", b->u32, 188);
	member(b, "contiguous", b->u8, 192);
	member(b, "pageset_high_min", b->u32, 196);
	member(b, "pageset_high_max", b->u32, 200);
	member(b, "pageset_batch", b->u32, 204);
	member(b, "free_area", areas, 208);
	refs = array_of(b, zone, zones);
	add_pgdat(b, refs, add_zonelists(b, zone, nodes * zones + 1));
}

static void enumeration(struct builder *b, const char *name, const char *const *values,
			int64_t first)
{
	must(btf__add_enum(b->btf, there(b, name) ? name : "renamed", 4));
	for (size_t i = 0; values[i]; i++)
		if (there(b, values[i]))
			must(btf__add_enum_value(b->btf, values[i], first + (int64_t)i));
}

static void add_page_enums(struct builder *b)
{
	static const char *const flags[] = { "PG_locked", "PG_lru", "PG_reserved", "PG_head",
					     NULL },
				 *const types[] = { "PGTY_buddy", "PGTY_offline", "PGTY_table",
						    NULL };

	enumeration(b, "pageflags", flags, 0);
	if (there(b, "__NR_PAGEFLAGS"))
		must(btf__add_enum_value(b->btf, "__NR_PAGEFLAGS", 4));
	/* an alias, as PG_checked is of PG_owner_priv_1 */
	must(btf__add_enum_value(b->btf, "PG_alias", 1));
	if (b->s->type_bits) {
		must(btf__add_enum(b->btf, "pagetype", 4));
		must(btf__add_enum_value(b->btf, "PG_buddy", 0x40000000));
		must(btf__add_enum_value(b->btf, "PG_offline", 0x20000000));
		must(btf__add_enum_value(b->btf, "PAGE_TYPE_BASE", 0x80000000));
	} else if (b->s->later) {
		enumeration(b, "pagetype", types, 0xf0);
		must(btf__add_enum_value(b->btf, "PGTY_mapcount_underflow", 0xff));
	}
}

static void add_zone_enums(struct builder *b)
{
	static const char *const five[] = { "ZONE_DMA",    "ZONE_DMA32",
					    "ZONE_NORMAL", "ZONE_MOVABLE",
					    "ZONE_DEVICE", "__MAX_NR_ZONES",
					    NULL },
				 *const four[] = { "ZONE_DMA",     "ZONE_DMA32",     "ZONE_NORMAL",
						   "ZONE_MOVABLE", "__MAX_NR_ZONES", NULL },
				 *const three[] = { "ZONE_DMA32", "ZONE_NORMAL", "ZONE_MOVABLE",
						    "__MAX_NR_ZONES", NULL },
				 *const one[] = { "ZONE_NORMAL", "__MAX_NR_ZONES", NULL },
				 *const moved[] = { "NR_ISOLATED_ANON", "NR_ISOLATED_FILE", "NR_VM_NODE_STAT_ITEMS", NULL },
				 *const marks[] = { "WMARK_MIN", "WMARK_LOW", "WMARK_HIGH", "WMARK_PROMO", NULL },
				 *const counters[] = { "NR_LRU_BASE", "NR_FREE_PAGES", "NR_MLOCK", "NR_BOUNCE",
						       "NR_VM_ZONE_STAT_ITEMS", NULL };

	enumeration(b, "zone_watermarks", marks, 0);
	enumeration(b, "zone_stat_item", counters, 0);
	enumeration(b, "node_stat_item", moved, 2);
	enumeration(b, "zone_type",
		    b->s->nr_zones == 1   ? one
		    : b->s->nr_zones == 3 ? three
		    : b->s->nr_zones == 4 ? four
					  : five,
		    0);
}

static void add_pageblocks(struct builder *b)
{
	static const char *const types[] = { "MIGRATE_UNMOVABLE",  "MIGRATE_MOVABLE", "MIGRATE_RECLAIMABLE",
					     "MIGRATE_HIGHATOMIC", "MIGRATE_CMA",     "MIGRATE_ISOLATE",
					     "MIGRATE_TYPES",	   NULL },
				 *const bits[] = { "PB_migrate_0", "PB_migrate_1", "PB_migrate_2",
						   "PB_compact_skip", "PB_migrate_isolate",
						   "__NR_PAGEBLOCK_BITS", NULL },
				 *const before[] = { "PB_migrate_end", "PB_migrate_skip", "NR_PAGEBLOCK_BITS",
						     NULL };

	enumeration(b, "migratetype", types, 0);
	enumeration(b, "pageblock_bits", b->s->isolate_bit ? bits : before, b->s->isolate_bit ? 0 : 2);
	structure(b, "hstate", b->s->no_huge_pages ? 0 : 64);
}

static void add_marks(struct builder *b)
{
	static const char *const other[] = { "SOMETHING_ELSE", NULL };
	static const char *const names[] = { "SECTION_MARKED_PRESENT_BIT",
					     "SECTION_HAS_MEM_MAP_BIT",
					     "SECTION_IS_ONLINE_BIT",
					     "SECTION_IS_EARLY_BIT",
					     "SECTION_TAINT_ZONE_DEVICE_BIT",
					     "SECTION_MAP_LAST_BIT",
					     NULL };

	must(btf__add_enum(b->btf, "", 4)); /* without any value */
	must(btf__add_enum(b->btf, "", 4));
	must(btf__add_enum_value(b->btf, other[0], 7));
	if (!b->s->later)
		return;
	must(btf__add_enum(b->btf, "", 4));
	for (int i = 0, bit = 0; names[i]; i++)
		if (i != 4 || !b->s->no_taint)
			must(btf__add_enum_value(b->btf, names[i], bit++));
}

static void add_function(struct builder *b, const char *name, bool returns, int parameters)
{
	int proto;

	if (!there(b, name))
		return;
	must(proto = btf__add_func_proto(b->btf, returns ? b->u64 : 0));
	for (int i = 0; i < parameters; i++)
		must(btf__add_func_param(b->btf, "p", b->u64));
	must(btf__add_func(b->btf, name, BTF_FUNC_STATIC, proto));
}

void *btf_sample_make(const struct btf_sample *s, size_t *len)
{
	struct builder b = { .btf = btf__new_empty(), .s = s };
	const void *raw;
	__u32 size;
	void *copy;

	if (!b.btf)
		abort();
	must(b.u64 = btf__add_int(b.btf, "long unsigned int", 8, 0));
	must(b.u32 = btf__add_int(b.btf, "unsigned int", 4, 0));
	must(b.u8 = btf__add_int(b.btf, "unsigned char", 1, 0));
	add_page(&b);
	add_sections(&b);
	add_nodes(&b);
	add_percpu(&b);
	add_demotion(&b);
	add_blocks(&b);
	add_page_enums(&b);
	add_zone_enums(&b);
	add_pageblocks(&b);
	add_marks(&b);
	add_function(&b, "__free_pages_core", false, s->later ? 3 : 2);
	add_function(&b, "__offline_isolated_pages", s->later, 2);
	raw = btf__raw_data(b.btf, &size);
	copy = xcalloc(1, size);
	memcpy(copy, raw, size);
	*len = size;
	btf__free(b.btf);
	return copy;
}
