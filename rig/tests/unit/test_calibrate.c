// SPDX-License-Identifier: GPL-2.0-or-later
/* PG_reserved found on pages of known state, and every doubt that must leave it unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "page/calibrate.h"
#include "page/state.h"

/* As measured on 6.12: all bits of the last CPU and pid, zone DMA32, and PG_reserved = 13. */
#define CPUPID   0xfffffc0000000ull
#define DMA32    (1ull << 51)
#define RESERVED (1ull << 13)
#define BUDDY    0xf0000000u
#define NO_TYPE  0xffffffffu

#define NR_EACH 20

struct raw_page {
	uint64_t flags, words[5];
	uint32_t type, refcount;
	uint64_t last;
};

struct pages {
	struct page_layout layout;
	struct raw_page raw[2 * NR_EACH];
	struct page_sample sample[2 * NR_EACH];
};

static void set_up(struct pages *p)
{
	const struct page_layout l = {
		.page_bytes = sizeof(struct raw_page),
		.flags = { 0, 8, true },
		.mapcount = { 48, 4, true },
		.refcount = { 52, 4, true },
		.private_ = { 40, 8, true },
		.compound_head = { 8, 8, true },
		.nr_flags = 7,
		.flag_name = { [5] = "lru", [6] = "head" },
		.type_encoding = TYPE_TOP_BYTE,
		.nr_types = 1,
		.type = { { "buddy", 0xf0 } },
		.nr_zones = 5,
		.zone_name = { "DMA", "DMA32", "Normal", "Movable", "Device" },
		.node_shift = 54, .node_bits = 10, .zone_shift = 51, .zone_bits = 3,
	};

	memset(p, 0, sizeof(*p));
	p->layout = l;
	for (size_t i = 0; i < 2 * NR_EACH; i++) {
		bool buddy = i >= NR_EACH;

		p->raw[i].flags = CPUPID | (buddy && i % 2 ? 0 : DMA32) | (buddy ? 0 : RESERVED);
		p->raw[i].type = buddy ? BUDDY : NO_TYPE;
		p->raw[i].refcount = !buddy;
		p->sample[i].raw = &p->raw[i];
		p->sample[i].kind = buddy ? SAMPLE_BUDDY : SAMPLE_RESERVED;
	}
}

static bool calibrate(struct pages *p)
{
	return layout_calibrate(&p->layout, p->sample, 2 * NR_EACH);
}

static void reserved_is_found(void **state)
{
	struct pages p;

	(void)state;
	set_up(&p);
	assert_true(calibrate(&p));
	assert_int_equal(layout_flag_bit(&p.layout, "reserved"), 13);
	assert_int_equal(p.layout.nr_flags, 14);
	assert_int_equal(p.layout.nr_zones, 5);
	/* some have more than the others */
	set_up(&p);
	for (size_t i = 0; i < NR_EACH; i += 2)
		p.raw[i].flags |= 1ull << 10;
	assert_true(calibrate(&p));
	assert_int_equal(layout_flag_bit(&p.layout, "reserved"), 13);
	/* without knowing where zones are */
	set_up(&p);
	p.layout.nr_zones = 0;
	assert_true(calibrate(&p));
	assert_int_equal(layout_flag_bit(&p.layout, "reserved"), 13);
}

static void a_name_stays(void **state)
{
	struct pages p;

	(void)state;
	set_up(&p);
	strcpy(p.layout.flag_name[3], "reserved");
	assert_true(calibrate(&p));
	assert_int_equal(layout_flag_bit(&p.layout, "reserved"), 3);
	assert_true(layout_calibrate(&p.layout, NULL, 0));
}

/* Each leaves the layout as it was. */
static void two_bits(struct pages *p)
{
	for (size_t i = 0; i < NR_EACH; i++)
		p->raw[i].flags |= 1ull << 10;
}

static void no_bit(struct pages *p)
{
	p->raw[3].flags &= ~RESERVED;
}

static void buddies_have_it_too(struct pages *p)
{
	p->raw[NR_EACH + 3].flags |= RESERVED;
}

static void the_bit_has_a_name(struct pages *p)
{
	for (size_t i = 0; i < NR_EACH; i++)
		p->raw[i].flags ^= RESERVED | 1ull << 6;
}

static void it_is_a_link(struct pages *p)
{
	for (size_t i = 0; i < NR_EACH; i++)
		p->raw[i].flags ^= RESERVED | 1ull << 60;
}

static void buddies_are_all_elsewhere(struct pages *p)
{
	p->layout.nr_zones = 0;
	for (size_t i = NR_EACH; i < 2 * NR_EACH; i++)
		p->raw[i].flags &= ~DMA32;
}

static void another_refcount(struct pages *p)
{
	p->raw[0].refcount = 2;
}

static void a_type(struct pages *p)
{
	p->raw[0].type = 0xf5000000;
}

static void no_buddy(struct pages *p)
{
	p->raw[2 * NR_EACH - 1].type = NO_TYPE;
}

static void refcount_unknown(struct pages *p)
{
	p->layout.refcount = (struct layout_field){ 0 };
}

static void types_unknown(struct pages *p)
{
	p->layout.nr_types = 0;
}

static void too_few_buddies(struct pages *p)
{
	for (size_t i = NR_EACH; i < 2 * NR_EACH; i++)
		p->sample[i] = p->sample[i % 2 ? 0 : NR_EACH];
}

static void too_few_reserved(struct pages *p)
{
	for (size_t i = 0; i < NR_EACH; i++)
		p->sample[i] = p->sample[i % 2 ? 0 : NR_EACH];
}

static void a_doubt_leaves_it_unknown(void **state)
{
	static void (*const doubts[])(struct pages *p) = {
		two_bits, no_bit, buddies_have_it_too, the_bit_has_a_name, it_is_a_link,
		buddies_are_all_elsewhere, another_refcount, a_type, no_buddy, refcount_unknown,
		types_unknown, too_few_buddies, too_few_reserved,
	};
	struct pages p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++) {
		struct page_layout before;

		set_up(&p);
		doubts[i](&p);
		before = p.layout;
		if (calibrate(&p) || layout_flag_bit(&p.layout, "reserved") >= 0)
			fail_msg("doubt %zu", i);
		assert_memory_equal(&before, &p.layout, sizeof(before));
	}
	set_up(&p);
	assert_false(layout_calibrate(&p.layout, NULL, 0));
}

/* A config that is not the kernel's: zones that it does not have are on its pages. */
static void zones_that_cannot_be_are_dropped(void **state)
{
	struct page_state s;
	struct pages p;

	(void)state;
	set_up(&p);
	p.raw[NR_EACH].flags |= 5ull << 51;
	assert_true(calibrate(&p));
	assert_int_equal(p.layout.nr_zones, 0);
	assert_int_equal(layout_zone_index(&p.layout, "DMA"), -1);
	page_decode(&p.layout, &p.raw[0], 0, 0, &s);
	assert_int_equal(s.zone + s.node, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserved_is_found),
		cmocka_unit_test(a_name_stays),
		cmocka_unit_test(a_doubt_leaves_it_unknown),
		cmocka_unit_test(zones_that_cannot_be_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
