// SPDX-License-Identifier: GPL-2.0-or-later
/* Layouts from BTF made up here: both kernels, each missing part, several node and zone counts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "btf_sample.h"
#include "page/memory_block.h"
#include "page/pageblock.h"
#include "page/pageset.h"
#include "page/resource_tree.h"
#include "page/state.h"
#include "page/zone_free.h"
#include "page/zonelist.h"

#define BUDDY_6_1   0xffffff7f
#define OFFLINE_6_1 0xfffffeff

static int from_sample(const struct btf_sample *s, uint32_t buddy, uint32_t offline,
		       struct page_layout *l, struct rig_err *err)
{
	size_t len;
	AUTO_FREE void *raw = btf_sample_make(s, &len);

	return layout_from_btf(raw, len, buddy, offline, l, err);
}

static void want_field(const struct layout_field *f, uint32_t offset, uint32_t size)
{
	assert_true(f->has);
	assert_int_equal(f->offset, offset);
	assert_int_equal(f->size, size);
}

static void want_common(const struct page_layout *l)
{
	assert_int_equal(l->page_bytes, 64);
	want_field(&l->flags, 0, 8);
	want_field(&l->compound_head, 8, 8);
	want_field(&l->private_, 40, 8);
	want_field(&l->mapcount, 48, 4);
	want_field(&l->refcount, 52, 4);
	assert_int_equal(l->nr_flags, 4);
	assert_int_equal(layout_flag_bit(l, "reserved"), 2);
	assert_int_equal(layout_flag_mask(l, "head"), 8);
	assert_int_equal(layout_flag_bit(l, "alias"), -1); /* the first name of a bit stays */
	assert_int_equal(layout_flag_mask(l, "alias"), 0);
	assert_int_equal(l->nr_zones, 5);
	assert_int_equal(layout_zone_index(l, "Movable"), 3);
	assert_int_equal(layout_zone_index(l, "HighMem"), -1);
	assert_int_equal(l->node_shift, 54);
	assert_int_equal(l->zone_shift, 51);
	assert_int_equal(l->section_bytes, 16);
	want_field(&l->section_mem_map, 0, 8);
	want_field(&l->section_usage, 8, 8);
	assert_int_equal(l->pages_per_section, 32768);
	assert_int_equal(l->pages_per_subsection, 512);
	assert_int_equal(l->pgdat_zones_offset, 64);
	assert_int_equal(l->zone_struct_bytes, 1664);
	want_field(&l->zone_managed, 128, 8);
	want_field(&l->pgdat_nr_zones, 0x100, 4);
	assert_true(l->has_sign_free_pages_core && l->has_sign_offline);
	assert_int_equal(l->section_bits.online, 2);
	assert_true(l->section_bits.has_taint);
}

static void the_earlier_kernel(void **state)
{
	const struct btf_sample s = { 0 };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, BUDDY_6_1, OFFLINE_6_1, &l, &err), 0);
	want_common(&l);
	assert_int_equal(l.type_encoding, TYPE_INVERTED_BITS);
	assert_int_equal(l.type[layout_type_index(&l, "buddy")].value, 0x80);
	assert_int_equal(l.type[layout_type_index(&l, "offline")].value, 0x100);
	assert_int_equal(l.type[layout_type_index(&l, "table")].value, 0x200);
	assert_true(l.types_guessed);
	assert_false(l.sign_free_pages_core || l.sign_offline_returns_managed);
	/* other values: nothing is known about their neighbours; none: nothing at all */
	assert_int_equal(from_sample(&s, 0xffffffbf, OFFLINE_6_1, &l, &err), 0);
	assert_int_equal(l.nr_types, 2);
	assert_false(l.types_guessed);
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	assert_int_equal(l.nr_types, 0);
	assert_int_equal(layout_type_index(&l, "buddy"), -1);
}

static void the_later_kernel(void **state)
{
	const struct btf_sample s = { .later = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0xf0000000, 0xf1000000, &l, &err), 0);
	want_common(&l);
	assert_int_equal(l.type_encoding, TYPE_TOP_BYTE);
	assert_int_equal(l.nr_types, 3); /* an underflow is no type */
	assert_int_equal(l.type[layout_type_index(&l, "offline")].value, 0xf1);
	assert_false(l.types_guessed);
	assert_true(l.sign_free_pages_core && l.sign_offline_returns_managed);
}

static void the_kernels_in_between(void **state)
{
	const struct btf_sample s = { .later = true, .type_bits = true, .no_taint = true };
	struct page_state page = { .type_word = ~0x20000000u };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	assert_int_equal(l.type_encoding, TYPE_INVERTED_BITS);
	assert_int_equal(l.type_base, 0x80000000);
	page_decode_type(&l, &page);
	assert_string_equal(page_type_name(&l, page.type), "offline");
	assert_false(l.section_bits.has_taint);
	assert_int_equal(l.section_bits.last, 4);
}

static void what_is_missing_is_named(void **state)
{
	static const char *const parts[] = {
		"page",
		"flags",
		"_refcount",
		"_mapcount",
		"private",
		"compound_head",
		"mem_section",
		"section_mem_map",
		"usage",
		"mem_section_usage",
		"subsection_map",
		"zone",
		"zone_start_pfn",
		"spanned_pages",
		"present_pages",
		"managed_pages",
		"pglist_data",
		"node_zones",
		"nr_zones",
		"node_start_pfn",
		"node_present_pages",
		"node_spanned_pages",
		"pageflags",
		"zone_type",
		"_zonerefs",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct btf_sample s = { .later = true, .omit = parts[i] };
		struct page_layout l = { .page_bytes = 77 };
		struct rig_err err = { 0 };

		if (from_sample(&s, 0, 0, &l, &err) != -ENOENT || err.cause != RIG_AGENT ||
		    !strstr(err.text, parts[i]))
			fail_msg("without %s: '%s'", parts[i], err.text);
		assert_int_equal(l.page_bytes, 77);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct btf_sample samples[] = {
		{ .page_bytes = 16 },         { .page_bytes = 4096 }, { .page_bytes = 52 },
		{ .narrow_flags = true },     { .max_nodes = 4096 },  { .omit = "__NR_PAGEFLAGS" },
		{ .omit = "__MAX_NR_ZONES" },
	};
	struct page_layout l = { .page_bytes = 77 };
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		err = (struct rig_err){ 0 };
		assert_true(from_sample(&samples[i], 0, 0, &l, &err) < 0);
		assert_int_equal(err.cause, RIG_AGENT);
		assert_true(err.text[0]);
		assert_int_equal(l.page_bytes, 77);
	}
	assert_true(layout_from_btf("no BTF at all", 13, 0, 0, &l, &err) < 0);
	assert_non_null(strstr(err.text, "BTF"));
	assert_true(layout_from_btf("", 0, 0, 0, &l, &err) < 0);
}

/* A signature that is not there is no sign of either era. */
static void signs_may_be_missing(void **state)
{
	const struct btf_sample s = { .later = true, .omit = "__free_pages_core" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	assert_false(l.has_sign_free_pages_core || l.sign_free_pages_core);
	assert_true(l.has_sign_offline);
}

static const struct per_cpu two_cpus = { 0x1000, 2 };

static void free_pages_are_counted_where_the_enum_says(void **state)
{
	const struct btf_sample s = { .later = true }, few = { .later = true, .nr_counters = 2 };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	assert_true(zone_free_known(&l, &two_cpus));
	want_field(&l.zone_free, 1536 + 8, 8);
	want_field(&l.zone_pageset, 96, 8);
	want_field(&l.zone_stats, 104, 8);
	want_field(&l.pcp_count, 8, 4);
	want_field(&l.stats_free_diff, 1 + 1, 1);
	/* the last one of an array */
	assert_int_equal(from_sample(&few, 0, 0, &l, &err), 0);
	assert_true(zone_free_known(&l, &two_cpus));
}

static void counts_are_where_the_enums_say(void **state)
{
	static const char *const parts[] = { "node_stat_item", "NR_VM_NODE_STAT_ITEMS", "per_cpu_nodestat", "vm_node_stat_diff" };
	const struct btf_sample s = { .later = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	want_field(&l.node_counts.cpu, 0x120, 8);
	want_field(&l.node_counts.total, 0x128, 32);
	want_field(&l.node_counts.difference, 1, 4);
	assert_int_equal(l.node_counts.nr, 4);
	assert_string_equal(l.node_counts.name[1], "");
	assert_string_equal(l.node_counts.name[3], "NR_ISOLATED_FILE");
	want_field(&l.zone_counts.cpu, 104, 8);
	want_field(&l.zone_counts.total, 1536, 32);
	want_field(&l.zone_counts.difference, 1, 4);
	assert_int_equal(l.zone_counts.nr, 4);
	assert_string_equal(l.zone_counts.name[1], "NR_FREE_PAGES");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct btf_sample without = { .later = true, .omit = parts[i] };

		assert_int_equal(from_sample(&without, 0, 0, &l, &err), 0);
		assert_int_equal(l.node_counts.nr, 0);
		want_common(&l);
	}
}

static void marks_and_what_follows_from_them(void **state)
{
	const struct btf_sample s = { .later = true }, no_marks = { .omit = "zone_watermarks" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	want_field(&l.zone_low, 8, 8);
	want_field(&l.zone_high, 16, 8);
	want_field(&l.zone_kept, 40, 40);
	want_field(&l.pgdat_reserve, 0x148, 8);
	want_field(&l.pgdat_unmapped, 0x150, 8);
	want_field(&l.pgdat_slab, 0x158, 8);
	assert_int_equal(from_sample(&no_marks, 0, 0, &l, &err), 0);
	assert_false(l.zone_low.has || l.zone_high.has);
	want_common(&l);
}

/* in struct page, or in struct folio, or it is not known and not judged */
static void owners_of_device_pages(void **state)
{
	const struct btf_sample page = { .later = true }, folio = { .later = true, .pgmap_of_folio = true };
	const struct btf_sample none = { .omit = "pgmap" }, narrow = { .narrow_pgmap = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&page, 0, 0, &l, &err), 0);
	want_field(&l.pgmap, 8, 8);
	assert_int_equal(from_sample(&folio, 0, 0, &l, &err), 0);
	want_field(&l.pgmap, 8, 8);
	assert_int_equal(from_sample(&none, 0, 0, &l, &err), 0);
	assert_false(l.pgmap.has);
	assert_int_equal(from_sample(&narrow, 0, 0, &l, &err), 0);
	assert_false(l.pgmap.has);
}

/* of its own in struct page, then in the first tail's flags, which only struct folio names */
static void orders_of_compound_pages(void **state)
{
	const struct btf_sample earlier = { 0 }, later = { .later = true };
	const struct btf_sample none = { .omit = "compound_order" }, no_folio = { .later = true, .omit = "folio" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&earlier, 0, 0, &l, &err), 0);
	want_field(&l.tail_order, 17, 1);
	assert_int_equal(from_sample(&later, 0, 0, &l, &err), 0);
	want_field(&l.tail_order, 0, 1);
	assert_int_equal(from_sample(&none, 0, 0, &l, &err), 0);
	assert_false(l.tail_order.has);
	assert_int_equal(from_sample(&no_folio, 0, 0, &l, &err), 0);
	assert_false(l.tail_order.has);
}

/* a limit of the per-cpu lists counts where the zone has it and each CPU, too */
static void limits_of_lists(void **state)
{
	const struct btf_sample both = { .later = true }, no_batch = { .omit = "batch" };
	const struct btf_sample no_high = { .omit = "pageset_high_min" }, no_lists = { .omit = "per_cpu_pages" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&both, 0, 0, &l, &err), 0);
	want_field(&l.pageset[1].zone, 196, 4);
	want_field(&l.pageset[1].cpu, 16, 4);
	want_field(&l.pageset[3].zone, 204, 4);
	want_field(&l.pageset[3].cpu, 20, 4);
	assert_false(l.pageset[0].zone.has || l.pageset[2].zone.has);
	assert_true(pageset_known(&l, &two_cpus));
	assert_int_equal(from_sample(&no_batch, 0, 0, &l, &err), 0);
	assert_true(l.pageset[1].zone.has && !l.pageset[3].zone.has);
	assert_int_equal(from_sample(&no_high, 0, 0, &l, &err), 0);
	assert_true(!l.pageset[1].zone.has && l.pageset[3].zone.has);
	assert_int_equal(from_sample(&no_lists, 0, 0, &l, &err), 0);
	assert_false(pageset_known(&l, &two_cpus));
}

static void chunks_of_per_cpu_memory_are_found(void **state)
{
	static const char *const parts[] = { "pcpu_chunk", "list", "free_bytes", "nr_pages" };
	const struct btf_sample s = { .later = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	want_field(&l.percpu.place, 8, 16);
	want_field(&l.percpu.free, 24, 4);
	want_field(&l.percpu.pages, 64, 4);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct btf_sample without = { .later = true, .omit = parts[i] };

		assert_int_equal(from_sample(&without, 0, 0, &l, &err), 0);
		assert_false(l.percpu.place.has);
		want_common(&l);
	}
}

static void nodes_to_demote_to_are_found(void **state)
{
	const struct btf_sample later = { .later = true }, more = { 0 }, without = { .later = true, .omit = "preferred" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&later, 0, 0, &l, &err), 0);
	want_field(&l.demotion, 0, 128);
	assert_int_equal(from_sample(&more, 0, 0, &l, &err), 0);
	assert_false(l.demotion.has);
	assert_int_equal(from_sample(&without, 0, 0, &l, &err), 0);
	assert_false(l.demotion.has);
}

/* The lists of a zone are known when all of it is. */
static void free_lists_are_found(void **state)
{
	static const char *const parts[] = { "free_area", "free_list", "nr_free", "lru" };
	const struct btf_sample s = { .later = true }, no_types = { .omit = "migratetype" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	want_field(&l.free_area.zone, 208, 1320);
	want_field(&l.free_area.nr, 112, 8);
	want_field(&l.free_area.lists, 0, 112);
	want_field(&l.free_area.lru, 8, 16);
	assert_int_equal(l.free_area.bytes, 120);
	assert_int_equal(l.free_area.isolate, 5);
	assert_int_equal(from_sample(&no_types, 0, 0, &l, &err), 0);
	assert_true(l.free_area.zone.has);
	assert_int_equal(l.free_area.isolate, UINT32_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct btf_sample without = { .later = true, .omit = parts[i] };

		assert_int_equal(from_sample(&without, 0, 0, &l, &err), 0);
		assert_false(l.free_area.zone.has);
		want_common(&l);
	}
}

/* Whoever lacks one of these is decoded all the same, and nobody counts its free pages. */
static void free_pages_may_be_nobodys(void **state)
{
	static const char *const parts[] = {
		"zone_stat_item", "NR_FREE_PAGES", "per_cpu_pages", "per_cpu_zonestat", "per_cpu_pageset",
		"per_cpu_zonestats", "count", "vm_stat", "vm_stat_diff",
	};
	const struct btf_sample one = { .nr_counters = 1 }, wide = { .wide_count = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct btf_sample s = { .later = true, .omit = parts[i] };

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		if (zone_free_known(&l, &two_cpus))
			fail_msg("counted without %s", parts[i]);
		want_common(&l);
	}
	assert_int_equal(from_sample(&one, 0, 0, &l, &err), 0);
	assert_false(l.zone_free.has || l.stats_free_diff.has);
	assert_int_equal(from_sample(&wide, 0, 0, &l, &err), 0);
	assert_false(zone_free_known(&l, &two_cpus));
}

static void links_stand_where_nodes_and_zones_put_them(void **state)
{
	static const struct {
		uint32_t nodes, zones;
		uint8_t node_shift, node_bits, zone_shift, zone_bits;
	} cases[] = {
		{ 1024, 5, 54, 10, 51, 3 }, { 1024, 4, 54, 10, 52, 2 }, { 64, 5, 58, 6, 55, 3 },
		{ 64, 3, 58, 6, 56, 2 },    { 2, 4, 63, 1, 61, 2 },     { 1, 5, 63, 0, 61, 3 },
		{ 1, 1, 63, 0, 63, 0 },     { 16, 1, 60, 4, 60, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct btf_sample s = { .max_nodes = cases[i].nodes,
					      .nr_zones = cases[i].zones };
		struct page_state page;
		struct page_layout l;
		struct rig_err err;
		uint64_t raw[8] = { 0 };

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		assert_int_equal(l.nr_zones, cases[i].zones);
		assert_int_equal(l.node_shift, cases[i].node_shift);
		assert_int_equal(l.node_bits, cases[i].node_bits);
		assert_int_equal(l.zone_shift, cases[i].zone_shift);
		assert_int_equal(l.zone_bits, cases[i].zone_bits);
		/* the largest of both come back as they went in */
		if (l.node_bits)
			raw[0] |= (uint64_t)(cases[i].nodes - 1) << l.node_shift;
		if (l.zone_bits)
			raw[0] |= (uint64_t)(cases[i].zones - 1) << l.zone_shift;
		page_decode(&l, raw, 0, 0, &page);
		assert_int_equal(page.node, cases[i].nodes - 1);
		assert_int_equal(page.zone, cases[i].zones - 1);
	}
}

static void zonelists_and_marks_are_found(void **state)
{
	const struct btf_sample s = { .later = true };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
	assert_true(zonelist_known(&l));
	want_field(&l.pgdat_zonelists, 0x3000, 2 * 5121 * 16);
	assert_int_equal(l.zonelist_bytes, 5121 * 16);
	assert_int_equal(l.zoneref_bytes, 16);
	want_field(&l.zonelist_refs, 0, 5121 * 16);
	want_field(&l.zoneref_index, 8, 4);
	want_field(&l.zone_isolated, 152, 8);
	want_field(&l.zone_present_early, 160, 8);
	want_field(&l.zone_cma, 168, 8);
	want_field(&l.zone_pgdat, 176, 8);
	want_field(&l.zone_node, 184, 4);
	want_field(&l.zone_initialized, 188, 4);
	want_field(&l.zone_contiguous, 192, 1);
}

static void memory_blocks_and_resources_are_told(void **state)
{
	static const char *const needed[] = { "start_section_nr", "online_type", "xa_head", "slots", "xa_node" };
	const struct btf_sample now = { .later = true }, before = { 0 };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(from_sample(&now, 0, 0, &l, &err), 0);
	assert_true(memory_block_known(&l));
	want_field(&l.block.section, 0, 8);
	want_field(&l.block.online_type, 12, 4);
	want_field(&l.block.node, 16, 4);
	want_field(&l.block.zone, 24, 8);
	want_field(&l.block.altmap, 848, 8);
	assert_false(l.block.hosted.has);
	want_field(&l.block.altmap_pages, 32, 8);
	want_field(&l.block.altmap_used, 48, 8);
	want_field(&l.block.group, 856, 8);
	want_field(&l.block.poisoned, 880, 8);
	want_field(&l.block.group_node, 0, 4);
	want_field(&l.block.group_kernel, 24, 8);
	want_field(&l.block.group_movable, 32, 8);
	want_field(&l.block.group_dynamic, 40, 1);
	want_field(&l.block.group_whole, 48, 8);
	assert_true(resource_tree_known(&l));
	want_field(&l.resource.start, 0, 8);
	want_field(&l.resource.end, 8, 8);
	want_field(&l.resource.flags, 24, 8);
	want_field(&l.resource.desc, 32, 8);
	want_field(&l.resource.sibling, 48, 8);
	want_field(&l.resource.child, 56, 8);
	want_field(&l.xarray.head, 8, 8);
	want_field(&l.xarray.shift, 0, 1);
	want_field(&l.xarray.slots, 40, 512);
	assert_int_equal(from_sample(&before, 0, 0, &l, &err), 0);
	want_field(&l.block.hosted, 848, 8);
	assert_false(l.block.altmap.has);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		const struct btf_sample s = { .later = true, .omit = needed[i] };

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		assert_false(memory_block_known(&l));
	}
}

static void zonelists_and_pageblocks_may_be_nobodys(void **state)
{
	static const char *const lists[] = { "zoneref", "zone_idx", "node_zonelists" },
			  *const blocks[] = { "pageblock_flags", "migratetype", "pageblock_bits", "hstate" };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct btf_sample s = { .later = true, .omit = lists[i] };

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		assert_false(zonelist_known(&l));
	}
	for (size_t i = 0; i <= ARRAY_SIZE(blocks); i++) {
		const struct btf_sample s = { .later = true, .omit = i < ARRAY_SIZE(blocks) ? blocks[i] : NULL,
					      .no_huge_pages = i == ARRAY_SIZE(blocks) };

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		assert_false(pageblock_known(&l));
	}
}

static void pageblocks_are_as_the_enums_say(void **state)
{
	(void)state;
	for (int bit = 0; bit < 2; bit++) {
		const struct btf_sample s = { .later = true, .isolate_bit = bit };
		struct page_layout l;
		struct rig_err err;

		assert_int_equal(from_sample(&s, 0, 0, &l, &err), 0);
		assert_true(pageblock_known(&l));
		assert_int_equal(l.pageblocks.offset, 8);
		assert_int_equal(l.pageblocks.bits, bit ? 8 : 4);
		assert_int_equal(l.pageblocks.isolate_bit, bit ? 4 : -1);
		assert_int_equal(l.pageblocks.type[1], PAGEBLOCK_MOVABLE);
		assert_int_equal(l.pageblocks.type[5], PAGEBLOCK_ISOLATE);
		assert_int_equal(l.pageblocks.type[6], PAGEBLOCK_NR_TYPES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earlier_kernel),
		cmocka_unit_test(the_later_kernel),
		cmocka_unit_test(the_kernels_in_between),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(signs_may_be_missing),
		cmocka_unit_test(free_pages_are_counted_where_the_enum_says),
		cmocka_unit_test(counts_are_where_the_enums_say),
		cmocka_unit_test(marks_and_what_follows_from_them),
		cmocka_unit_test(owners_of_device_pages),
		cmocka_unit_test(orders_of_compound_pages),
		cmocka_unit_test(limits_of_lists),
		cmocka_unit_test(chunks_of_per_cpu_memory_are_found),
		cmocka_unit_test(nodes_to_demote_to_are_found),
		cmocka_unit_test(free_lists_are_found),
		cmocka_unit_test(free_pages_may_be_nobodys),
		cmocka_unit_test(zonelists_and_marks_are_found),
		cmocka_unit_test(memory_blocks_and_resources_are_told),
		cmocka_unit_test(zonelists_and_pageblocks_may_be_nobodys),
		cmocka_unit_test(pageblocks_are_as_the_enums_say),
		cmocka_unit_test(links_stand_where_nodes_and_zones_put_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
