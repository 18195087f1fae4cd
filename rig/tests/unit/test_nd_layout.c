// SPDX-License-Identifier: GPL-2.0-or-later
/* Layouts of namespaces, as kernels really made them, and those that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "run/nd_layout.h"

#define MIB (1ull << 20)

static void layouts_are_those_of_the_kernel(void **state)
{
	static const struct {
		uint64_t start, bytes;
		bool map_dev;
		uint64_t align, data, end;
	} made[] = {
		{ 0x100000000, 128 * MIB, false, 2 * MIB, 0x100200000, 0x108000000 },
		{ 0x108000000, 128 * MIB, true, 2 * MIB, 0x108400000, 0x110000000 },
		{ 0x108000000, 128 * MIB, true, 4096, 0x108400000, 0x110000000 },
		{ 0x44000000, 192 * MIB, false, 2 * MIB, 0x44200000, 0x50000000 },
		/* the end that is no multiple of the alignment is cut off */
		{ 0x100000000, 3 * 1024 * MIB + 16 * MIB, false, 1024 * MIB, 0x140000000, 0x1c0000000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		struct nd_layout l = { 0 };

		assert_true(nd_layout(made[i].start, made[i].bytes, made[i].map_dev, made[i].align, &l));
		assert_int_equal(l.data, made[i].data);
		assert_int_equal(l.end, made[i].end);
	}
}

static void nothing_is_left_for_data(void **state)
{
	struct nd_layout l;

	(void)state;
	assert_false(nd_layout(0x100000000, 4096, false, 4096, &l));
	assert_false(nd_layout(0x100000000, 2 * MIB, false, 2 * MIB, &l));
	assert_false(nd_layout(0x100000000, 512 * MIB, false, 1024 * MIB, &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_those_of_the_kernel),
		cmocka_unit_test(nothing_is_left_for_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
