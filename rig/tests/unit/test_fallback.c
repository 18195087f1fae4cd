// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of nodes that the kernel logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/fallback.h"

static void the_last_order_counts(void **state)
{
	struct fallback f = { 0 };

	(void)state;
	assert_true(fallback_take(&f, "Fallback order for Node 0: 0 1 "));
	assert_true(fallback_take(&f, "Fallback order for Node 1: 1 0 63 "));
	assert_int_equal(f.known, 3);
	assert_int_equal(f.order[0], 3);
	assert_int_equal(f.order[1], 3 | 1ull << 63);
	assert_true(fallback_take(&f, "Fallback order for Node 0: 0"));
	assert_int_equal(f.order[0], 1);
	/* of a piece that was cut off, nothing */
	assert_true(fallback_take(&f, "Fallback order for Node 1: "));
	assert_int_equal(f.order[1], 0);
}

static void other_records_say_nothing(void **state)
{
	static const char *const texts[] = {
		"", "0 1 ", "Fallback order for Node", "Fallback order for Node : 0", "Fallback order for Node -1: 0",
		"Fallback order for Node 64: 0", "Fallback order for Node 99999999999999999999: 0",
		"Fallback order for Node 0", "Fallback order for Node 0; 0", "fallback order for Node 0: 0",
	};
	struct fallback f = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(fallback_take(&f, texts[i]));
	assert_int_equal(f.known, 0);
	/* numbers that are none end the order */
	assert_true(fallback_take(&f, "Fallback order for Node 0: 0 x1 2"));
	assert_int_equal(f.order[0], 1);
	assert_true(fallback_take(&f, "Fallback order for Node 0: 0 64 1"));
	assert_int_equal(f.order[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_order_counts),
		cmocka_unit_test(other_records_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
