// SPDX-License-Identifier: GPL-2.0-or-later
/* Namespaces come and go: what they make of sections, zones, nodes and boot memory, and leave behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/compare.h"
#include "sample_devices.h"

/* the pages that hold the memmap of a devdax are no compound pages, whatever its alignment */
static void memmap_of_a_devdax_is_no_compound(void **state)
{
	struct model_namespace ns = sample_devdax(SAMPLE_P0_PFN, 0x8000, true);
	struct findings out = { 0 };
	struct page_map map = { 0 };
	struct page_writer w;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	model_namespace_set(&s.model, &ns);
	assert_int_equal(ns.data_pfn, SAMPLE_P0_PFN + 1024);
	w = page_writer_begin(&s.layout, &map, ns.start_pfn, "DMA");
	page_writer_put_plain(&w, 2, 77, "locked|error", NULL);
	w.zone = "Device";
	page_writer_put_plain(&w, 1022, 1, "reserved", NULL);
	while (w.pfn < ns.end_pfn)
		page_writer_put_compound(&w, 9, true);
	compare_pages(&s.model, &map, false, "s", &out);
	assert_int_equal(out.nr, 0);
	page_map_deinit(&map);
	findings_deinit(&out);
	sample_deinit(&s);
}

/* two namespaces beside each other, whose pages all point to the same device */
static void namespaces_do_not_share_an_owner(void **state)
{
	struct model_namespace a = sample_fsdax(SAMPLE_P0_PFN, 0x8000, false);
	struct model_namespace b = sample_fsdax(SAMPLE_P0_PFN + 0x8000, 0x8000, false);

	(void)state;
	snprintf(b.id, sizeof(b.id), "other");
	for (int shared = 0; shared < 2; shared++) {
		struct findings out = { 0 };
		struct page_map map = { 0 };
		struct page_writer w;
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		model_namespace_set(&s.model, &a);
		model_namespace_set(&s.model, &b);
		w = page_writer_begin(&s.layout, &map, a.start_pfn, "Device");
		page_writer_put_plain(&w, 0x8000, 1, "reserved", NULL);
		w.pgmap += shared ? 0 : 0x100;
		page_writer_put_plain(&w, 0x8000, 1, "reserved", NULL);
		compare_pgmaps(&s.model, &map, "s", &out);
		assert_int_equal(out.nr, shared);
		if (shared) {
			assert_string_equal(out.f[0].invariant, "page.pgmap");
			assert_int_equal(out.f[0].first_pfn, b.start_pfn);
			assert_int_equal(out.f[0].nr_pfns, b.nr_pages);
		}
		findings_deinit(&out);
		page_map_deinit(&map);
		sample_deinit(&s);
	}
}

/* a driver that initialises more pages than its namespace has: boot's pages behind it have changed */
static void boot_pages_behind_a_namespace(void **state)
{
	struct model_namespace ns = sample_fsdax(SAMPLE_E820_PFN, 0x1000, false);
	struct snapshot start = { .raw = true }, end = { .raw = true };
	struct findings out = { 0 };
	struct page_writer w;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	model_namespace_set(&s.model, &ns);
	w = page_writer_begin(&s.layout, &start.pages, 0x40000, "DMA32");
	page_writer_put_plain(&w, 0x8000, 1, "reserved", NULL);
	w = page_writer_begin(&s.layout, &end.pages, 0x40000, "DMA32");
	page_writer_put_plain(&w, 0x4000, 1, "reserved", NULL);
	w.zone = "Device";
	page_writer_put_plain(&w, 0x1200, 1, "reserved", NULL);
	w.zone = "DMA32";
	page_writer_put_plain(&w, 0x2e00, 1, "reserved", NULL);
	model_compare_boot(&s.model, &start, &end, "s", &out);
	assert_int_equal(out.nr, 1);
	assert_string_equal(out.f[0].invariant, "page.zone");
	assert_int_equal(out.f[0].first_pfn, SAMPLE_E820_PFN + 0x1000);
	assert_int_equal(out.f[0].nr_pfns, 0x200);
	snapshot_deinit(&start);
	snapshot_deinit(&end);
	findings_deinit(&out);
	sample_deinit(&s);
}

/* zone Device is never shrunk, so its node is never offlined and does not start afresh */
static void a_node_with_zone_device_stays(void **state)
{
	struct model_namespace ns = sample_devdax(SAMPLE_P0_PFN, 0x8000, false);
	uint64_t start, end;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_dimm(&s.model, "d1", SAMPLE_D1_PFN * 4096, MIB(256), 1, 1, false);
	ns.node = 1;
	model_namespace_set(&s.model, &ns);
	assert_int_equal(s.model.nr_zones[1], 5);
	model_namespace_drop(&s.model, "n");
	model_unplug(&s.model, "d1");
	assert_true(model_node_in_use(&s.model, 1));
	assert_true(model_span(&s.model, 1, MODEL_DEVICE, &start, &end));
	assert_int_equal(start, SAMPLE_P0_PFN);
	assert_int_equal(end, SAMPLE_P0_PFN + 0x8000);
	sample_plug_dimm(&s.model, "d1", SAMPLE_D1_PFN * 4096, MIB(256), 1, 1, false);
	assert_int_equal(s.model.nr_zones[1], 5);
	sample_deinit(&s);
}

/*
 * Measured on 6.12 with memmap=192M!0x44000000: the raw namespace of an e820 range has its memmap
 * (nd_e820 sets ND_REGION_PAGEMAP, pmem_should_map_pages()), and has it at the start already.
 */
static void a_section_without_the_early_mark_is_not_of_boot(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_E820_RAW);
	assert_true(model_early_section(&s.model, 8));
	assert_false(model_early_section(&s.model, 9));
	sample_deinit(&s);
}

/* tails that share their memmap, counted as a stable 6.12 does: measured 128 for 192 MiB at 0x44000000 */
static void shared_tails_are_learned(void **state)
{
	struct model_namespace ns = sample_devdax(SAMPLE_E820_PFN, SAMPLE_E820_PAGES, false);
	struct snapshot seen = { .raw = true, .has_memmap_pages = true };
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_E820_RAW);
	model_namespace_set(&s.model, &ns);
	assert_int_equal(model_memmap_pages(&s.model), 512);
	seen.memmap_pages = 128;
	model_learn(&s.model, &seen);
	assert_int_equal(model_memmap_pages(&s.model), 128);
	sample_deinit(&s);
}

/* sections that a namespace shares with other memory are marked, and keep the mark if boot's memory is there */
static void shared_sections_are_tainted(void **state)
{
	static const struct {
		uint64_t start, nr;
		size_t while_there, after;
	} cases[] = {
		{ SAMPLE_P0_PFN, 0x10000, 0, 0 },
		{ SAMPLE_P0_PFN + 0x4000, 0x10000, 2, 0 },
		{ SAMPLE_P0_PFN + 0x4000, 0x1000, 1, 0 },
		{ SAMPLE_P0_PFN, 0x9000, 1, 0 },
		{ SAMPLE_E820_PFN, 0x4000, 1, 1 },	/* to the end of the section */
		{ SAMPLE_E820_PFN, 0x5000, 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model_namespace ns = sample_fsdax(cases[i].start, cases[i].nr, false);
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		model_namespace_set(&s.model, &ns);
		assert_int_equal(s.model.nr_tainted, cases[i].while_there);
		ns.enabled = false;
		model_namespace_set(&s.model, &ns);
		assert_int_equal(s.model.nr_tainted, cases[i].after);
		sample_deinit(&s);
	}
}

/* two namespaces in one section: the mark stays until the second one goes */
static void a_taint_lasts_as_long_as_the_section(void **state)
{
	struct model_namespace low = sample_fsdax(SAMPLE_P0_PFN, 0x4000, false),
			       high = sample_fsdax(SAMPLE_P0_PFN + 0x4000, 0x4000, false);
	struct sample s;

	(void)state;
	strcpy(high.id, "high");
	sample_init(&s, SAMPLE_6_12, true);
	model_namespace_set(&s.model, &low);
	model_namespace_set(&s.model, &high);
	assert_int_equal(s.model.nr_tainted, 1);
	model_namespace_drop(&s.model, "n");
	assert_int_equal(s.model.nr_tainted, 1);
	model_namespace_drop(&s.model, "high");
	assert_int_equal(s.model.nr_tainted, 0);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memmap_of_a_devdax_is_no_compound),
		cmocka_unit_test(namespaces_do_not_share_an_owner),
		cmocka_unit_test(boot_pages_behind_a_namespace),
		cmocka_unit_test(a_node_with_zone_device_stays),
		cmocka_unit_test(a_section_without_the_early_mark_is_not_of_boot),
		cmocka_unit_test(shared_tails_are_learned),
		cmocka_unit_test(shared_sections_are_tainted),
		cmocka_unit_test(a_taint_lasts_as_long_as_the_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
