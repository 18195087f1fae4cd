// SPDX-License-Identifier: GPL-2.0-or-later
/* XArrays in a kernel's memory: empty, small, deep; what is no pointer; loops and nowhere. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/xarray.h"
#include "sample_memory.h"

#define MEMORY	0xffff888000000000ull
#define XARRAY	MEMORY
#define HEAD	(XARRAY + 8)
#define NODE(i)	(MEMORY + 0x1000 + (i) * 0x400ull)
#define SHIFT	0u
#define SLOTS	40u
#define OBJECT	0xffff888100000000ull

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	uint64_t index[8], pointer[8];
	unsigned int nr, stop_at;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x4000, 4096);
	f->l.xarray = (struct layout_xarray){ { 8, 8, true }, { SHIFT, 1, true }, { SLOTS, 512, true } };
	*state = f;
	return 0;
}

static void put(struct fixture *f, uint64_t addr, uint64_t word)
{
	sample_memory_put(&f->m, addr, &word, sizeof(word));
}

static uint64_t put_node(struct fixture *f, unsigned int i, uint8_t shift)
{
	sample_memory_put(&f->m, NODE(i) + SHIFT, &shift, sizeof(shift));
	return NODE(i) + 2;
}

static void put_slot(struct fixture *f, unsigned int node, unsigned int slot, uint64_t entry)
{
	put(f, NODE(node) + SLOTS + slot * 8, entry);
}

static int note(void *arg, uint64_t index, uint64_t pointer)
{
	struct fixture *f = arg;

	assert_true(f->nr < 8);
	f->index[f->nr] = index;
	f->pointer[f->nr++] = pointer;
	return f->nr == f->stop_at ? -ECANCELED : 0;
}

static int each(struct fixture *f)
{
	return xarray_each(&f->m.memory, &f->l, XARRAY, note, f);
}

static void an_empty_one_and_one_of_one(void **state)
{
	struct fixture *f = *state;

	assert_true(xarray_known(&f->l));
	assert_int_equal(each(f), 0);
	assert_int_equal(f->nr, 0);
	put(f, HEAD, OBJECT);
	assert_int_equal(each(f), 0);
	assert_int_equal(f->nr, 1);
	assert_int_equal(f->index[0], 0);
	assert_int_equal(f->pointer[0], OBJECT);
}

static void indices_come_from_shifts(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 6));
	put_slot(f, 0, 0, put_node(f, 1, 0));
	put_slot(f, 0, 2, put_node(f, 2, 0));
	put_slot(f, 1, 5, OBJECT);
	put_slot(f, 1, 63, OBJECT + 64);
	put_slot(f, 2, 1, OBJECT + 128);
	assert_int_equal(each(f), 0);
	assert_int_equal(f->nr, 3);
	assert_int_equal(f->index[0], 5);
	assert_int_equal(f->index[1], 63);
	assert_int_equal(f->index[2], 129);
	assert_int_equal(f->pointer[2], OBJECT + 128);
}

static void what_is_no_pointer_is_passed_over(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 0));
	put_slot(f, 0, 1, 1);		/* the value 0 */
	put_slot(f, 0, 2, 0x402);	/* to be tried again */
	put_slot(f, 0, 3, 0x2);		/* a sibling */
	put_slot(f, 0, 4, OBJECT);
	assert_int_equal(each(f), 0);
	assert_int_equal(f->nr, 1);
	assert_int_equal(f->index[0], 4);
	put(f, HEAD, 3);
	assert_int_equal(each(f), 0);
	assert_int_equal(f->nr, 1);
}

static void who_visits_may_end_it(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 0));
	put_slot(f, 0, 1, OBJECT);
	put_slot(f, 0, 2, OBJECT);
	f->stop_at = 1;
	assert_int_equal(each(f), -ECANCELED);
	assert_int_equal(f->nr, 1);
}

static void a_loop_ends(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 6));
	put_slot(f, 0, 0, NODE(0) + 2);
	assert_int_equal(each(f), -EFAULT);
}

/* Each level leads to the next one 64 times: 64^10 nodes. */
static void too_many_nodes_end(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 54));
	for (unsigned int level = 0; level < 9; level++)
		for (unsigned int slot = 0; slot < 64; slot++)
			put_slot(f, level, slot, put_node(f, level + 1, (uint8_t)(48 - level * 6)));
	put_node(f, 9, 0);
	assert_int_equal(each(f), -EFAULT);
	assert_true(f->m.views <= 2 * XARRAY_MAX_NODES + 8);
}

static void indices_that_do_not_fit_are_a_fault(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, put_node(f, 0, 60));
	put_slot(f, 0, 1, OBJECT);
	assert_int_equal(each(f), -EFAULT);
	put_node(f, 0, 58);
	assert_int_equal(each(f), 0);
	assert_true(f->index[0] == 1ull << 58);
}

static void nowhere_is_a_fault(void **state)
{
	struct fixture *f = *state;

	put(f, HEAD, 0xffffc90000000002ull);
	assert_int_equal(each(f), -EFAULT);
	f->m.broken = -ESRCH;
	assert_int_equal(each(f), -ESRCH);
}

static void a_layout_may_not_know_it(void **state)
{
	struct fixture *f = *state;
	struct page_layout l = f->l;

	l.xarray.slots.size = 520;
	assert_false(xarray_known(&l));
	l.xarray.slots.size = 128;	/* XA_CHUNK_SHIFT 4 */
	assert_true(xarray_known(&l));
	l.xarray.shift.has = false;
	assert_false(xarray_known(&l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_one_and_one_of_one, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(indices_come_from_shifts, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_pointer_is_passed_over, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(who_visits_may_end_it, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(a_loop_ends, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(too_many_nodes_end, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(indices_that_do_not_fit_are_a_fault, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(nowhere_is_a_fault, set_up, sample_memory_tear_down),
		cmocka_unit_test_setup_teardown(a_layout_may_not_know_it, set_up, sample_memory_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
