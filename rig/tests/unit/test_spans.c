// SPDX-License-Identifier: GPL-2.0-or-later
/* Every page of devices and namespaces is in one class; where one ends and the next begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/span.h"
#include "sample_devices.h"

struct expected {
	uint64_t start, end;
	enum page_class class;
};

static void expect_spans(const struct sample *s, const struct expected *e, size_t nr)
{
	struct model_span *span = NULL;

	assert_int_equal(model_spans(&s->model, &span), nr);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(span[i].start, e[i].start);
		assert_int_equal(span[i].end, e[i].end);
		assert_int_equal(span[i].class, e[i].class);
		assert_ptr_equal(span_at(span, nr, e[i].start), &span[i]);
		assert_ptr_equal(span_at(span, nr, e[i].end - 1), &span[i]);
	}
	if (nr) {
		assert_null(span_at(span, nr, e[0].start - 1));
		assert_null(span_at(span, nr, e[nr - 1].end));
	}
	free(span);
}

static void nothing_has_no_spans(void **state)
{
	struct model_range *range = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	expect_spans(&s, NULL, 0);
	assert_null(span_at(NULL, 0, 0));
	assert_int_equal(model_memmap_ranges(&s.model, &range), 0);
	free(range);
	/* known to the host, and refused by the guest; plugged, and empty */
	sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, true);
	sample_plug_virtio_mem(&s, MIB(2), 0);
	expect_spans(&s, NULL, 0);
	sample_deinit(&s);
}

static void a_namespace_is_up_to_three(void **state)
{
	struct model_namespace ns = sample_devdax(SAMPLE_P0_PFN, 0x8000, true);
	const struct expected whole[] = {
		{ SAMPLE_P0_PFN, SAMPLE_P0_PFN + 2, PAGE_DRIVER_RESERVED },
		{ SAMPLE_P0_PFN + 2, SAMPLE_P0_PFN + 1024, PAGE_DEVICE_MEMMAP },
		{ SAMPLE_P0_PFN + 1024, SAMPLE_P0_PFN + 0x8000, PAGE_DEVICE },
	}, one[] = {
		{ SAMPLE_P0_PFN, SAMPLE_P0_PFN + 0x8000, PAGE_DEVICE },
	}, cut[] = {
		{ SAMPLE_P0_PFN, SAMPLE_P0_PFN + 0x7e00, PAGE_DEVICE },
	};
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, whole, 3);
	ns.map_dev = false;
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, one, 1);
	ns.end_pfn -= 512;
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, cut, 1);
	ns.system_ram = true;
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, NULL, 0);
	ns.system_ram = false;
	ns.enabled = false;
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, NULL, 0);
	ns.enabled = true;
	ns.mode = MODEL_RAW;	/* on an NVDIMM: no memmap */
	model_namespace_set(&s.model, &ns);
	expect_spans(&s, NULL, 0);
	sample_deinit(&s);
}

static void a_raw_namespace_of_e820_has_its_memmap(void **state)
{
	const struct expected raw = { SAMPLE_E820_PFN, SAMPLE_E820_PFN + SAMPLE_E820_PAGES, PAGE_DEVICE };
	struct model_span *span = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_E820_RAW);
	expect_spans(&s, &raw, 1);
	assert_int_equal(model_spans(&s.model, &span), 1);
	assert_int_equal(span[0].compound_pages, 1);
	free(span);
	sample_deinit(&s);
}

/* of the range, what is in the early section: no namespace has it, and its memmap is read all the same */
static void what_is_left_is_a_span(void **state)
{
	AUTO_FREE struct model_span *span = NULL, *none = NULL;
	AUTO_FREE struct model_range *range = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_E820_RAW);
	assert_int_equal(model_left_spans(&s.model, &none), 0);
	sample_deinit(&s);
	sample_init(&s, SAMPLE_6_12, true);
	sample_enter(&s, SAMPLE_E820_GONE);
	assert_int_equal(model_left_spans(&s.model, &span), 1);
	assert_int_equal(span[0].class, PAGE_DEVICE_LEFT);
	assert_int_equal(span[0].start, SAMPLE_E820_PFN);
	assert_int_equal(span[0].end, 0x48000);
	assert_int_equal(model_memmap_ranges(&s.model, &range), 1);
	assert_int_equal(range[0].start, span[0].start);
	assert_int_equal(range[0].end, span[0].end);
	sample_deinit(&s);
}

/* units that are alike are one span, whatever else is known of them; so are all of a block that is not online */
static void units_are_joined(void **state)
{
	static const enum unit_state units[] = {
		UNIT_PLUGGED, UNIT_FRESH, UNIT_PLUGGED, UNIT_NEVER_ONLINE, UNIT_NEVER_ONLINE, UNIT_UNPLUGGED,
		UNIT_UNTOLD, UNIT_PLUGGED,
	};
	const uint64_t b = SAMPLE_V0_PFN, u = 0x1000;
	const struct expected online[] = {
		{ b, b + 3 * u, PAGE_ONLINE },
		{ b + 3 * u, b + 5 * u, PAGE_FAKE_OFFLINE },
		{ b + 5 * u, b + 6 * u, PAGE_FAKE_OFFLINE },
		{ b + 6 * u, b + 7 * u, PAGE_FAKE_OFFLINE },
		{ b + 7 * u, b + 8 * u, PAGE_ONLINE },
	}, added = { b, b + 8 * u, PAGE_ADDED };
	struct model_span *span = NULL;
	struct model_block *block;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_virtio_mem(&s, MIB(16), 0);
	sample_resize(&s, 64, 1);
	expect_spans(&s, &added, 1);
	model_online(&s.model, SAMPLE_V0_BLOCK, ZONE_MOVABLE);
	block = model_block_find(&s.model, SAMPLE_V0_BLOCK, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		block->unit[i] = units[i];
	expect_spans(&s, online, ARRAY_SIZE(online));
	assert_int_equal(model_spans(&s.model, &span), ARRAY_SIZE(online));
	assert_true(span[1].never_online && !span[1].any_dirty);
	assert_true(!span[2].never_online && !span[2].any_dirty);
	assert_true(!span[3].never_online && span[3].any_dirty);
	free(span);
	assert_int_equal(model_managed_pages(&s.model, 0, MODEL_MOVABLE), 4 * u);
	assert_int_equal(model_online_pages(&s.model, 0, MODEL_MOVABLE), 8 * u);
	model_offline(&s.model, SAMPLE_V0_BLOCK);
	assert_int_equal(model_spans(&s.model, &span), ARRAY_SIZE(online));
	assert_int_equal(span[0].class, PAGE_OFFLINED);
	assert_int_equal(span[1].class, PAGE_FAKE_OFFLINED);
	free(span);
	sample_deinit(&s);
}

/* pages are read in one go where spans touch, whosever they are */
static void touching_spans_are_one_range(void **state)
{
	struct model_namespace touching = sample_fsdax(SAMPLE_D0_PFN + 0x10000, 0x8000, true),
			       apart = sample_fsdax(SAMPLE_P0_PFN, 0x8000, false);
	struct model_range *range = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	apart.id[0] = 'a';
	model_namespace_set(&s.model, &apart);
	model_namespace_set(&s.model, &touching);
	sample_plug_dimm(&s.model, "d0", SAMPLE_D0_PFN * 4096, MIB(256), 0, 0, false);
	model_online(&s.model, 33, ZONE_MOVABLE);
	assert_int_equal(model_memmap_ranges(&s.model, &range), 2);
	assert_int_equal(range[0].start, SAMPLE_D0_PFN);
	assert_int_equal(range[0].end, SAMPLE_D0_PFN + 0x18000);
	assert_int_equal(range[1].start, SAMPLE_P0_PFN);
	assert_int_equal(range[1].end, SAMPLE_P0_PFN + 0x8000);
	free(range);
	sample_deinit(&s);
}

/* as soon as a block that holds its memmap was initialised; before, all of it is as it was added */
static void a_block_that_holds_its_memmap_is_two(void **state)
{
	const uint64_t b = SAMPLE_D0_PFN;
	const struct expected added = { b, b + 0x8000, PAGE_ADDED };
	struct expected parts[] = { { b, b + 512, PAGE_SELF_HOSTED }, { b + 512, b + 0x8000, PAGE_ONLINE } };
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	s.model.self_hosting = true;
	sample_plug_dimm(&s.model, "d0", b * 4096, MIB(128), 0, 0, false);
	expect_spans(&s, &added, 1);
	model_online(&s.model, 32, ZONE_MOVABLE);
	expect_spans(&s, parts, 2);
	model_offline(&s.model, 32);
	parts[1].class = PAGE_OFFLINED;
	expect_spans(&s, parts, 2);
	sample_deinit(&s);
}

/* A poisoned page is a span of its own until its block leaves; reported again, or not online, it is none. */
static void a_poisoned_page_stays_what_it_is(void **state)
{
	const uint64_t b = SAMPLE_D0_PFN, b2 = b + 0x8000;
	struct expected parts[] = {
		{ b, b + 1, PAGE_POISONED }, { b + 1, b + 2, PAGE_POISONED }, { b + 2, b2 - 1, PAGE_ONLINE },
		{ b2 - 1, b2, PAGE_POISONED }, { b2, b2 + 7, PAGE_ONLINE }, { b2 + 7, b2 + 8, PAGE_POISONED },
		{ b2 + 8, b2 + 0x8000, PAGE_ONLINE },
	}, whole[] = { { b, b2, PAGE_ADDED }, { b2, b2 + 0x8000, PAGE_ADDED } };
	struct sample s;

	(void)state;
	sample_init(&s, SAMPLE_6_12, true);
	sample_plug_dimm(&s.model, "d0", b * 4096, MIB(256), 0, 0, false);
	model_poison(&s.model, b + 3, true);
	expect_spans(&s, whole, 2);
	model_online(&s.model, 32, ZONE_MOVABLE);
	model_online(&s.model, 33, ZONE_MOVABLE);
	model_poison(&s.model, b2 + 7, false);
	model_poison(&s.model, b + 1, true);
	model_poison(&s.model, b2 - 1, false);
	model_poison(&s.model, b, true);
	model_poison(&s.model, b + 1, true);
	expect_spans(&s, parts, ARRAY_SIZE(parts));
	assert_int_equal(s.model.nr_poisoned, 4);
	assert_int_equal(s.model.failures[0], 2);
	assert_int_equal(model_managed_pages(&s.model, 0, MODEL_MOVABLE), 0x10000);
	model_offline(&s.model, 33);
	model_poison(&s.model, b2 + 9, true);
	parts[4].class = parts[6].class = PAGE_OFFLINED;
	expect_spans(&s, parts, ARRAY_SIZE(parts));
	assert_int_equal(model_managed_pages(&s.model, 0, MODEL_MOVABLE), 0x8000);
	model_unplug(&s.model, "d0");
	assert_int_equal(s.model.nr_poisoned, 0);
	assert_int_equal(s.model.failures[0], 2);
	sample_plug_dimm(&s.model, "d0", b * 4096, MIB(256), 0, 0, false);
	expect_spans(&s, whole, 2);
	sample_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_no_spans),
		cmocka_unit_test(a_namespace_is_up_to_three),
		cmocka_unit_test(a_raw_namespace_of_e820_has_its_memmap),
		cmocka_unit_test(what_is_left_is_a_span),
		cmocka_unit_test(units_are_joined),
		cmocka_unit_test(touching_spans_are_one_range),
		cmocka_unit_test(a_block_that_holds_its_memmap_is_two),
		cmocka_unit_test(a_poisoned_page_stays_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
