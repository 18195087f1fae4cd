// SPDX-License-Identifier: GPL-2.0-or-later
/* The one decoder: struct pages made up and random, in the words of both kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_machine.h"

#define VMEMMAP 0xffffea0000000000ull
#define PFN     0x100000ull
#define NR      64

/* One struct page as the kernel stores it. */
struct raw_page {
	uint64_t flags, compound_head, w2, w3, w4, private_;
	uint32_t mapcount, refcount;
	uint64_t memcg;
};

static uint64_t addr_of(uint64_t pfn)
{
	return VMEMMAP + pfn * sizeof(struct raw_page);
}

static void decode(const struct page_layout *l, const struct raw_page *p, uint64_t pfn,
		   struct page_state *s)
{
	assert_int_equal(sizeof(*p), l->page_bytes);
	page_decode(l, p, addr_of(pfn), pfn, s);
}

static void words_are_told_apart(void **state)
{
	struct raw_page p = { .flags = 1ull << 54 | 3ull << 51 | 1ull << 12,
			      .mapcount = UINT32_MAX,
			      .refcount = 1 };
	struct page_layout l;
	struct page_state s;

	(void)state;
	sample_layout(SAMPLE_6_1, &l);
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.flags, 1 << 12);
	assert_int_equal(s.flags, layout_flag_mask(&l, "reserved"));
	assert_int_equal(s.node, 1);
	assert_int_equal(s.zone, layout_zone_index(&l, "Movable"));
	assert_int_equal(s.refcount, 1);
	assert_int_equal(s.mapcount, 0);
	assert_int_equal(s.type, PAGE_TYPE_NONE);
	assert_int_equal(s.order, PAGE_NO_ORDER);
	assert_int_equal(s.head_pfn, PAGE_NO_HEAD);
	assert_false(s.all_zero || s.all_ones);
	/* bits between the flags and the links belong to neither */
	p.flags |= 1ull << 40;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.flags, 1 << 12);
	p.flags = 1023ull << 54 | 7ull << 51;
	p.refcount = UINT32_MAX;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.node, 1023);
	assert_int_equal(s.zone, 7);
	assert_int_equal(s.refcount, -1);
	assert_int_equal(s.flags, 0);
}

struct type_case {
	enum sample_kernel kernel;
	uint32_t word;
	const char *type;
	int32_t mapcount;
};

static void types_share_the_word_with_mapcount(void **state)
{
	static const struct type_case cases[] = {
		{ SAMPLE_6_1, 0xffffffff, "none", 0 },
		{ SAMPLE_6_12, 0xffffffff, "none", 0 },
		{ SAMPLE_6_1, 0, "none", 1 },
		{ SAMPLE_6_12, 0, "none", 1 },
		{ SAMPLE_6_1, 0x7ffffffe, "none", 0x7fffffff },
		{ SAMPLE_6_12, 0x7ffffffe, "none", 0x7fffffff },
		{ SAMPLE_6_1, 0xffffff80, "none", -127 },
		{ SAMPLE_6_12, 0xffffff80, "none", -127 },
		{ SAMPLE_6_1, 0xffffff7f, "buddy", 0 },
		{ SAMPLE_6_12, 0xf0000000, "buddy", 0 },
		{ SAMPLE_6_1, 0xfffffeff, "offline", 0 },
		{ SAMPLE_6_12, 0xf1000000, "offline", 0 },
		{ SAMPLE_6_1, 0xfffffdff, "table", 0 },
		{ SAMPLE_6_12, 0xf2000000, "table", 0 },
		{ SAMPLE_6_1, 0xfffff7ff, "unknown", 0 },
		{ SAMPLE_6_12, 0xfe000000, "unknown", 0 },
		{ SAMPLE_6_1, 0x0fffff7f, "none", 0x0fffff80 },
		{ SAMPLE_6_12, 0x80000000, "unknown", 0 },
		{ SAMPLE_6_1, 0x80000000, "unknown", 0 },
		{ SAMPLE_6_12, 0xf5000010, "slab", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct type_case *c = &cases[i];
		struct raw_page p = { .mapcount = c->word };
		struct page_layout l;
		struct page_state s;

		sample_layout(c->kernel, &l);
		decode(&l, &p, PFN, &s);
		assert_string_equal(page_type_name(&l, s.type), c->type);
		assert_int_equal(s.mapcount, c->mapcount);
		assert_int_equal(s.type_word, c->word);
	}
	assert_string_equal(page_type_name(&(struct page_layout){ 0 }, 3), "unknown");
}

static void orders_and_heads_are_read(void **state)
{
	struct raw_page p = { .mapcount = 0xf0000000, .private_ = 10 };
	struct page_layout l;
	struct page_state s;

	(void)state;
	sample_layout(SAMPLE_6_12, &l);
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.order, 10);
	/* private belongs to the owner of any other page */
	p.mapcount = 0xf2000000;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.order, PAGE_NO_ORDER);
	p.compound_head = addr_of(PFN - 511) + 1;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.head_pfn, PFN - 511);
	p.compound_head = addr_of(PFN + 3) + 1;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.head_pfn, PFN + 3);
	p.compound_head = addr_of(PFN - 1); /* a list pointer */
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.head_pfn, PAGE_NO_HEAD);
}

/* what it points to, of a page of ZONE_DEVICE that is no tail */
static void owners_are_read(void **state)
{
	struct raw_page p = { .flags = 4ull << 51 | 1ull << 12, .compound_head = SAMPLE_PGMAP, .mapcount = UINT32_MAX };
	char text[256];
	struct page_layout l;
	struct page_state s;

	(void)state;
	sample_layout(SAMPLE_6_1, &l);
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, SAMPLE_PGMAP);
	assert_string_equal(page_state_text(&l, &s, text, sizeof(text)),
			    "flags=reserved refcount=0 type=none zone=Device node=0 pgmap=0xffff888003f1a018");
	p.compound_head = 0;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, PAGE_PGMAP_NONE);
	p.compound_head = addr_of(PFN) + 8;	/* INIT_LIST_HEAD(&page->lru) */
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, PAGE_PGMAP_NONE);
	assert_string_equal(page_state_text(&l, &s, text, sizeof(text)),
			    "flags=reserved refcount=0 type=none zone=Device node=0 pgmap=none");
	p.compound_head = addr_of(PFN - 1) + 1;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, PAGE_PGMAP_UNKNOWN);
	p.compound_head = SAMPLE_PGMAP;
	p.flags = 3ull << 51;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, PAGE_PGMAP_UNKNOWN);
	p.flags = 4ull << 51;
	l.pgmap.has = false;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.pgmap, PAGE_PGMAP_UNKNOWN);
}

/* of a first tail of ZONE_DEVICE, and of no other tail */
static void orders_of_device_pages_are_read(void **state)
{
	struct raw_page p = { .flags = 4ull << 51 | 9, .compound_head = addr_of(PFN - 1) + 1, .mapcount = UINT32_MAX };
	struct page_layout l;
	struct page_state s;

	(void)state;
	sample_layout(SAMPLE_6_12, &l);
	l.tail_order = (struct layout_field){ 0, 1, true };
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.tail_order, 10);
	assert_int_equal(s.order, PAGE_NO_ORDER);
	p.compound_head = addr_of(PFN - 2) + 1;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.tail_order, 0);
	p.compound_head = addr_of(PFN - 1) + 1;
	p.flags = 3ull << 51 | 9;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.tail_order, 0);
	p.flags = 4ull << 51 | 9;
	/* no tail at all, and none before it */
	p.compound_head = 0;
	decode(&l, &p, 0, &s);
	assert_int_equal(s.tail_order, 0);
	p.compound_head = addr_of(PFN - 1) + 1;
	l.tail_order.has = false;
	decode(&l, &p, PFN, &s);
	assert_int_equal(s.tail_order, 0);
}

static void uninitialised_pages_show(void **state)
{
	struct raw_page p;
	struct page_layout l;
	struct page_state s;

	(void)state;
	sample_layout(SAMPLE_6_12, &l);
	memset(&p, 0, sizeof(p));
	decode(&l, &p, PFN, &s);
	assert_true(s.all_zero && !s.all_ones);
	memset(&p, 0xff, sizeof(p));
	decode(&l, &p, PFN, &s);
	assert_true(s.all_ones && !s.all_zero);
	/* one bit in a word that is not decoded is enough */
	memset(&p, 0, sizeof(p));
	p.memcg = 1ull << 63;
	decode(&l, &p, PFN, &s);
	assert_false(s.all_zero);
}

static uint32_t word_of(const struct page_layout *l, unsigned int which)
{
	const uint32_t words[] = { UINT32_MAX, 0, 7, 0xfffffffe };
	uint32_t value;

	if (which < ARRAY_SIZE(words))
		return words[which];
	value = l->type[which % l->nr_types].value;
	return l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value;
}

/* Few different values, so that neighbours are often, but not always, alike. */
static void random_page(const struct page_layout *l, unsigned int *seed, uint64_t pfn,
			struct raw_page *p)
{
	unsigned int r = (unsigned int)rand_r(seed);

	memset(p, 0, sizeof(*p));
	if (r % 16 < 2) {
		memset(p, r % 16 ? 0xff : 0, sizeof(*p));
		if (!(r >> 4 & 7))
			p->w3 ^= 1;
		return;
	}
	p->flags = (r >> 4 & 1 ? 0 : 1ull << (r >> 5) % l->nr_flags) |
		   (r >> 10 & 1 ? 0ull : (3ull + (r >> 19 & 1)) << 51);
	p->compound_head = r >> 11 & 3 ? VMEMMAP + 8 * (r >> 13 & 1) : addr_of(pfn & ~3ull) + 1;
	if (!(r >> 20 & 3))
		p->compound_head = r >> 22 & 1 ? addr_of(pfn) + 8 : 0;
	p->mapcount = word_of(l, r >> 14 & 7);
	p->refcount = r >> 17 & 1;
	p->private_ = r >> 18 & 3;
	p->w2 = (uint64_t)rand_r(seed);
}

/* Property: the quick way through memory says of each page what page_decode() says. */
static void decode_run_is_decode(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 4000; round++) {
		struct raw_page raw[NR];
		unsigned int seed = round + 1;
		struct page_layout l;

		sample_layout((enum sample_kernel)(round % SAMPLE_NR_KERNELS), &l);
		for (size_t i = 0; i < NR; i++) {
			if (i && rand_r(&seed) % 4)
				raw[i] = raw[i - 1];
			else
				random_page(&l, &seed, PFN + i, &raw[i]);
			/* only what is not decoded differs: still alike */
			if (!(rand_r(&seed) % 8) && raw[i].flags && ~raw[i].flags)
				raw[i].w4 = (uint64_t)rand_r(&seed);
		}
		for (size_t at = 0, nr; at < NR; at += nr) {
			struct page_state run, one;

			nr = page_decode_run(&l, &raw[at], NR - at, addr_of(PFN + at), PFN + at,
					     &run);
			assert_in_range(nr, 1, NR - at);
			for (size_t i = at; i < at + nr; i++) {
				decode(&l, &raw[i], PFN + i, &one);
				if (!page_state_equal(&run, &one))
					fail_msg("round %u: page %zu is not like page %zu", round,
						 i, at);
				assert_int_equal(run.type, one.type);
				assert_int_equal(run.mapcount, one.mapcount);
			}
			if (at + nr == NR)
				continue;
			decode(&l, &raw[at + nr], PFN + at + nr, &one);
			if (page_state_equal(&run, &one))
				fail_msg("round %u: the run at %zu ends early, at %zu", round, at,
					 at + nr);
		}
	}
}

static void maps_merge_and_are_searched(void **state)
{
	struct page_run run = { .pfn = 100, .nr = 10, .state = { .refcount = 1 } };
	struct page_map m = { 0 };

	(void)state;
	assert_null(page_map_find(&m, 100));
	assert_int_equal(page_map_pages(&m, 0, UINT64_MAX), 0);
	page_map_append(&m, &run);
	run.pfn = 110;
	page_map_append(&m, &run);
	assert_int_equal(m.nr, 1);
	run.pfn = 120;
	run.has_kpageflags = true;
	page_map_append(&m, &run);
	run.pfn = 130;
	run.kpageflags = 4;
	page_map_append(&m, &run);
	run.pfn = 150;
	page_map_append(&m, &run);
	assert_int_equal(m.nr, 4);
	assert_null(page_map_find(&m, 99));
	assert_ptr_equal(page_map_find(&m, 100), &m.run[0]);
	assert_ptr_equal(page_map_find(&m, 119), &m.run[0]);
	assert_ptr_equal(page_map_find(&m, 139), &m.run[2]);
	assert_null(page_map_find(&m, 140));
	assert_null(page_map_find(&m, 160));
	assert_int_equal(page_map_pages(&m, 0, UINT64_MAX), 50);
	assert_int_equal(page_map_pages(&m, 105, 125), 20);
	assert_int_equal(page_map_pages(&m, 135, 155), 10);
	assert_int_equal(page_map_pages(&m, 140, 150), 0);
	page_map_deinit(&m);
	assert_null(m.run);
}

static void texts_name_what_is_seen(void **state)
{
	struct page_state s = { .flags = 1 << 12 | 1 << 4,
				.refcount = 2,
				.type = PAGE_TYPE_NONE,
				.mapcount = 1,
				.order = PAGE_NO_ORDER,
				.head_pfn = PAGE_NO_HEAD,
				.zone = 3,
				.node = 1 };
	struct page_layout l;
	char text[256], small[12];

	(void)state;
	sample_layout(SAMPLE_6_1, &l);
	assert_string_equal(
		page_state_text(&l, &s, text, sizeof(text)),
		"flags=lru|reserved refcount=2 type=none mapcount=1 zone=Movable node=1");
	s.flags = 0;
	s.type = 0;
	s.mapcount = 0;
	s.order = 5;
	assert_string_equal(page_state_text(&l, &s, text, sizeof(text)),
			    "flags=none refcount=2 type=buddy order=5 zone=Movable node=1");
	s.type = PAGE_TYPE_UNKNOWN;
	s.type_word = 0xffffefff;
	s.order = PAGE_NO_ORDER;
	s.head_pfn = 0x100;
	s.zone = 7;
	assert_string_equal(
		page_state_text(&l, &s, text, sizeof(text)),
		"flags=none refcount=2 type=unknown(0xffffefff) tail-of=0x100 zone=? node=1");
	assert_int_equal(strlen(page_state_text(&l, &s, small, sizeof(small))), sizeof(small) - 1);
	s.all_ones = true;
	assert_string_equal(page_state_text(&l, &s, text, sizeof(text)),
			    "all bytes 0xff (never initialised)");
	/* a flag without a name, and more than fit */
	l.flag_name[3][0] = '\0';
	assert_string_equal(page_flags_text(&l, 0x18, text, sizeof(text)), "bit3|lru");
	assert_int_equal(strlen(page_flags_text(&l, UINT64_MAX, small, sizeof(small))),
			 sizeof(small) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_told_apart),
		cmocka_unit_test(types_share_the_word_with_mapcount),
		cmocka_unit_test(orders_and_heads_are_read),
		cmocka_unit_test(owners_are_read),
		cmocka_unit_test(orders_of_device_pages_are_read),
		cmocka_unit_test(uninitialised_pages_show),
		cmocka_unit_test(decode_run_is_decode),
		cmocka_unit_test(maps_merge_and_are_searched),
		cmocka_unit_test(texts_name_what_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
