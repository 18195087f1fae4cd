// SPDX-License-Identifier: GPL-2.0-or-later
/* What the model predicts: zones, spans, counts.  The figures are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/span.h"
#include "sample_machine.h"

/*
 * Zones by hand from zone_for_pfn_range(): boot zones end at 0x7ffe0; blocks 32 to 40 are
 * plugged on node 0.  A word is a block and how it comes online: k(ernel), m(ovable), a(uto),
 * v(etoed, movable), o(ffline).
 */
static const struct zone_case {
	const char *course;
	uint32_t block; /* asked about */
	enum model_zone automatic, kernel;
	const char *valid; /* valid_zones while it is offline */
} zone_cases[] = {
	{ "", 32, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },
	{ "34m", 33, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },      /* below movable */
	{ "34m", 35, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },      /* above movable */
	{ "33m 36m", 34, MODEL_MOVABLE, MODEL_NORMAL, "Movable Normal" }, /* between movable */
	{ "33k 36k", 34, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },  /* between kernel */
	{ "33k 36m", 34, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },  /* between both */
	{ "33k 35m 36k 38m", 37, MODEL_MOVABLE, MODEL_NORMAL, "Movable Normal" },
	{ "33k 34m 37k 38m", 35, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" }, /* in both spans */
	{ "33k 34m 37k 38m", 32, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },
	{ "33m 36m 33o", 34, MODEL_NORMAL, MODEL_NORMAL,
	  "Normal Movable" }, /* the span has shrunk */
	{ "33m 35m 36m 36o", 34, MODEL_MOVABLE, MODEL_NORMAL, "Movable Normal" },
	{ "33v 36m", 34, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" }, /* a veto leaves no span */
	{ "33m 36m 34a", 35, MODEL_MOVABLE, MODEL_NORMAL, "Movable Normal" },
	{ "33m 34a", 35, MODEL_NORMAL, MODEL_NORMAL, "Normal Movable" },
};

static void follow(struct model *m, const char *course)
{
	for (const char *p = course; *p; p += p[3] ? 4 : 3) {
		uint32_t block = (uint32_t)(p[0] - '0') * 10 + (uint32_t)(p[1] - '0');

		if (p[2] == 'o')
			model_offline(m, block);
		else if (p[2] == 'v')
			model_veto(m, block, ZONE_MOVABLE);
		else
			model_online(m, block,
				     p[2] == 'k'   ? ZONE_KERNEL
				     : p[2] == 'm' ? ZONE_MOVABLE
						   : ZONE_AUTO);
	}
}

static void zones_are_the_kernels_choice(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(zone_cases); i++) {
		const struct zone_case *c = &zone_cases[i];
		struct sample s;
		char zones[64];

		sample_init(&s, SAMPLE_6_12, true);
		sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, 9 * SAMPLE_BLOCK_PAGES * 4096, 0,
			   0, false);
		follow(&s.model, c->course);
		if (model_zone_for(&s.model, c->block, 0, ZONE_AUTO) != c->automatic ||
		    model_zone_for(&s.model, c->block, 0, ZONE_KERNEL) != c->kernel ||
		    model_zone_for(&s.model, c->block, 0, ZONE_MOVABLE) != MODEL_MOVABLE)
			fail_msg("after '%s' block %u goes to %s, kernel %s", c->course, c->block,
				 model_zone_name(model_zone_for(&s.model, c->block, 0, ZONE_AUTO)),
				 model_zone_name(
					 model_zone_for(&s.model, c->block, 0, ZONE_KERNEL)));
		assert_string_equal(model_valid_zones(&s.model, c->block, zones), c->valid);
		/* the other node has empty zones, whatever is online here */
		assert_int_equal(model_zone_for(&s.model, c->block, 1, ZONE_AUTO), MODEL_NORMAL);
		model_online(&s.model, c->block, ZONE_AUTO);
		assert_string_equal(model_valid_zones(&s.model, c->block, zones),
				    model_zone_name(c->automatic));
		sample_deinit(&s);
	}
}

/* Where boot memory spans it, a block goes to a DMA zone by default and with online_kernel. */
static void a_block_inside_a_boot_zone_joins_it(void **state)
{
	struct sample s;
	char zones[64];

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	sample_plug_dimm(&s.model, "low", 15 * SAMPLE_BLOCK_PAGES * 4096, SAMPLE_BLOCK_PAGES * 4096, 0, 0,
		   false);
	assert_int_equal(model_zone_for(&s.model, 15, 0, ZONE_AUTO), MODEL_DMA32);
	assert_int_equal(model_zone_for(&s.model, 15, 0, ZONE_KERNEL), MODEL_DMA32);
	assert_string_equal(model_valid_zones(&s.model, 15, zones), "DMA32 Movable");
	assert_int_equal(model_zone_for(&s.model, 0, 0, ZONE_KERNEL), MODEL_DMA);
	sample_deinit(&s);
}

static void want_span(const struct model *m, unsigned int node, enum model_zone zone,
		      uint64_t first, uint64_t nr_blocks)
{
	uint64_t start, end;
	bool any = model_span(m, node, zone, &start, &end);

	assert_int_equal(any, nr_blocks > 0);
	if (!any)
		return;
	assert_int_equal(start, first * SAMPLE_BLOCK_PAGES);
	assert_int_equal(end - start, nr_blocks * SAMPLE_BLOCK_PAGES);
}

static void spans_are_hulls(void **state)
{
	uint64_t start, end;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, 4 * SAMPLE_BLOCK_PAGES * 4096, 0, 0,
		   false);
	sample_plug_dimm(&s.model, "d1", 36 * SAMPLE_BLOCK_PAGES * 4096, 2 * SAMPLE_BLOCK_PAGES * 4096, 1,
		   1, false);
	assert_true(model_span(&s.model, 0, MODEL_DMA32, &start, &end));
	assert_int_equal(start, 0x1000);
	assert_int_equal(end, 0x7ffe0);
	want_span(&s.model, 0, MODEL_MOVABLE, 0, 0);
	follow(&s.model, "35m 33m");
	want_span(&s.model, 0, MODEL_MOVABLE, 33, 3);
	assert_int_equal(model_online_pages(&s.model, 0, MODEL_MOVABLE), 2 * SAMPLE_BLOCK_PAGES);
	follow(&s.model, "37m 34k");
	want_span(&s.model, 0, MODEL_MOVABLE, 33, 3);
	want_span(&s.model, 1, MODEL_MOVABLE, 37, 1);
	want_span(&s.model, 0, MODEL_NORMAL, 34, 1);
	follow(&s.model, "33o");
	want_span(&s.model, 0, MODEL_MOVABLE, 35, 1);
	follow(&s.model, "35o 34o");
	want_span(&s.model, 0, MODEL_MOVABLE, 0, 0);
	want_span(&s.model, 0, MODEL_NORMAL, 0, 0);
	want_span(&s.model, 1, MODEL_MOVABLE, 37, 1);
	assert_true(model_span(&s.model, 0, MODEL_DMA32, &start, &end));
	sample_deinit(&s);
}

static void nr_zones_only_grows(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	assert_int_equal(s.model.nr_zones[0], 2);
	assert_int_equal(s.model.nr_zones[1], 0);
	sample_enter(&s, SAMPLE_HALF);
	assert_int_equal(s.model.nr_zones[0], 3);
	follow(&s.model, "33v");
	assert_int_equal(s.model.nr_zones[0], 4); /* init_currently_empty_zone() had run */
	follow(&s.model, "32o");
	assert_int_equal(s.model.nr_zones[0], 4);
	/* a node that comes online anew starts from nothing, one with a device does not */
	sample_plug_dimm(&s.model, "d1", SAMPLE_D1_PFN * 4096, SAMPLE_BLOCK_PAGES * 4096, 1, 1, false);
	follow(&s.model, "34m");
	assert_int_equal(s.model.nr_zones[1], 4);
	sample_plug_dimm(&s.model, "d2", 36 * SAMPLE_BLOCK_PAGES * 4096, SAMPLE_BLOCK_PAGES * 4096, 1, 2,
		   false);
	assert_int_equal(s.model.nr_zones[1], 4);
	model_unplug(&s.model, "d2");
	model_unplug(&s.model, "d1");
	assert_int_equal(s.model.nr_zones[1], 4);
	sample_plug_dimm(&s.model, "d1", SAMPLE_D1_PFN * 4096, SAMPLE_BLOCK_PAGES * 4096, 1, 1, false);
	assert_int_equal(s.model.nr_zones[1], 0);
	sample_deinit(&s);
}

static void max_pages_never_shrinks(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	assert_int_equal(s.model.max_pages, 0x80000);
	sample_enter(&s, SAMPLE_REFUSED);
	assert_int_equal(s.model.max_pages, 0x80000);
	model_unplug(&s.model, "d0");
	sample_enter(&s, SAMPLE_UNPLUGGED);
	assert_int_equal(s.model.max_pages, 0x120000);
	sample_enter(&s, SAMPLE_ADDED);
	assert_int_equal(s.model.max_pages, 0x120000);
	sample_deinit(&s);
}

static void want_ranges(const struct sample *s, size_t nr, const struct model_range *want)
{
	struct model_range *range = NULL;

	assert_int_equal(model_memmap_ranges(&s->model, &range), nr);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(range[i].start, want[i].start);
		assert_int_equal(range[i].end, want[i].end);
	}
	free(range);
}

/* Ascending, in whichever order they were plugged; one that the guest refused has no memory. */
static void devices_have_ranges(void **state)
{
	const uint64_t bytes = SAMPLE_BLOCK_PAGES * 2 * 4096, d0 = SAMPLE_D0_PFN, d1 = SAMPLE_D1_PFN;
	const struct model_range of_d0 = { d0, d0 + 0x10000 }, of_d1 = { d1, d1 + 0x10000 };
	const struct model_range both = { d0, d1 + 0x10000 };	/* neighbours */
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	want_ranges(&s, 0, NULL);
	sample_plug_dimm(&s.model, "d1", d1 * 4096, bytes, 1, 1, false);
	want_ranges(&s, 1, &of_d1);
	sample_plug_dimm(&s.model, "d0", d0 * 4096, bytes, 0, 0, false);
	want_ranges(&s, 1, &both);
	sample_plug_dimm(&s.model, "d2", 0x120000ull * 4096, bytes, 0, 2, true);
	want_ranges(&s, 1, &both);
	model_unplug(&s.model, "d1");
	want_ranges(&s, 1, &of_d0);
	sample_deinit(&s);
}

static void what_state_notes_is_left_until_the_next_onlining(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_ONLINE);
	assert_int_equal(model_online_type(&s.model, 32), ZONE_AUTO);
	model_online_again(&s.model, 32, ZONE_KERNEL);
	model_online_again(&s.model, 32, ZONE_MOVABLE);
	model_offline(&s.model, 32);
	assert_int_equal(model_online_type(&s.model, 32), ZONE_MOVABLE);
	assert_int_equal(model_block_find(&s.model, 32, NULL)->type_left, 3);
	assert_int_equal(model_online_type(&s.model, 33), ZONE_AUTO);
	model_online(&s.model, 32, model_online_type(&s.model, 32));
	assert_int_equal(model_block_find(&s.model, 32, NULL)->zone, MODEL_MOVABLE);
	assert_int_equal(model_block_find(&s.model, 32, NULL)->type_left, 0);
	model_online_again(&s.model, 32, ZONE_AUTO);
	assert_int_equal(model_block_find(&s.model, 32, NULL)->type_left, 1);
	model_offline(&s.model, 32);
	model_veto(&s.model, 32, ZONE_MOVABLE);
	assert_int_equal(model_block_find(&s.model, 32, NULL)->type_left, 0);
	model_online(&s.model, 32, ZONE_KERNEL);
	model_online_again(&s.model, 32, ZONE_KERNEL);
	model_offline(&s.model, 32);
	model_no_online(&s.model, 32);
	assert_int_equal(model_online_type(&s.model, 32), ZONE_AUTO);
	/* of boot nobody keeps which */
	assert_false(s.model.boot_types_left);
	model_online_again(&s.model, 3, ZONE_MOVABLE);
	assert_true(s.model.boot_types_left);
	sample_deinit(&s);
}

static void a_block_is_whole_sections(void **state)
{
	struct model_config config = { .policy = "", .raw = true };
	struct rig_err err = { 0 };
	struct model m;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_1, true);
	config.layout = &s.layout;
	config.block_bytes = 4096 * 1000;
	assert_int_equal(model_init(&m, &config, &s.base, &err), -EPROTO);
	assert_int_equal(err.cause, RIG_AGENT);
	config.block_bytes = 0;
	assert_int_equal(model_init(&m, &config, &s.base, &err), -EPROTO);
	config.block_bytes = 2048ull << 20;
	assert_int_equal(model_init(&m, &config, &s.base, &err), 0);
	assert_int_equal(m.block_pages, 0x80000);
	model_deinit(&m);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_the_kernels_choice),
		cmocka_unit_test(a_block_inside_a_boot_zone_joins_it),
		cmocka_unit_test(spans_are_hulls),
		cmocka_unit_test(nr_zones_only_grows),
		cmocka_unit_test(max_pages_never_shrinks),
		cmocka_unit_test(devices_have_ranges),
		cmocka_unit_test(what_state_notes_is_left_until_the_next_onlining),
		cmocka_unit_test(a_block_is_whole_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
