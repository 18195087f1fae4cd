// SPDX-License-Identifier: GPL-2.0-or-later
/* What the first sight of a kernel settles: who hosts memmaps, what raises the end; and how marks show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/compare.h"
#include "sample_devices.h"

/* kpageflags alone, 6.1, signs of the era not known: pages that hold their memmap are reserved */
static void self_hosted_without_struct_pages(void **state)
{
	struct findings out = { 0 };
	struct page_map map = { 0 };
	struct page_writer w;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_1, false);
	s.model.era = ERA_UNKNOWN;
	s.model.self_hosting = true;
	sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(128), 0, 0, false);
	model_online(&s.model, 32, ZONE_MOVABLE);
	w = page_writer_begin(&s.layout, &map, SAMPLE_D0_PFN, "Movable");
	w.online = true;
	w.raw = false;
	page_writer_put_plain(&w, 512, 1, "reserved|owner_priv_1", NULL);
	page_writer_put_used(&w, 0x8000 - 512);
	compare_pages(&s.model, &map, true, "s", &out);
	assert_int_equal(out.nr, 0);
	page_map_deinit(&map);
	findings_deinit(&out);
	sample_deinit(&s);
}

/* of a device of several blocks, the first block that came online tells whether each holds its memmap */
static void who_hosts_memmaps_is_learned(void **state)
{
	(void)state;
	for (int hosts = 0; hosts < 2; hosts++)
		for (int raw = 0; raw < 2; raw++) {
			struct snapshot seen = { .raw = raw };
			struct page_writer w;
			struct sample s;

			sample_init(&s, SAMPLE_6_12, raw);
			s.model.self_hosting = true;
			sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, false);
			model_learn(&s.model, &seen);
			assert_int_equal(s.model.hosting_each, SIGHT_NONE);
			model_online(&s.model, 33, ZONE_MOVABLE);
			w = page_writer_begin(&s.layout, &seen.pages, SAMPLE_D0_PFN + 0x8000, "Movable");
			w.online = true;
			w.raw = raw;
			page_writer_put_plain(&w, 512, 1, hosts ? "owner_priv_1" : "", NULL);
			page_writer_put_used(&w, 0x7e00);
			model_learn(&s.model, &seen);
			assert_int_equal(s.model.hosting_each, hosts ? SIGHT_YES : SIGHT_NO);
			assert_int_equal(s.model.device[0].block[0].hosted_pages, hosts ? 512 : 0);
			assert_int_equal(s.model.device[0].block[1].hosted_pages, hosts ? 512 : 0);
			snapshot_deinit(&seen);
			sample_deinit(&s);
		}
}

/* the first one that was refused tells it as well, but not to whom sees no struct pages: it is not online */
static void a_vetoed_block_tells_who_hosts_memmaps(void **state)
{
	(void)state;
	for (int hosts = 0; hosts < 2; hosts++)
		for (int raw = 0; raw < 2; raw++) {
			struct snapshot seen = { .raw = raw };
			struct page_writer w;
			struct sample s;

			sample_init(&s, SAMPLE_6_12, raw);
			s.model.self_hosting = true;
			sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, false);
			model_veto(&s.model, 33, ZONE_MOVABLE);
			w = page_writer_begin(&s.layout, &seen.pages, SAMPLE_D0_PFN + 0x8000, "Movable");
			w.raw = raw;
			page_writer_put_plain(&w, 512, 1, hosts ? "owner_priv_1" : "", hosts ? NULL : "offline");
			model_learn(&s.model, &seen);
			assert_int_equal(s.model.hosting_each, !raw ? SIGHT_NONE : hosts ? SIGHT_YES : SIGHT_NO);
			assert_int_equal(s.model.device[0].block[1].hosted_pages, raw && hosts ? 512 : 0);
			snapshot_deinit(&seen);
			sample_deinit(&s);
		}
}

/* the kernel's own memory blocks tell it as soon as they are there */
static void a_block_that_is_added_tells_who_hosts_memmaps(void **state)
{
	(void)state;
	for (int hosts = 0; hosts < 2; hosts++) {
		struct memory_block block[] = { { .id = 32, .lost = true }, { .id = 33, .hosting = hosts, .hosted = 512 } };
		const struct snapshot seen = { .raw = true, .memory_block = block, .nr_memory_blocks = 2 };
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		s.model.self_hosting = true;
		sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, false);
		model_learn(&s.model, &seen);
		assert_int_equal(s.model.hosting_each, hosts ? SIGHT_YES : SIGHT_NO);
		assert_int_equal(s.model.device[0].block[0].hosted_pages, hosts ? 512 : 0);
		sample_deinit(&s);
	}
}

/* a namespace behind the end of memory; the end is that of a section */
static void what_raises_the_end_is_learned(void **state)
{
	static const struct {
		uint64_t seen, expected;
		enum model_sight sight;
	} cases[] = {
		{ 0x80000, 0x80000, SIGHT_NO },
		{ 0x190000, 0x190000, SIGHT_YES },
		{ 0x189000, 0x80000, SIGHT_NO },	/* not all of it, which is then found wrong */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model_namespace ns = sample_fsdax(SAMPLE_P0_PFN, 0x9000, false);
		struct snapshot seen = { .raw = true, .kpageflags_pages = 0x80000 };
		struct sample s;

		sample_init(&s, SAMPLE_6_12, true);
		model_learn(&s.model, &seen);
		assert_int_equal(s.model.device_raises_end, SIGHT_NONE);
		model_namespace_set(&s.model, &ns);
		seen.kpageflags_pages = cases[i].seen;
		model_learn(&s.model, &seen);
		assert_int_equal(s.model.device_raises_end, cases[i].sight);
		assert_int_equal(s.model.max_pages, cases[i].expected);
		sample_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_hosted_without_struct_pages),
		cmocka_unit_test(who_hosts_memmaps_is_learned),
		cmocka_unit_test(a_vetoed_block_tells_who_hosts_memmaps),
		cmocka_unit_test(a_block_that_is_added_tells_who_hosts_memmaps),
		cmocka_unit_test(what_raises_the_end_is_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
