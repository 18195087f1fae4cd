// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel calls the devices of a namespace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "run/namespace.h"

static void test_names(void **state)
{
	const struct namespace first = { .name = "namespace12.0" }, tenth = { .name = "namespace1.10" };
	char buf[32];

	(void)state;
	assert_string_equal(namespace_dax_name(&first, buf), "dax12.0");
	assert_string_equal(namespace_dax_name(&tenth, buf), "dax1.10");
	assert_string_equal(namespace_disk_name(&first, buf), "pmem12");
	assert_string_equal(namespace_disk_name(&tenth, buf), "pmem1.10");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
