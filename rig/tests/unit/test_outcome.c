// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/outcome.h"

static void names_are_the_tables(void **state)
{
	(void)state;
	assert_string_equal(outcome_name(OUTCOME_PASS), "PASS");
	assert_string_equal(outcome_name(OUTCOME_XFAIL), "XFAIL");
	assert_string_equal(outcome_name(OUTCOME_SKIP), "SKIP");
	assert_string_equal(outcome_name(OUTCOME_XPASS), "XPASS");
	assert_string_equal(outcome_name(OUTCOME_ERROR), "ERROR");
	assert_string_equal(outcome_name(OUTCOME_FAIL), "FAIL");
	assert_string_equal(fail_kind_name(FAIL_NONE), "");
	assert_string_equal(fail_kind_name(FAIL_INVARIANT), "invariant");
	assert_string_equal(fail_kind_name(FAIL_SPLAT), "splat");
	assert_string_equal(fail_kind_name(FAIL_CRASH), "crash");
	assert_string_equal(fail_kind_name(FAIL_HANG), "hang");
	assert_string_equal(fail_kind_name(FAIL_BOOT), "boot");
}

static void exit_codes_are_the_tables(void **state)
{
	(void)state;
	assert_int_equal(outcome_exit_code(OUTCOME_PASS), 0);
	assert_int_equal(outcome_exit_code(OUTCOME_XFAIL), 0);
	assert_int_equal(outcome_exit_code(OUTCOME_SKIP), 0);
	assert_int_equal(outcome_exit_code(OUTCOME_XPASS), 1);
	assert_int_equal(outcome_exit_code(OUTCOME_FAIL), 1);
	assert_int_equal(outcome_exit_code(OUTCOME_ERROR), 3);
}

static void fail_outranks_error_outranks_xpass(void **state)
{
	(void)state;
	assert_int_equal(outcome_worst(OUTCOME_FAIL, OUTCOME_ERROR), OUTCOME_FAIL);
	assert_int_equal(outcome_worst(OUTCOME_ERROR, OUTCOME_FAIL), OUTCOME_FAIL);
	assert_int_equal(outcome_worst(OUTCOME_XPASS, OUTCOME_ERROR), OUTCOME_ERROR);
	assert_int_equal(outcome_worst(OUTCOME_SKIP, OUTCOME_XPASS), OUTCOME_XPASS);
	assert_int_equal(outcome_worst(OUTCOME_PASS, OUTCOME_XFAIL), OUTCOME_XFAIL);
	assert_int_equal(outcome_worst(OUTCOME_PASS, OUTCOME_PASS), OUTCOME_PASS);
}

static void a_run_exits_with_its_worst(void **state)
{
	static const struct {
		enum outcome o[3];
		unsigned int n;
		int code;
	} runs[] = {
		{ { OUTCOME_PASS }, 0, 2 },
		{ { OUTCOME_PASS }, 1, 0 },
		{ { OUTCOME_SKIP }, 1, 77 },
		{ { OUTCOME_SKIP, OUTCOME_SKIP, OUTCOME_SKIP }, 3, 77 },
		{ { OUTCOME_SKIP, OUTCOME_PASS, OUTCOME_SKIP }, 3, 0 },
		{ { OUTCOME_SKIP, OUTCOME_XFAIL }, 2, 0 },
		{ { OUTCOME_SKIP, OUTCOME_XPASS }, 2, 1 },
		{ { OUTCOME_PASS, OUTCOME_ERROR, OUTCOME_XPASS }, 3, 3 },
		{ { OUTCOME_ERROR, OUTCOME_FAIL, OUTCOME_SKIP }, 3, 1 },
		{ { OUTCOME_SKIP, OUTCOME_ERROR }, 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		assert_int_equal(outcome_run_exit_code(runs[i].o, runs[i].n), runs[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_the_tables),
		cmocka_unit_test(exit_codes_are_the_tables),
		cmocka_unit_test(fail_outranks_error_outranks_xpass),
		cmocka_unit_test(a_run_exits_with_its_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
