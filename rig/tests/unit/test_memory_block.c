// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory blocks in a kernel's memory, as two kernels lay them out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/memory_block.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define XARRAY		MEMORY
#define XA_NODE		(MEMORY + 0x100)
#define NODE_DATA	(MEMORY + 0x800)
#define PGDAT		(MEMORY + 0x1000)
#define ZONE_BYTES	0x80u
#define BLOCK(i)	(MEMORY + 0x3000 + (i) * 0x100ull)
#define GROUP		(MEMORY + 0x4000)
#define ALTMAP		(MEMORY + 0x4100)

enum { SECTION = 0, TYPE = 12, NODE = 16, ZONE = 24, IN_GROUP = 32, POISONED = 40, MEMMAP = 48 };

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct node_table nodes;
	struct memory_block *block;
	size_t nr;
};

static void put(struct fixture *f, uint64_t addr, uint64_t word)
{
	sample_memory_put(&f->m, addr, &word, sizeof(word));
}

static void put_int(struct fixture *f, uint64_t addr, int32_t number)
{
	sample_memory_put(&f->m, addr, &number, sizeof(number));
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x5000, 4096);
	f->nodes.node_data = NODE_DATA;
	put(f, NODE_DATA, PGDAT);
	f->l.nr_zones = 5;
	f->l.zone_struct_bytes = ZONE_BYTES;
	f->l.pgdat_zones_offset = 0x40;
	f->l.xarray = (struct layout_xarray){ { 8, 8, true }, { 0, 1, true }, { 40, 512, true } };
	f->l.block = (struct layout_block){
		.section = { SECTION, 8, true }, .online_type = { TYPE, 4, true }, .node = { NODE, 4, true },
		.zone = { ZONE, 8, true }, .group = { IN_GROUP, 8, true }, .poisoned = { POISONED, 8, true },
		.altmap = { MEMMAP, 8, true }, .altmap_pages = { 0, 8, true }, .altmap_used = { 8, 8, true },
		.group_node = { 0, 4, true }, .group_kernel = { 8, 8, true }, .group_movable = { 16, 8, true },
		.group_dynamic = { 24, 1, true }, .group_whole = { 32, 8, true },
	};
	put(f, XARRAY + 8, XA_NODE + 2);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->block);
	return sample_memory_tear_down(state);
}

static void put_block(struct fixture *f, unsigned int id, uint64_t at)
{
	put(f, XA_NODE + 40 + id * 8, at);
	put(f, at + SECTION, id);
}

static int take(struct fixture *f)
{
	free(f->block);
	f->block = NULL;
	return memory_blocks_read(&f->m.memory, &f->l, &f->nodes, XARRAY, &f->block, &f->nr);
}

static void all_that_a_block_has_is_told(void **state)
{
	struct fixture *f = *state;

	assert_true(memory_block_known(&f->l));
	put_block(f, 3, BLOCK(0));
	put_block(f, 40, BLOCK(1));
	put_int(f, BLOCK(0) + NODE, -1);
	put_int(f, BLOCK(1) + TYPE, 3);
	put(f, BLOCK(1) + ZONE, PGDAT + 0x40 + 3 * ZONE_BYTES);
	put(f, BLOCK(1) + POISONED, 7);
	put(f, BLOCK(1) + MEMMAP, ALTMAP);
	put(f, ALTMAP, 512);
	put(f, ALTMAP + 8, 511);
	put(f, BLOCK(1) + IN_GROUP, GROUP);
	put_int(f, GROUP, 1);
	put(f, GROUP + 8, 0x8000);
	put(f, GROUP + 16, 0x10000);
	put(f, GROUP + 24, 1);
	put(f, GROUP + 32, 0x20000);
	assert_int_equal(take(f), 0);
	assert_int_equal(f->nr, 2);
	assert_int_equal(f->block[0].id, 3);
	assert_int_equal(f->block[0].section, 3);
	assert_int_equal(f->block[0].node, -1);
	assert_false(f->block[0].zoned || f->block[0].hosting || f->block[0].group);
	assert_int_equal(f->block[1].id, 40);
	assert_int_equal(f->block[1].online_type, 3);
	assert_true(f->block[1].zoned && f->block[1].hosting);
	assert_int_equal(f->block[1].zone.node, 0);
	assert_int_equal(f->block[1].zone.zone, 3);
	assert_int_equal(f->block[1].poisoned, 7);
	assert_int_equal(f->block[1].hosted, 512);
	assert_int_equal(f->block[1].used, 511);
	assert_int_equal(f->block[1].group, GROUP);
	assert_int_equal(f->block[1].group_node, 1);
	assert_int_equal(f->block[1].group_kernel, 0x8000);
	assert_int_equal(f->block[1].group_movable, 0x10000);
	assert_true(f->block[1].group_dynamic);
	assert_int_equal(f->block[1].group_whole, 0x20000);
}

static void before_altmaps_it_is_a_number_of_pages(void **state)
{
	struct fixture *f = *state;

	f->l.block.hosted = f->l.block.altmap;
	f->l.block.altmap = f->l.block.altmap_pages = f->l.block.altmap_used = (struct layout_field){ 0 };
	put_block(f, 1, BLOCK(0));
	put(f, BLOCK(0) + MEMMAP, 512);
	assert_int_equal(take(f), 0);
	assert_true(f->block[0].hosting);
	assert_int_equal(f->block[0].hosted, 512);
	assert_int_equal(f->block[0].used, 0);
}

static void a_stray_zone_is_told(void **state)
{
	struct fixture *f = *state;

	put_block(f, 1, BLOCK(0));
	put(f, BLOCK(0) + ZONE, PGDAT + 0x48);
	assert_int_equal(take(f), 0);
	assert_true(f->block[0].zoned);
	assert_int_equal(f->block[0].zone.zone, -1);
}

static void what_leads_nowhere_is_told(void **state)
{
	struct fixture *f = *state;

	put(f, XA_NODE + 40 + 8, MEMORY + 0x10000);
	put_block(f, 2, BLOCK(0));
	put(f, BLOCK(0) + IN_GROUP, 0x1000);
	put_block(f, 3, BLOCK(1));
	put(f, BLOCK(1) + MEMMAP, 0x1000);
	put_int(f, BLOCK(1) + TYPE, 3);
	assert_int_equal(take(f), 0);
	assert_int_equal(f->nr, 3);
	assert_true(f->block[0].lost && f->block[0].id == 1);
	assert_true(f->block[1].group_lost && f->block[1].group && !f->block[1].lost);
	assert_true(f->block[2].memmap_lost && f->block[2].hosting && !f->block[2].lost);
	assert_int_equal(f->block[2].online_type, 3);
	f->m.broken = -ESRCH;
	f->m.broken_from = f->m.views + 8;
	assert_int_equal(take(f), -ESRCH);
}

/* Two slots lead to the same node with the same number of pages behind them. */
static void blocks_that_come_again_are_a_fault(void **state)
{
	struct fixture *f = *state;
	const uint8_t shift = 6;

	put(f, XARRAY + 8, MEMORY + 0x500 + 2);
	sample_memory_put(&f->m, MEMORY + 0x500, &shift, sizeof(shift));
	put(f, MEMORY + 0x500 + 40 + 8, XA_NODE + 2);
	put_block(f, 1, BLOCK(0));
	assert_int_equal(take(f), 0);
	assert_int_equal(f->block[0].id, 65);
	/* a shift that its own node has grown: the same ids once more */
	put(f, MEMORY + 0x500 + 40, MEMORY + 0x500 + 2);
	assert_int_equal(take(f), -EFAULT);
}

static void without_zones_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	put_block(f, 1, BLOCK(0));
	f->nodes.node_data = 0;
	assert_int_equal(take(f), -EFAULT);
}

static void a_number_that_no_block_has_is_a_fault(void **state)
{
	struct fixture *f = *state;
	const uint8_t shift = 12;

	sample_memory_put(&f->m, XA_NODE, &shift, sizeof(shift));
	put(f, XA_NODE + 40 + 16 * 8, BLOCK(0));
	assert_int_equal(take(f), -EFAULT);
}

static void a_layout_may_not_know_them(void **state)
{
	struct fixture *f = *state;
	struct page_layout l = f->l;

	l.block.online_type.size = 1;
	assert_false(memory_block_known(&l));
	l = f->l;
	l.xarray.head.has = false;
	assert_false(memory_block_known(&l));
	/* the rest is told as 0 */
	f->l.block.zone.has = f->l.block.group.has = f->l.block.altmap.has = f->l.block.poisoned.has = false;
	put_block(f, 1, BLOCK(0));
	put(f, BLOCK(0) + IN_GROUP, GROUP);
	assert_int_equal(take(f), 0);
	assert_true(f->nr == 1 && !f->block[0].group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_that_a_block_has_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(before_altmaps_it_is_a_number_of_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stray_zone_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_leads_nowhere_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(blocks_that_come_again_are_a_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_zones_nothing_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_number_that_no_block_has_is_a_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_layout_may_not_know_them, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
