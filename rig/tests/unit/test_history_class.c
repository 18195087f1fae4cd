// SPDX-License-Identifier: GPL-2.0-or-later
/* What has become of a cell: each class by runs written as text. */
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
#include "history/history_class.h"

#define RUNS_MAX 64

/*
 * Runs as words: image and outcome, "aP" passed on image a; P, F (page.refcount), G (fails in another way),
 * x, X, S, E.  One a day from the first of January.
 */
static size_t make_runs(const char *text, struct history_run run[RUNS_MAX])
{
	static const struct {
		char letter;
		enum outcome outcome;
		enum fail_kind kind;
		const char *sign;
	} letters[] = {
		{ 'P', OUTCOME_PASS, FAIL_NONE, "" }, { 'F', OUTCOME_FAIL, FAIL_INVARIANT, "page.refcount" },
		{ 'G', OUTCOME_FAIL, FAIL_SPLAT, "splat.warning: WARNING in f" },
		{ 'x', OUTCOME_XFAIL, FAIL_INVARIANT, "page.refcount" }, { 'X', OUTCOME_XPASS, FAIL_NONE, "" },
		{ 'S', OUTCOME_SKIP, FAIL_NONE, "no ndctl" }, { 'E', OUTCOME_ERROR, FAIL_NONE, "host: no memory" },
	};
	size_t nr = 0;

	for (const char *p = text; *p; p++) {
		struct history_run *r = &run[nr];

		if (*p == ' ')
			continue;
		assert_true(nr < RUNS_MAX);
		*r = (struct history_run){
			.folder = xasprintf("%zu", nr), .date = xasprintf("2026-01-%02zuT00:00:00Z", nr % 28 + 1),
			.cell = xstrdup("k/-/s"), .scenario = xstrdup("s"), .variant = xstrdup(""), .spec = xstrdup("k"),
			.release = xasprintf("6.%c", *p), .image_sha256 = xasprintf("%c", *p),
			.accel = xstrdup(*p == 'k' ? "kvm" : "tcg"), .qemu = xstrdup("7.2"), .matrix = xstrdup(""),
			.bugs = xstrdup(""),
		};
		p++;
		for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
			if (letters[i].letter == *p) {
				r->outcome = letters[i].outcome;
				r->kind = letters[i].kind;
				r->sign = xstrdup(letters[i].sign);
			}
		assert_non_null(r->sign);
		nr++;
	}
	return nr;
}

static void expect(const char *before, const char *now, enum history_class class, const char *part)
{
	struct history_run b[RUNS_MAX], n[RUNS_MAX];
	size_t nr_b = make_runs(before, b), nr_n = make_runs(now, n);
	struct history_verdict v;

	history_class_of(n, nr_n, b, nr_b, &v);
	if (v.class != class || !strstr(v.reason, part))
		fail_msg("[%s] then [%s]: %s, not %s: %s", before, now, history_class_name(v.class),
			 history_class_name(class), v.reason);
	for (size_t i = 0; i < nr_b; i++)
		history_run_deinit(&b[i]);
	for (size_t i = 0; i < nr_n; i++)
		history_run_deinit(&n[i]);
}

static void test_regression(void **state)
{
	(void)state;
	expect("aP bP", "cF cF cF", HISTORY_REGRESSION, "3 of 3 fail on 6.c: page.refcount; last passed on 6.b, 2026-01-02");
	/* told every night, with its first */
	expect("aP bP cF dF", "eF", HISTORY_REGRESSION, "fails since 2026-01-03 on 6.c");
	/* what failed otherwise is no part of it */
	expect("aP bG", "cF", HISTORY_REGRESSION, "last passed on 6.a, 2026-01-01");
	/* nights without a result change nothing */
	expect("aP bE bS", "cF", HISTORY_REGRESSION, "last passed on 6.a");
	expect("aP", "kF", HISTORY_REGRESSION, "then tcg, now kvm");
}

static void test_never_passed(void **state)
{
	(void)state;
	expect("", "aF aF", HISTORY_NEW, "2 of 2 fail: page.refcount; no run before");
	expect("aE bS", "cF", HISTORY_NEW, "no run before to compare");
	expect("aF bF", "cF", HISTORY_FAILING, "never passed since 2026-01-01");
	/* a known bug that the file takes for mended */
	expect("ax bx", "cF", HISTORY_FAILING, "never passed");
}

static void test_flake(void **state)
{
	(void)state;
	expect("aP bP", "cP cF cP", HISTORY_NEW_FLAKE, "1 of 3 fail: page.refcount; 2 passed before");
	expect("", "cP cF", HISTORY_NEW_FLAKE, "no run before");
	expect("aP aF aP bP", "cP cF", HISTORY_FLAKE, "so did 1 of 4 before, last on 2026-01-02");
	/* another fault of a cell that is flaky by one */
	expect("aP aG aP bP", "cP cF", HISTORY_NEW_FLAKE, "");
	/* a release that failed and others that passed are no flake */
	expect("aP bF cP", "dP dF", HISTORY_NEW_FLAKE, "");
	/* fails in all runs of now: by chance, or no more by chance */
	expect("aP aF aP bP", "cF cF", HISTORY_FLAKE, "2 of 2 fail");
	expect("aP aF aP aP aP aP aP aP aP aP aP aP aP aP aP aP aP aP aP aP", "cF cF cF cF", HISTORY_REGRESSION, "4 of 4");
}

static void test_same_image(void **state)
{
	(void)state;
	expect("aP bP", "bF", HISTORY_SAME_KERNEL, "the same image passed on 2026-01-02");
	/* another image in between does not make it a regression */
	expect("aP bF", "aF", HISTORY_SAME_KERNEL, "the same image passed on 2026-01-01");
}

static void test_others(void **state)
{
	(void)state;
	expect("", "aP", HISTORY_PASS, "no run before");
	expect("aP", "bP bP", HISTORY_PASS, "as in all 1 before");
	expect("aP bF", "cP", HISTORY_PASS, "1 of 2 runs before failed, the last on 2026-01-02 on 6.b: page.refcount");
	expect("aP", "bx bP", HISTORY_KNOWN, "1 of 2 show a known bug");
	expect("ax", "bX", HISTORY_GONE, "1 of 1 do not show");
	expect("aP", "bS", HISTORY_SKIP, "no ndctl; last tested on 2026-01-01");
	expect("aE", "bS", HISTORY_SKIP, "never tested");
	expect("aP bE", "cE cE", HISTORY_INFRASTRUCTURE, "2 of 2 without a result: host: no memory; last tested on 2026-01-01");
	/* it was tried again, and came to an end */
	expect("aP", "cE cP", HISTORY_PASS, "as in all 1 before; 1 of 2 without a result");
	/* a failure stays one beside trouble of ours */
	expect("aP", "bE bF", HISTORY_REGRESSION, "1 of 2 fail");
	/* what was skipped once says nothing against what was seen */
	expect("aP", "bS bP", HISTORY_PASS, "");
}

static bool news(const char *before, const char *now)
{
	struct history_run b[RUNS_MAX], n[RUNS_MAX];
	size_t nr_b = make_runs(before, b), nr_n = make_runs(now, n);
	struct history_verdict v;

	history_class_of(n, nr_n, b, nr_b, &v);
	for (size_t i = 0; i < nr_b; i++)
		history_run_deinit(&b[i]);
	for (size_t i = 0; i < nr_n; i++)
		history_run_deinit(&n[i]);
	return v.news;
}

static void test_news(void **state)
{
	(void)state;
	assert_true(news("", "aP"));
	assert_true(news("aP", "bF"));
	assert_false(news("aP bF", "cF"));
	assert_true(news("aP bG", "cF"));
	assert_false(news("aP", "bP"));
	assert_true(news("aF", "bP"));
	assert_false(news("aP aF aP", "bF bP"));
	assert_false(news("aE", "bE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regression), cmocka_unit_test(test_never_passed), cmocka_unit_test(test_flake),
		cmocka_unit_test(test_same_image), cmocka_unit_test(test_others), cmocka_unit_test(test_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
