// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts of a guest in other people's formats.  What those say of whole reports: rig/tests/check-formats.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "record/report_junit.h"
#include "record/report_kcidb.h"
#include "record/report_text.h"

static void expect_text(const char *text, size_t max, const char *expected)
{
	AUTO_FREE char *got = report_text(text, max);

	assert_string_equal(got, expected);
}

static void test_text(void **state)
{
	(void)state;
	expect_text(NULL, 100, "");
	expect_text("two\nlines\t", 100, "two\nlines\t");
	expect_text("\x1b[31m\x7f", 100, "\\x1b[31m\\x7f");
	expect_text("\u00e4 \u20ac \U0001f525", 100, "\u00e4 \u20ac \U0001f525");
	/* a C1 control, two line ends of Unicode, no characters at all */
	expect_text("\xc2\x85\u2028\u2029\ufffe\uffff\U0001ffff", 100, "\\x85\\u2028\\u2029\\ufffe\\uffff\\u1ffff");
	/* no UTF-8: alone, cut short, overlong, a surrogate, too high */
	expect_text("a\x80z", 100, "a\\x80z");
	expect_text("\xc3", 100, "\\xc3");
	expect_text("\xe2\x82z", 100, "\\xe2\\x82z");
	expect_text("\xc0\xaf", 100, "\\xc0\\xaf");
	expect_text("\xed\xa0\x80", 100, "\\xed\\xa0\\x80");
	expect_text("\xf8\x88\x80\x80\x80", 100, "\\xf8\\x88\\x80\\x80\\x80");
	expect_text("\xf4\x90\x80\x80", 100, "\\xf4\\x90\\x80\\x80");
}

static void test_length(void **state)
{
	(void)state;
	for (size_t max = 20; max < 40; max++) {
		AUTO_FREE char *got = report_text("\u20ac\u20ac\u20ac\u20ac\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01", max);

		assert_true(strlen(got) <= max);
		assert_string_equal(got + strlen(got) - 3, "...");
	}
}

static void test_line(void **state)
{
	AUTO_FREE char *line = report_line("  a\n\n b\tc  ", 100);

	(void)state;
	assert_string_equal(line, "a b c");
}

/* What has nothing in it, or nothing right, is reported all the same. */
static void test_nothing_right(void **state)
{
	static const char *const texts[] = {
		"[]", "[{}]", "[[]]", "[null]", "[\"x\"]", "[{ \"outcome\": \"FAIL\" }]",
		"[{ \"outcome\": \"XFAIL\", \"known_bugs\": [1, null], \"findings\": [1] }]",
		"[{ \"outcome\": 1, \"scenario\": {}, \"kernel\": [], \"findings\": {}, \"steps\": 7, \"date\": [] }]",
		"[{ \"outcome\": \"PASS\", \"timings\": { \"total_ns\": -1 }, \"date\": \"2026-13-45T99:99:99Z\" }]",
		"[{ \"outcome\": \"PASS\", \"timings\": { \"total_ns\": 1e300 }, \"scenario\": \"///..//\" }]",
		"[{ \"outcome\": \"FAIL\", \"findings\": [{ \"first_pfn\": \"x\", \"nr_pfns\": -5, \"seen\": {\"a\": [1]} }] }]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		json_auto_t *results = json_loads(texts[i], 0, NULL), *kcidb = kcidb_report(results, KCIDB_ORIGIN);
		AUTO_FREE char *junit = NULL;
		struct rig_err err;
		size_t len;
		FILE *out = open_memstream(&junit, &len);

		assert_non_null(results);
		assert_non_null(out);
		assert_int_equal(junit_print(out, results, &err), 0);
		fclose(out);
		assert_non_null(strstr(junit, i ? "</testsuites>" : "<testsuites/>"));
		assert_int_equal(json_array_size(json_object_get(kcidb, "tests")), i ? 1 : 0);
	}
}

static void test_origin(void **state)
{
	struct rig_err err;

	(void)state;
	assert_int_equal(kcidb_check_origin("my_ci2", &err), 0);
	assert_true(kcidb_check_origin("", &err) < 0);
	assert_true(kcidb_check_origin("My CI", &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text), cmocka_unit_test(test_length), cmocka_unit_test(test_line),
		cmocka_unit_test(test_nothing_right), cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
