// SPDX-License-Identifier: GPL-2.0-or-later
/* Results of a batch come in any order and are told in one; how many runs a host holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "batch/capacity.h"
#include "cmd/report.h"

#define GIB (1ull << 30)

struct printed {
	FILE *file;
	char *text;
	size_t len;
};

static void begin(struct printed *p, struct report *r, bool json, size_t nr_runs)
{
	p->file = open_memstream(&p->text, &p->len);
	report_init(r, p->file, json, nr_runs);
	report_plan(r);
}

static void end(struct printed *p, struct report *r)
{
	report_deinit(r);
	fclose(p->file);
	free(p->text);
}

static json_t *record(const char *scenario)
{
	return json_pack("{sss{ss}ss}", "scenario", scenario, "kernel", "release", "6.12", "outcome", "PASS");
}

static void test_order(void **state)
{
	struct printed p;
	struct report r;

	(void)state;
	begin(&p, &r, false, 3);
	assert_string_equal(p.text, "KTAP version 1\n1..3\n");
	report_take(&r, 2, OUTCOME_PASS, record("c"));
	assert_null(strstr(p.text, "ok"));
	report_take(&r, 0, OUTCOME_PASS, record("a"));
	assert_non_null(strstr(p.text, "ok 1 a on 6.12\n"));	/* at once */
	assert_null(strstr(p.text, "ok 3"));
	report_take(&r, 1, OUTCOME_PASS, record("b"));
	assert_true(strstr(p.text, "ok 2 b on 6.12\n") < strstr(p.text, "ok 3 c on 6.12\n"));
	end(&p, &r);
}

static void test_json(void **state)
{
	struct printed p;
	struct report r;

	(void)state;
	begin(&p, &r, true, 2);
	report_take(&r, 1, OUTCOME_PASS, record("b"));
	report_take(&r, 0, OUTCOME_PASS, record("a"));
	assert_string_equal(p.text,
			    "{\"scenario\":\"a\",\"kernel\":{\"release\":\"6.12\"},\"outcome\":\"PASS\"}\n"
			    "{\"scenario\":\"b\",\"kernel\":{\"release\":\"6.12\"},\"outcome\":\"PASS\"}\n");
	end(&p, &r);
}

/* A run without a record holds up nobody; what waits behind one that never began is not told. */
static void test_gaps(void **state)
{
	AUTO_FREE char *count = NULL;
	struct printed p;
	struct report r;

	(void)state;
	begin(&p, &r, false, 5);
	report_take(&r, 0, OUTCOME_PASS, NULL);
	report_take(&r, 1, OUTCOME_FAIL, record("b"));
	report_take(&r, 3, OUTCOME_PASS, record("d"));
	assert_non_null(strstr(p.text, "ok 2 b"));
	assert_null(strstr(p.text, "ok 1 "));
	assert_null(strstr(p.text, "ok 4 "));
	count = report_count(&r);
	assert_string_equal(count, "2 runs: 1 PASS 1 FAIL");
	assert_int_equal(report_exit_code(&r), 1);
	end(&p, &r);
}

static void test_count(void **state)
{
	AUTO_FREE char *none = NULL, *one = NULL;
	struct printed p;
	struct report r;

	(void)state;
	begin(&p, &r, true, 1);
	none = report_count(&r);
	assert_string_equal(none, "0 runs:");
	report_take(&r, 0, OUTCOME_SKIP, record("a"));
	one = report_count(&r);
	assert_string_equal(one, "1 run: 1 SKIP");
	assert_int_equal(report_exit_code(&r), 77);
	end(&p, &r);
}

static void test_jobs(void **state)
{
	static const struct {
		unsigned int cores;
		uint64_t available, machine;
		unsigned int max, jobs;
	} cases[] = {
		{ 2, 24 * GIB, 2 * GIB, 64, 2 },		/* cores decide */
		{ 8, 24 * GIB, 2 * GIB, 64, 8 },
		{ 16, 24 * GIB, 2 * GIB, 64, 9 },		/* memory decides: 23 / 2.5 */
		{ 4, 6 * GIB, 2 * GIB, 64, 2 },			/* exactly: 5 / 2.5 */
		{ 4, 6 * GIB - 1, 2 * GIB, 64, 1 },
		{ 4, GIB / 2, 2 * GIB, 64, 1 },			/* less than the host's share */
		{ 4, 0, 2 * GIB, 64, 1 },
		{ 256, 4096 * GIB, 2 * GIB, 64, 64 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct capacity c = { cases[i].cores, cases[i].available };

		assert_int_equal(capacity_jobs(&c, cases[i].machine, cases[i].max), cases[i].jobs);
	}
}

static void test_holds(void **state)
{
	const struct capacity c = { 1, 3 * GIB }, unknown = { 1, 0 };

	(void)state;
	assert_true(capacity_holds(&c, 2 * GIB));
	assert_true(capacity_holds(&c, 2 * GIB + GIB / 2));
	assert_false(capacity_holds(&c, 2 * GIB + GIB / 2 + 1));
	assert_false(capacity_holds(&unknown, 0));
}

static void test_this_host(void **state)
{
	const struct capacity now = capacity_now();

	(void)state;
	assert_in_range(now.cores, 1, 65536);
	assert_in_range(now.available_bytes, 1 << 20, 1ull << 52);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
