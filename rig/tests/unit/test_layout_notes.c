// SPDX-License-Identifier: GPL-2.0-or-later
/* Layouts from vmcoreinfo and config: of both kernels, with each line missing or senseless. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "page/state.h"
#include "page/vmcoreinfo.h"

#define CONFIG "CONFIG_SPARSEMEM_VMEMMAP=y\nCONFIG_NODES_SHIFT=10\nCONFIG_ZONE_DMA=y\n" \
	       "CONFIG_ZONE_DMA32=y\nCONFIG_ZONE_DEVICE=y\n"

static char *real(const char *kernel)
{
	AUTO_FREE char *path = xasprintf(TEST_FIXTURES "/vmcoreinfo/%s.txt", kernel);
	struct rig_err err;
	char *text;

	assert_int_equal(io_read_file(path, VMCOREINFO_MAX_BYTES, &text, NULL, &err), 0);
	return text;
}

/* @text with the line of @key gone, or another one in its place. */
static char *with_line(const char *text, const char *key, const char *line)
{
	AUTO_FREE char *start = xasprintf("\n%s=", key);
	const char *at = strstr(text, start);

	assert_non_null(at);
	return xasprintf("%.*s\n%s%s", (int)(at - text), text, line ? line : "",
			 line ? strchr(at + 1, '\n') : strchr(at + 1, '\n') + 1);
}

static void want_field(const struct layout_field *f, uint32_t offset, uint32_t size)
{
	assert_true(f->has);
	assert_int_equal(f->offset, offset);
	assert_int_equal(f->size, size);
}

/* What both kernels have at the same place, and what vmcoreinfo names of neither. */
static void want_common(const struct page_layout *l)
{
	assert_int_equal(l->page_bytes, 64);
	want_field(&l->flags, 0, 8);
	want_field(&l->compound_head, 8, 8);
	want_field(&l->private_, 40, 8);
	want_field(&l->mapcount, 48, 4);
	want_field(&l->refcount, 52, 4);
	assert_int_equal(l->section_bytes, 16);
	want_field(&l->section_mem_map, 0, 8);
	assert_int_equal(l->pages_per_section, 32768);
	assert_int_equal(l->pages_per_subsection, 512);
	assert_int_equal(l->zone_struct_bytes, 1536);
	assert_int_equal(l->pgdat_zones_offset, 0);
	want_field(&l->pgdat_nr_zones, 171552, 4);
	want_field(&l->pgdat_start_pfn, 171560, 8);
	want_field(&l->pgdat_spanned, 171576, 8);
	assert_false(l->section_usage.has || l->usage_subsection_map.has || l->zone_start_pfn.has ||
		     l->zone_present.has || l->zone_managed.has || l->pgdat_present.has);
	assert_false(l->has_sign_free_pages_core || l->has_sign_offline);
	assert_int_equal(layout_flag_bit(l, "reserved"), -1);
	assert_int_equal(layout_flag_mask(l, "reserved"), 0);
	assert_true(l->section_bits.by_convention);
	assert_false(l->section_bits.has_taint);
}

static void the_earlier_kernel(void **state)
{
	AUTO_FREE char *note = real("6.1");
	struct page_state page = { .type_word = 0xfffffeff };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(layout_from_notes(note, CONFIG, &l, &err), 0);
	want_common(&l);
	want_field(&l.zone_spanned, 144, 8);
	assert_int_equal(layout_flag_bit(&l, "head"), 16);
	assert_int_equal(layout_flag_bit(&l, "slab"), 9);
	assert_int_equal(l.nr_flags, 20);
	assert_int_equal(l.type_encoding, TYPE_INVERTED_BITS);
	assert_int_equal(l.nr_types, 4);
	page_decode_type(&l, &page);
	assert_string_equal(page_type_name(&l, page.type), "offline");
}

static void the_later_kernel(void **state)
{
	AUTO_FREE char *note = real("6.12");
	struct page_state page = { .type_word = 0xf1000000 };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	assert_int_equal(layout_from_notes(note, CONFIG, &l, &err), 0);
	want_common(&l);
	want_field(&l.zone_spanned, 160, 8);
	assert_int_equal(layout_flag_bit(&l, "head"), 6);
	assert_int_equal(layout_flag_bit(&l, "slab"), -1);
	assert_int_equal(layout_flag_bit(&l, "hwpoison"), 20);
	assert_int_equal(l.type_encoding, TYPE_TOP_BYTE);
	assert_int_equal(l.nr_types, 4);
	assert_int_equal(l.type[layout_type_index(&l, "slab")].value, 0xf5);
	assert_false(l.types_guessed);
	page_decode_type(&l, &page);
	assert_string_equal(page_type_name(&l, page.type), "offline");
}

/* 6.10 and 6.11 keep types in bits that are part of the base before and after. */
static void the_kernels_in_between(void **state)
{
	AUTO_FREE char *later = real("6.12"), *buddy = NULL, *note = NULL;
	struct page_state page = { .type_word = ~0x40000000u };
	struct page_layout l;
	struct rig_err err;

	(void)state;
	buddy = with_line(later, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)",
			  "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-1073741825");
	note = with_line(buddy, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)",
			 "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=3758096383");
	assert_int_equal(layout_from_notes(note, NULL, &l, &err), 0);
	assert_int_equal(l.type_encoding, TYPE_INVERTED_BITS);
	assert_int_equal(l.nr_types, 2);	/* the others are of another encoding */
	assert_int_equal(l.type[1].value, 0x20000000);
	assert_false(l.types_guessed);
	page_decode_type(&l, &page);
	assert_string_equal(page_type_name(&l, page.type), "buddy");
}

static void the_config_tells_zones_and_nodes(void **state)
{
	static const struct {
		const char *config;
		uint32_t zones, node_shift, node_bits, zone_shift, zone_bits;
		const char *first;
	} cases[] = {
		{ CONFIG, 5, 54, 10, 51, 3, "DMA" },
		{ "CONFIG_SPARSEMEM_VMEMMAP=y", 2, 63, 0, 63, 1, "Normal" },
		{ "CONFIG_SPARSEMEM_VMEMMAP=y\nCONFIG_ZONE_DMA32=y\nCONFIG_NODES_SHIFT=6\n", 3, 58, 6,
		  56, 2, "DMA32" },
		/* part of a name, a module, the last of two */
		{ "CONFIG_SPARSEMEM_VMEMMAP=y\nCONFIG_ZONE_DMA=m\nXCONFIG_ZONE_DMA32=y\n"
		  "CONFIG_ZONE_DEVICE=y\n# CONFIG_ZONE_DEVICE is not set\n", 2, 63, 0, 63, 1, "Normal" },
	};
	static const char *const nothing[] = {
		"", "CONFIG_ZONE_DMA=y\n", "CONFIG_SPARSEMEM_VMEMMAP=n\nCONFIG_ZONE_DMA=y\n",
		CONFIG "CONFIG_NODES_SHIFT=11\n", CONFIG "CONFIG_NODES_SHIFT=-1\n",
	};
	AUTO_FREE char *note = real("6.12");
	struct page_layout l;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(layout_from_notes(note, cases[i].config, &l, &err), 0);
		assert_int_equal(l.nr_zones, cases[i].zones);
		assert_int_equal(l.node_bits, cases[i].node_bits);
		assert_int_equal(l.zone_bits, cases[i].zone_bits);
		assert_int_equal(l.node_shift, cases[i].node_shift);
		assert_int_equal(l.zone_shift, cases[i].zone_shift);
		assert_string_equal(l.zone_name[0], cases[i].first);
	}
	for (size_t i = 0; i <= ARRAY_SIZE(nothing); i++) {
		const char *config = i < ARRAY_SIZE(nothing) ? nothing[i] : NULL;

		assert_int_equal(layout_from_notes(note, config, &l, &err), 0);
		assert_int_equal(l.nr_zones, 0);
		assert_int_equal(l.node_bits + l.zone_bits, 0);
		assert_int_equal(layout_zone_index(&l, "Normal"), -1);
	}
}

static void what_a_walk_needs_is_named(void **state)
{
	static const char *const keys[] = {
		"SIZE(page)", "OFFSET(page.flags)", "SIZE(mem_section)",
		"OFFSET(mem_section.section_mem_map)", "NUMBER(SECTION_SIZE_BITS)",
	};
	AUTO_FREE char *note = real("6.12");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO_FREE char *without = with_line(note, keys[i], NULL);
		struct page_layout l = { .page_bytes = 77 };
		struct rig_err err = { 0 };

		assert_int_equal(layout_from_notes(without, CONFIG, &l, &err), -ENOENT);
		assert_int_equal(err.cause, RIG_MISSING);
		if (!strstr(err.text, keys[i]))
			fail_msg("without %s: '%s'", keys[i], err.text);
		assert_int_equal(l.page_bytes, 77);
	}
}

static void what_is_not_named_stays_unknown(void **state)
{
	static const char *const keys[] = {
		"OFFSET(page._refcount)",
		"OFFSET(page._mapcount)",
		"OFFSET(page.private)",
		"OFFSET(page.compound_head)",
		"OFFSET(pglist_data.nr_zones)",
		"OFFSET(pglist_data.node_start_pfn)",
		"OFFSET(pglist_data.node_spanned_pages)",
		"OFFSET(zone.spanned_pages)",
	};
	AUTO_FREE char *note = real("6.1"), *no_types = NULL, *no_zone = NULL;
	struct page_layout l;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO_FREE char *without = with_line(note, keys[i], NULL);
		const struct layout_field *fields[] = {
			&l.refcount, &l.mapcount, &l.private_, &l.compound_head,
			&l.pgdat_nr_zones, &l.pgdat_start_pfn, &l.pgdat_spanned, &l.zone_spanned,
		};

		assert_int_equal(layout_from_notes(without, NULL, &l, &err), 0);
		for (size_t k = 0; k < ARRAY_SIZE(fields); k++)
			assert_int_equal(fields[k]->has, k != i);
	}
	no_types = with_line(note, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "NUMBER(PAGE_BUDDY)=-129");
	assert_int_equal(layout_from_notes(no_types, NULL, &l, &err), 0);
	assert_int_equal(l.nr_types, 1);
	assert_int_equal(layout_type_index(&l, "buddy"), -1);
	no_zone = with_line(note, "SIZE(zone)", NULL);
	assert_int_equal(layout_from_notes(no_zone, NULL, &l, &err), 0);
	assert_int_equal(l.zone_struct_bytes, 0);
	assert_false(l.zone_spanned.has);
}

static void nonsense_is_refused(void **state)
{
	static const struct { const char *key, *value; } wrong[] = {
		{ "SIZE(page)", "0" },
		{ "SIZE(page)", "-64" },
		{ "SIZE(page)", "63" },
		{ "SIZE(page)", "4096" },
		{ "OFFSET(page.flags)", "57" },
		{ "OFFSET(page._refcount)", "61" },
		{ "OFFSET(page._mapcount)", "-4" },
		{ "OFFSET(page.private)", "9223372036854775807" },
		{ "SIZE(mem_section)", "0" },
		{ "SIZE(mem_section)", "65" },
		{ "OFFSET(mem_section.section_mem_map)", "9" },
		{ "NUMBER(SECTION_SIZE_BITS)", "20" },
		{ "NUMBER(SECTION_SIZE_BITS)", "63" },
		{ "SIZE(pglist_data)", "-1" },
		{ "SIZE(pglist_data)", "99999999999" },
		{ "SIZE(zone)", "99999999" },
		{ "OFFSET(pglist_data.nr_zones)", "174461" },
		{ "OFFSET(zone.spanned_pages)", "1529" },
	};
	AUTO_FREE char *note = real("6.12");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		AUTO_FREE char *line = xasprintf("%s=%s", wrong[i].key, wrong[i].value);
		AUTO_FREE char *text = with_line(note, wrong[i].key, line);
		struct page_layout l = { .page_bytes = 77 };
		struct rig_err err = { 0 };

		if (layout_from_notes(text, CONFIG, &l, &err) != -ERANGE)
			fail_msg("%s was taken", line);
		assert_non_null(strstr(err.text, wrong[i].key));
		assert_int_equal(l.page_bytes, 77);
	}
}

/* Flags and types that cannot be are not taken; the rest is. */
static void senseless_names_are_left_out(void **state)
{
	static const struct { const char *key, *value; } odd[] = {
		{ "NUMBER(PG_lru)", "-1" },
		{ "NUMBER(PG_lru)", "64" },
		{ "NUMBER(PG_head_mask)", "0" },
		{ "NUMBER(PG_head_mask)", "3" },
		{ "NUMBER(PG_head_mask)", "-9223372036854775808" },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "0" },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "-1" },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "-130" },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "4294967296" },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "2147483647" },
	};
	AUTO_FREE char *note = real("6.12");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		AUTO_FREE char *line = xasprintf("%s=%s", odd[i].key, odd[i].value);
		AUTO_FREE char *text = with_line(note, odd[i].key, line);
		struct page_layout l;
		struct rig_err err;

		assert_int_equal(layout_from_notes(text, CONFIG, &l, &err), 0);
		assert_true(l.nr_flags <= LAYOUT_MAX_FLAGS);
		assert_int_equal(layout_flag_bit(&l, "lru") < 0, i < 2);
		assert_int_equal(layout_flag_bit(&l, "head") < 0, i >= 2 && i < 5);
		assert_int_equal(layout_type_index(&l, "buddy") < 0, i >= 5);
		assert_true(layout_type_index(&l, "offline") >= 0);
	}
}

static void types_are_named_once(void **state)
{
	struct page_layout l = { .type_base = 0xf0000000 };

	(void)state;
	layout_name_types(&l, 0xffffff7f, 0xfffffeff);
	assert_int_equal(l.nr_types, 4);
	layout_name_types(&l, 0xf0000000, 0xf1000000);
	assert_int_equal(l.nr_types, 4);
	assert_int_equal(l.type_encoding, TYPE_INVERTED_BITS);
	assert_false(layout_add_type(&l, "mixed", 0xf2000000));
	while (l.nr_types < LAYOUT_MAX_TYPES)
		assert_true(layout_add_type(&l, "more", ~0x800u));
	assert_false(layout_add_type(&l, "one too many", ~0x800u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earlier_kernel),
		cmocka_unit_test(the_later_kernel),
		cmocka_unit_test(the_kernels_in_between),
		cmocka_unit_test(the_config_tells_zones_and_nodes),
		cmocka_unit_test(what_a_walk_needs_is_named),
		cmocka_unit_test(what_is_not_named_stays_unknown),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(senseless_names_are_left_out),
		cmocka_unit_test(types_are_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
