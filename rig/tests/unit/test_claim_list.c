// SPDX-License-Identifier: GPL-2.0-or-later
/* Wrapping, and the list of claims as text and as JSON. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "cmd/claim_list.h"
#include "cmd/wrap.h"

static char *in[] = { (char *)"A1", NULL }, *out_of[] = { NULL };

/* A1 has two scenarios, A2 has none. */
static struct claim_thread thread = { (char *)"000", (char *)"subject" };
static struct claim claim[] = {
	{ .id = (char *)"A1", .text = (char *)"first", .sides = (char *)"old and new" },
	{ .id = (char *)"A2", .text = (char *)"second", .why_none = (char *)"never merged" },
};
static struct claims claims = { .thread = &thread, .nr_threads = 1, .claim = claim, .nr_claims = 2 };
static struct scenario scenario[] = {
	{ .name = (char *)"a/one", .claims = in }, { .name = (char *)"a/other", .claims = out_of },
	{ .name = (char *)"a/two", .claims = in },
};
static struct scenario *scenarios[] = { &scenario[0], &scenario[1], &scenario[2] };
static struct catalogue catalogue = { .scenario = scenarios, .nr = 3, .claims = &claims };
static struct last_run run[] = {
	{ (char *)"a/one", (char *)"6.1", (char *)"PASS", NULL, (char *)"d1", (char *)"f1" },
	{ (char *)"a/one", (char *)"6.12", (char *)"PASS", NULL, (char *)"d2", (char *)"f2" },
	{ (char *)"a/one", (char *)"6.13", (char *)"FAIL", (char *)"splat", (char *)"d3", (char *)"f3" },
};
static struct last_runs runs = { .run = run, .nr = 3 };
static const struct claim_list list = { &catalogue, &runs };

static char *print(size_t width, bool color)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	claim_list_print(&list, width, color, f);
	fclose(f);
	return text;
}

static void test_text(void **state)
{
	AUTO_FREE char *text = print(0, false);

	(void)state;
	assert_string_equal(text,
		"thread 000: subject\n"
		"A1   first\n"
		"     sides: old and new\n"
		"     a/one                        PASS 6.1 6.12 FAIL(splat) 6.13\n"
		"     a/two                        no record\n"
		"A2   second\n"
		"     none: never merged\n");
}

static void test_width(void **state)
{
	AUTO_FREE char *text = print(50, false);

	(void)state;
	assert_non_null(strstr(text,
		"     a/one                        PASS 6.1 6.12\n"
		"                                  FAIL(splat) 6.13\n"));
}

static void test_color(void **state)
{
	AUTO_FREE char *text = print(50, true);

	(void)state;
	assert_non_null(strstr(text, "\033[32mPASS\033[0m 6.1 6.12\n"));
	assert_non_null(strstr(text, "\033[31mFAIL(splat)\033[0m 6.13\n"));
	assert_non_null(strstr(text, "\033[33mnone:\033[0m never merged\n"));
}

static void test_json(void **state)
{
	json_auto_t *first = NULL, *second = NULL;
	AUTO_FREE char *text = NULL;
	const json_t *scenario_list, *last;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	claim_list_json(&list, f);
	fclose(f);
	first = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	second = json_loads(strchr(text, '\n'), 0, NULL);
	assert_non_null(first);
	assert_non_null(second);
	assert_string_equal(json_string_value(json_object_get(first, "thread")), "000");
	assert_null(json_object_get(first, "why_none"));
	scenario_list = json_object_get(first, "scenarios");
	assert_int_equal(json_array_size(scenario_list), 2);
	last = json_array_get(json_object_get(json_array_get(scenario_list, 0), "runs"), 2);
	assert_string_equal(json_string_value(json_object_get(last, "fail_kind")), "splat");
	assert_string_equal(json_string_value(json_object_get(last, "record")), "f3");
	assert_int_equal(json_array_size(json_object_get(json_array_get(scenario_list, 1), "runs")), 0);
	assert_string_equal(json_string_value(json_object_get(second, "why_none")), "never merged");
	assert_int_equal(json_array_size(json_object_get(second, "scenarios")), 0);
}

static void test_count(void **state)
{
	AUTO_FREE char *text = claim_list_count(&list);

	(void)state;
	assert_string_equal(text, "2 claims: 1 with a scenario, 1 without");
}

static void expect_wrapped(size_t width, const char *text, const char *want)
{
	AUTO_FREE char *got = NULL;
	size_t len;
	FILE *f = open_memstream(&got, &len);
	struct wrap w = { .out = f, .width = width, .indent = 2 };

	w.column = (size_t)fprintf(f, "x:");
	wrap_words(&w, text);
	wrap_end(&w);
	wrap_end(&w);
	fclose(f);
	assert_string_equal(got, want);
}

static void test_wrap(void **state)
{
	(void)state;
	expect_wrapped(0, "a  b c ", "x:a b c\n");
	expect_wrapped(5, "a b c", "x:a b\n  c\n");
	expect_wrapped(5, "longer than that", "x:longer\n  than\n  that\n");
	expect_wrapped(5, "", "x:\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),  cmocka_unit_test(test_width), cmocka_unit_test(test_color),
		cmocka_unit_test(test_json),  cmocka_unit_test(test_count), cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
