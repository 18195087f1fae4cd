// SPDX-License-Identifier: GPL-2.0-or-later
/* Zonelists in a kernel's memory: right ones, stray pointers, none, no end, no memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/zonelist.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define NODE_DATA	MEMORY
#define PGDAT		(MEMORY + 0x1000)
#define PGDAT_BYTES	0x4000ull
#define ZONES		0x40u
#define ZONE_BYTES	0x80u
#define LISTS		0x800u
#define MAX_REFS	150u
#define LIST_BYTES	(MAX_REFS * 16)
#define ZONE(nid, i)	(PGDAT + (nid) * PGDAT_BYTES + ZONES + (i) * ZONE_BYTES)

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct node_table table;
	struct zonelist list[ZONELISTS_PER_NODE];
};

static void put_ref(struct fixture *f, unsigned int nid, unsigned int list, unsigned int i, uint64_t zone, int32_t index)
{
	uint64_t at = PGDAT + nid * PGDAT_BYTES + LISTS + list * LIST_BYTES + i * 16;

	sample_memory_put(&f->m, at, &zone, sizeof(zone));
	sample_memory_put(&f->m, at + 8, &index, sizeof(index));
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x1000 + 2 * PGDAT_BYTES, 4096);
	for (uint64_t nid = 0; nid < 2; nid++) {
		uint64_t pgdat = PGDAT + nid * PGDAT_BYTES;

		sample_memory_put(&f->m, NODE_DATA + nid * 8, &pgdat, sizeof(pgdat));
	}
	f->table.node_data = NODE_DATA;
	f->l.nr_zones = 5;
	f->l.pgdat_zones_offset = ZONES;
	f->l.zone_struct_bytes = ZONE_BYTES;
	f->l.pgdat_zonelists = (struct layout_field){ LISTS, 2 * LIST_BYTES, true };
	f->l.zonelist_refs = (struct layout_field){ 0, LIST_BYTES, true };
	f->l.zoneref_zone = (struct layout_field){ 0, 8, true };
	f->l.zoneref_index = (struct layout_field){ 8, 4, true };
	f->l.zonelist_bytes = LIST_BYTES;
	f->l.zoneref_bytes = 16;
	*state = f;
	return 0;
}

static int take(struct fixture *f, unsigned int nid)
{
	return zonelist_read(&f->m.memory, &f->l, &f->table, nid, f->list);
}

static void want_ref(const struct zonelist *list, uint32_t i, int node, int zone, int index)
{
	assert_true(i < list->nr);
	assert_int_equal(list->ref[i].node, node);
	assert_int_equal(list->ref[i].zone, zone);
	assert_int_equal(list->ref[i].index, index);
}

static void lists_are_told_by_node_and_zone(void **state)
{
	struct fixture *f = *state;

	assert_true(zonelist_known(&f->l));
	put_ref(f, 1, 0, 0, ZONE(1, 3), 3);
	put_ref(f, 1, 0, 1, ZONE(0, 1), 1);
	put_ref(f, 1, 1, 0, ZONE(1, 3), 2);
	assert_int_equal(take(f, 1), 0);
	assert_int_equal(f->list[0].nr, 2);
	want_ref(&f->list[0], 0, 1, 3, 3);
	want_ref(&f->list[0], 1, 0, 1, 1);
	assert_int_equal(f->list[1].nr, 1);
	want_ref(&f->list[1], 0, 1, 3, 2);
	assert_true(f->list[0].there && f->list[1].there && !f->list[0].endless);
	assert_int_equal(take(f, 0), 0);
	assert_int_equal(f->list[0].nr, 0);
}

static void what_is_no_zone_is_told(void **state)
{
	struct fixture *f = *state;

	put_ref(f, 0, 0, 0, ZONE(0, 1) + 8, 1);
	put_ref(f, 0, 0, 1, ZONE(1, 5), 5);
	put_ref(f, 0, 0, 2, 1, -7);
	assert_int_equal(take(f, 0), 0);
	assert_int_equal(f->list[0].nr, 3);
	want_ref(&f->list[0], 0, -1, -1, 1);
	want_ref(&f->list[0], 1, -1, -1, 5);
	want_ref(&f->list[0], 2, -1, -1, -7);
}

static void a_list_without_end_ends(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < MAX_REFS; i++)
		put_ref(f, 0, 1, i, ZONE(0, 1), 1);
	assert_int_equal(take(f, 0), 0);
	assert_int_equal(f->list[1].nr, ZONELIST_MAX_REFS);
	assert_true(f->list[1].endless);
	/* as long as the array is */
	f->l.zonelist_refs.size = 3 * 16;
	assert_int_equal(take(f, 0), 0);
	assert_int_equal(f->list[1].nr, 3);
	assert_true(f->list[1].endless);
}

static void without_numa_there_is_one(void **state)
{
	struct fixture *f = *state;

	f->table = (struct node_table){ .contig_page_data = PGDAT };
	f->l.pgdat_zonelists.size = LIST_BYTES;
	put_ref(f, 0, 0, 0, ZONE(0, 2), 2);
	assert_int_equal(take(f, 0), 0);
	want_ref(&f->list[0], 0, 0, 2, 2);
	assert_false(f->list[1].there);
	assert_int_equal(take(f, 1), -ENOENT);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, 2), -ENOENT);
	f->m.hole = PGDAT + LISTS;
	assert_int_equal(take(f, 0), -ENOENT);
	f->m.hole = 0;
	for (unsigned int from = 0; from < 4; from++) {
		f->m.broken = -ESRCH;
		f->m.broken_from = f->m.views + from;
		assert_int_equal(take(f, 0), -ESRCH);
	}
}

static void odd_layouts_are_not_known(void **state)
{
	struct fixture *f = *state;
	struct page_layout l = f->l;

	l.zoneref_bytes = 8;
	assert_false(zonelist_known(&l));
	l = f->l;
	l.zoneref_index.offset = 13;
	assert_false(zonelist_known(&l));
	l = f->l;
	l.zonelist_bytes = 16;
	assert_false(zonelist_known(&l));
	l = f->l;
	l.zone_struct_bytes = 0;
	assert_false(zonelist_known(&l));
	l = f->l;
	l.pgdat_zonelists.has = false;
	assert_false(zonelist_known(&l));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sample_memory_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_are_told_by_node_and_zone), TEST(what_is_no_zone_is_told), TEST(a_list_without_end_ends),
		TEST(without_numa_there_is_one),       TEST(what_cannot_be_read_is_an_error),
		TEST(odd_layouts_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
