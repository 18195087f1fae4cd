// SPDX-License-Identifier: GPL-2.0-or-later
/* Free lists of a zone: rings through struct pages, what is on them and what they count. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/free_area.h"
#include "sample_machine.h"
#include "sample_memory.h"

#define MEMORY	0xffff888000000000ull
#define ZONE	(MEMORY + 0x100)
#define PAGES	(MEMORY + 0x2000)
#define NR_PAGES 32u
#define AREA_BYTES (3 * 16 + 8u)	/* three lists and a count */
#define LRU	8u
#define MAX	100u

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct free_area_zone zone;
};

static uint64_t page_at(unsigned int i)
{
	return PAGES + i * 64ull;
}

static uint64_t list_at(unsigned int order, unsigned int type)
{
	return ZONE + 0x40 + order * AREA_BYTES + type * 16ull;
}

static void put(struct fixture *f, uint64_t addr, uint64_t value)
{
	sample_memory_put(&f->m, addr, &value, sizeof(value));
}

/* A free chunk of node 1, zone Movable. */
static void put_chunk(struct fixture *f, unsigned int i, unsigned int order)
{
	const struct page_layout *l = &f->l;
	uint32_t type = l->type[layout_type_index(l, "buddy")].value << 24;

	put(f, page_at(i) + l->flags.offset, 1ull << l->node_shift | 3ull << l->zone_shift);
	put(f, page_at(i) + l->private_.offset, order);
	sample_memory_put(&f->m, page_at(i) + l->mapcount.offset, &type, sizeof(type));
}

/* @chunks in a ring, up to a 0 */
static void put_list(struct fixture *f, unsigned int order, unsigned int type, const unsigned int *chunks)
{
	uint64_t head = list_at(order, type), before = head;

	for (; *chunks; chunks++) {
		uint64_t at = page_at(*chunks) + LRU;

		put_chunk(f, *chunks, order);
		put(f, before, at);
		put(f, at + 8, before);
		before = at;
	}
	put(f, before, head);
	put(f, head + 8, before);
}

static void put_count(struct fixture *f, unsigned int order, uint64_t nr)
{
	put(f, list_at(order, 3), nr);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	static const unsigned int none[] = { 0 };

	sample_memory_init(&f->m, MEMORY, PAGES - MEMORY + NR_PAGES * 64, 4096);
	sample_layout(SAMPLE_6_12, &f->l);
	f->l.free_area = (struct layout_free_area){
		.zone = { 0x40, AREA_BYTES * FREE_AREA_ORDERS, true }, .nr = { 48, 8, true }, .lists = { 0, 48, true },
		.lru = { LRU, 16, true }, .bytes = AREA_BYTES, .isolate = 2,
	};
	f->zone = (struct free_area_zone){ ZONE, 1, 3 };
	for (unsigned int order = 0; order < FREE_AREA_ORDERS; order++)
		for (unsigned int type = 0; type < 3; type++)
			put_list(f, order, type, none);
	*state = f;
	return 0;
}

static struct free_areas areas_of(struct fixture *f)
{
	struct free_areas a;
	uint64_t left = MAX;

	assert_int_equal(free_areas_read(&f->m.memory, &f->l, &f->zone, &left, &a), 0);
	return a;
}

static void want(const struct free_areas *a, unsigned int order, uint64_t counted, uint64_t listed, uint64_t strangers)
{
	assert_true(a->known);
	assert_int_equal(a->order[order].counted, counted);
	assert_int_equal(a->order[order].listed, listed);
	assert_int_equal(a->order[order].strangers, strangers);
	assert_false(a->order[order].endless);
}

static void lists_of_all_types_are_one(void **state)
{
	static const unsigned int first[] = { 1, 5, 2, 0 }, second[] = { 9, 0 }, third[] = { 30, 31, 0 };
	struct fixture *f = *state;
	struct free_areas a;

	put_list(f, 0, 0, first);
	put_list(f, 0, 1, second);
	put_list(f, 10, 2, third);
	put_count(f, 0, 4);
	put_count(f, 10, (uint64_t)-1);
	a = areas_of(f);
	want(&a, 0, 4, 4, 0);
	want(&a, 1, 0, 0, 0);
	want(&a, 10, (uint64_t)-1, 2, 0);
	assert_int_equal(a.isolated, 2);
}

/* init_currently_empty_zone() has not run */
static void a_zone_that_never_had_memory(void **state)
{
	struct fixture *f = *state;
	struct free_areas a;

	for (unsigned int order = 0; order < FREE_AREA_ORDERS; order++)
		for (unsigned int type = 0; type < 3; type++) {
			put(f, list_at(order, type), 0);
			put(f, list_at(order, type) + 8, 0);
		}
	a = areas_of(f);
	for (unsigned int order = 0; order < FREE_AREA_ORDERS; order++)
		want(&a, order, 0, 0, 0);
}

static void who_is_a_stranger(void **state)
{
	static const unsigned int list[] = { 1, 5, 2, 0 };
	struct fixture *f = *state;
	const struct page_layout *l = &f->l;
	struct free_areas a;

	put_list(f, 4, 0, list);
	put(f, page_at(5) + l->private_.offset, 3);
	a = areas_of(f);
	want(&a, 4, 0, 3, 1);
	/* in use */
	put_list(f, 4, 0, list);
	put(f, page_at(1) + l->mapcount.offset, 1ull << 32 | UINT32_MAX);
	a = areas_of(f);
	want(&a, 4, 0, 3, 1);
	/* of another zone, of another node */
	put_list(f, 4, 0, list);
	put(f, page_at(1) + l->flags.offset, 1ull << l->node_shift | 2ull << l->zone_shift);
	put(f, page_at(2) + l->flags.offset, 3ull << l->zone_shift);
	a = areas_of(f);
	want(&a, 4, 0, 3, 2);
	/* the way back is another one */
	put_list(f, 4, 0, list);
	put(f, page_at(2) + LRU + 8, page_at(1) + LRU);
	a = areas_of(f);
	want(&a, 4, 0, 3, 1);
}

static void lists_without_an_end(void **state)
{
	static const unsigned int list[] = { 1, 5, 2, 0 };
	struct fixture *f = *state;
	struct free_areas a;

	put_list(f, 2, 1, list);
	put(f, page_at(2) + LRU, page_at(5) + LRU);
	a = areas_of(f);
	assert_true(a.order[2].endless);
	assert_int_equal(a.order[2].listed, MAX);
	/* nothing is left for others, empty ones come back at once */
	assert_false(a.order[3].endless);
	put_list(f, 2, 1, list);
	put(f, page_at(5) + LRU, 0x100);
	a = areas_of(f);
	assert_true(a.order[2].endless);
	assert_int_equal(a.order[2].listed, 2);
}

static void what_must_be_known(void **state)
{
	struct fixture *f = *state;
	struct layout_free_area *l = &f->l.free_area, right = *l;
	struct free_areas a = { .known = true };
	uint64_t left = MAX;

	assert_true(areas_of(f).known);
	for (int i = 0; i < 8; i++) {
		*l = right;
		l->zone.has = i != 0;
		l->nr.has = i != 1;
		l->lists.has = i != 2;
		l->lru.has = i != 3;
		l->bytes = i != 4 ? AREA_BYTES : AREA_BYTES + 8;
		l->nr.offset = i != 5 ? 48 : 56;
		l->lists.size = i != 6 ? 48 : 64;
		l->lru.offset = i != 7 ? LRU : 56;
		assert_int_equal(free_areas_read(&f->m.memory, &f->l, &f->zone, &left, &a), 0);
		assert_false(a.known);
	}
}

static void what_cannot_be_read(void **state)
{
	static const unsigned int list[] = { 1, 0 };
	struct fixture *f = *state;
	struct free_areas a = { .known = true };
	uint64_t left = MAX;

	put_list(f, 10, 2, list);
	f->m.broken = -ESRCH;
	f->m.broken_from = f->m.views + FREE_AREA_ORDERS;
	assert_int_equal(free_areas_read(&f->m.memory, &f->l, &f->zone, &left, &a), -ESRCH);
	assert_false(a.known);
	f->m.broken = 0;
	f->zone.addr = MEMORY - 0x10000;
	assert_int_equal(free_areas_read(&f->m.memory, &f->l, &f->zone, &left, &a), -EFAULT);
	assert_false(a.known);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, sample_memory_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_of_all_types_are_one),
		TEST(a_zone_that_never_had_memory),
		TEST(who_is_a_stranger),
		TEST(lists_without_an_end),
		TEST(what_must_be_known),
		TEST(what_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
