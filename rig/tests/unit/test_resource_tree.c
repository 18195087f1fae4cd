// SPDX-License-Identifier: GPL-2.0-or-later
/* A tree of resources in a kernel's memory: in order, with depths; loops and nowhere. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/resource_tree.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define RESOURCE(i)	(MEMORY + (i) * 64ull)

enum { START = 0, END = 8, FLAGS = 24, DESC = 32, SIBLING = 48, CHILD = 56 };

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct resource *resource;
	size_t nr;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x4000, 4096);
	f->l.resource = (struct layout_resource){
		{ START, 8, true }, { END, 8, true }, { FLAGS, 8, true }, { DESC, 8, true }, { SIBLING, 8, true },
		{ CHILD, 8, true },
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->resource);
	return sample_memory_tear_down(state);
}

static void put(struct fixture *f, unsigned int i, unsigned int field, uint64_t word)
{
	sample_memory_put(&f->m, RESOURCE(i) + field, &word, sizeof(word));
}

static int take(struct fixture *f)
{
	free(f->resource);
	f->resource = NULL;
	return resource_tree_read(&f->m.memory, &f->l, RESOURCE(0), &f->resource, &f->nr);
}

/* 0 has 1 and 3, 1 has 2 */
static void parents_come_first(void **state)
{
	struct fixture *f = *state;

	assert_true(resource_tree_known(&f->l));
	assert_int_equal(take(f), 0);
	assert_int_equal(f->nr, 0);
	put(f, 0, CHILD, RESOURCE(1));
	put(f, 1, CHILD, RESOURCE(2));
	put(f, 1, SIBLING, RESOURCE(3));
	put(f, 1, START, 0x1000);
	put(f, 1, END, 0x9fbff);
	put(f, 2, FLAGS, 0x81000200);
	put(f, 3, DESC, 4);
	assert_int_equal(take(f), 0);
	assert_int_equal(f->nr, 3);
	assert_int_equal(f->resource[0].start, 0x1000);
	assert_int_equal(f->resource[0].end, 0x9fbff);
	assert_int_equal(f->resource[0].depth, 0);
	assert_int_equal(f->resource[1].flags, 0x81000200);
	assert_int_equal(f->resource[1].depth, 1);
	assert_int_equal(f->resource[2].desc, 4);
	assert_int_equal(f->resource[2].depth, 0);
}

static void loops_end(void **state)
{
	struct fixture *f = *state;

	put(f, 0, CHILD, RESOURCE(1));
	put(f, 1, SIBLING, RESOURCE(1));
	assert_int_equal(take(f), -EFAULT);
	put(f, 1, SIBLING, 0);
	put(f, 1, CHILD, RESOURCE(0));
	assert_int_equal(take(f), -EFAULT);
	/* as deep as it may be */
	for (unsigned int i = 0; i < RESOURCE_TREE_DEPTH; i++)
		put(f, i, CHILD, RESOURCE(i + 1));
	assert_int_equal(take(f), 0);
	assert_int_equal(f->resource[f->nr - 1].depth, RESOURCE_TREE_DEPTH - 1);
	put(f, RESOURCE_TREE_DEPTH, CHILD, RESOURCE(RESOURCE_TREE_DEPTH + 1));
	assert_int_equal(take(f), -EFAULT);
}

static void nowhere_is_a_fault(void **state)
{
	struct fixture *f = *state;

	put(f, 0, CHILD, 0x1000);
	assert_int_equal(take(f), -EFAULT);
	f->m.broken = -ESRCH;
	assert_int_equal(take(f), -ESRCH);
}

static void a_layout_may_not_know_them(void **state)
{
	struct fixture *f = *state;
	struct page_layout l = f->l;

	l.resource.desc.has = false;
	assert_false(resource_tree_known(&l));
	l = f->l;
	l.resource.start.size = 4;
	assert_false(resource_tree_known(&l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parents_come_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loops_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nowhere_is_a_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_layout_may_not_know_them, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
