// SPDX-License-Identifier: GPL-2.0-or-later
/* To which nodes nodes demote, out of the kernel's array. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "page/demotion.h"
#include "sample_memory.h"

#define TABLE 0xffff888000000000ull
#define ELEMENT 128u

static void masks_are_read_by_node(void **state)
{
	struct page_layout l = { .demotion = { 0, ELEMENT, true } };
	uint64_t first = 0x4, third = 0x8000000000000001, ret[DEMOTION_NODES];
	struct sample_memory m;

	(void)state;
	sample_memory_init(&m, TABLE, DEMOTION_NODES * ELEMENT, 4096);
	sample_memory_put(&m, TABLE, &first, sizeof(first));
	sample_memory_put(&m, TABLE + 2 * ELEMENT, &third, sizeof(third));
	assert_int_equal(demotion_targets(&m.memory, &l, TABLE, 3, ret), 0);
	assert_int_equal(ret[0], first);
	assert_int_equal(ret[1], 0);
	assert_int_equal(ret[2], third);
	assert_int_equal(ret[3], 0);
	assert_int_equal(demotion_targets(&m.memory, &l, TABLE, 2, ret), 0);
	assert_int_equal(ret[2], 0);
	/* no more than a mask has nodes */
	assert_int_equal(demotion_targets(&m.memory, &l, TABLE, 1024, ret), 0);
	assert_int_equal(demotion_targets(&m.memory, &l, TABLE + ELEMENT, 1024, ret), -EFAULT);
	sample_memory_deinit(&m);
}

static void another_shape_is_not_read(void **state)
{
	static const struct layout_field others[] = {
		{ 0, ELEMENT, false }, { 8, ELEMENT, true }, { 0, 4, true }, { 0, 0, true },
	};
	uint64_t ret[DEMOTION_NODES];
	struct sample_memory m;

	(void)state;
	sample_memory_init(&m, TABLE, 0x1000, 4096);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const struct page_layout l = { .demotion = others[i] };

		assert_int_equal(demotion_targets(&m.memory, &l, TABLE, 1, ret), -ENOENT);
	}
	assert_int_equal(demotion_targets(&m.memory, &(struct page_layout){ .demotion = { 0, ELEMENT, true } }, 0, 1, ret),
			 -ENOENT);
	sample_memory_deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_are_read_by_node),
		cmocka_unit_test(another_shape_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
