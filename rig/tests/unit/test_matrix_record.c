// SPDX-License-Identifier: GPL-2.0-or-later
/* What came of a matrix: cells out of runs, and one record out of shards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/merged.h"
#include "matrix/merged_parts.h"
#include "matrix/result.h"
#include "sample_matrix.h"

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* "FAIL PASS" */
static json_t *runs_of(const char *outcomes)
{
	AUTO_FREE char *list = xstrdup(outcomes);
	json_t *runs = json_array();

	for (char *save, *o = strtok_r(list, " ", &save); o; o = strtok_r(NULL, " ", &save)) {
		json_auto_t *record = sample_record(o, 1.5);

		json_array_append_new(runs, result_run(record, "folder"));
	}
	return runs;
}

/* --- runs and cells ---------------------------------------------------------------------------- */

static void a_run_is_what_its_record_says(void **state)
{
	json_auto_t *record = sample_record("FAIL", 2.5), *run = result_run(record, "20261121T034049Z-x-1");

	(void)state;
	assert_string_equal(text_of(run, "folder"), "20261121T034049Z-x-1");
	assert_string_equal(text_of(run, "outcome"), "FAIL");
	assert_string_equal(text_of(run, "fail_kind"), "splat");
	assert_string_equal(text_of(run, "release"), "6.12.1");
	assert_string_equal(text_of(run, "image_sha256"), "00");
	assert_string_equal(text_of(run, "qemu"), "7.2");
	assert_true(json_real_value(json_object_get(run, "seconds")) == 2.5);
	/* the worst one, not the first */
	assert_string_equal(text_of(json_object_get(run, "finding"), "invariant"), "splat.warning");
}

static void an_error_says_whether_it_began(void **state)
{
	json_auto_t *record = sample_record("ERROR", 1), *before = NULL, *after = NULL;

	(void)state;
	json_object_set_new(record, "steps", json_array());
	before = result_run(record, "folder");
	json_object_set_new(record, "steps", json_pack("[{ssss}]", "name", "1 boot", "outcome", "ERROR"));
	after = result_run(record, "folder");
	assert_null(json_object_get(before, "began"));
	assert_true(json_is_true(json_object_get(after, "began")));
}

static void a_cell_is_run_again_while_that_tells_more(void **state)
{
	static const struct {
		const char *runs;
		bool wants;		/* one more, of up to 2 more */
		enum outcome outcome;
	} rows[] = {
		{ "", true, OUTCOME_ERROR },
		{ "PASS", false, OUTCOME_PASS },
		{ "XFAIL", false, OUTCOME_XFAIL },
		{ "XPASS", false, OUTCOME_XPASS },
		{ "SKIP", false, OUTCOME_SKIP },
		{ "FAIL", true, OUTCOME_FAIL },
		{ "FAIL PASS", true, OUTCOME_FAIL },
		{ "FAIL PASS PASS", false, OUTCOME_FAIL },
		{ "FAIL ERROR", true, OUTCOME_FAIL },
		{ "ERROR", true, OUTCOME_ERROR },
		{ "ERROR PASS", false, OUTCOME_PASS },
		{ "ERROR SKIP", false, OUTCOME_SKIP },
		{ "ERROR FAIL", true, OUTCOME_FAIL },
		{ "ERROR ERROR ERROR", false, OUTCOME_ERROR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_auto_t *runs = runs_of(rows[i].runs);
		unsigned int number = (unsigned int)json_array_size(runs);

		if (result_wants(runs, number, 2) != rows[i].wants || result_outcome(runs, NULL) != rows[i].outcome)
			fail_msg("'%s'", rows[i].runs);
		/* the same run twice, or one ahead: never */
		assert_false(result_wants(runs, number + 1, 2));
		assert_false(number && result_wants(runs, number - 1, 2));
	}
}

static void a_cell_says_why(void **state)
{
	struct sample_matrix s = { 0 };
	json_auto_t *none = runs_of(""), *skip = runs_of("SKIP"), *mixed = runs_of("ERROR PASS");
	json_auto_t *lost = NULL, *skipped = NULL, *good = NULL;

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	lost = result_cell(&s.cells.cell[0], none, "no kernel 'old'");
	skipped = result_cell(&s.cells.cell[0], skip, NULL);
	good = result_cell(&s.cells.cell[0], mixed, NULL);
	assert_string_equal(text_of(lost, "outcome"), "ERROR");
	assert_string_equal(text_of(lost, "reason"), "no kernel 'old'");
	assert_string_equal(text_of(skipped, "reason"), "CONFIG_X");
	assert_null(json_object_get(good, "reason"));
	assert_string_equal(text_of(good, "cell"), "old/default/a/one");
	sample_matrix_deinit(&s);
}

/* --- joining shards ---------------------------------------------------------------------------- */

struct shards {
	struct sample_matrix s;
	struct plan plan;
	struct merged_part part[3];
};

static void make_shards(struct shards *x, const char *matrix)
{
	static const char *const paths[] = { "1.json", "2.json", "3.json" };

	sample_matrix_init(&x->s, matrix, NULL);
	plan_make(x->s.matrix, &x->s.cells, 3, NULL, &x->plan);
	for (unsigned int i = 0; i < 3; i++)
		x->part[i] = (struct merged_part){ paths[i], sample_merged(&x->s, &x->plan, i, "PASS") };
}

static void drop_shards(struct shards *x)
{
	for (size_t i = 0; i < 3; i++)
		json_decref(x->part[i].record);
	plan_deinit(&x->plan);
	sample_matrix_deinit(&x->s);
}

static void shards_become_what_one_machine_would_have_made(void **state)
{
	json_auto_t *merged = NULL, *whole = NULL;
	struct shards x = { 0 };
	struct merged_part swapped[4];
	struct plan one;
	struct rig_err err;

	(void)state;
	make_shards(&x, SAMPLE "}");
	swapped[0] = x.part[2];
	swapped[1] = x.part[0];
	swapped[2] = x.part[1];
	swapped[3] = x.part[0];		/* twice the same is no harm */
	assert_int_equal(merged_join(swapped, 4, false, &merged, &err), 0);
	plan_make(x.s.matrix, &x.s.cells, 1, NULL, &one);
	whole = sample_merged(&x.s, &one, 0, "PASS");
	assert_null(merged_wrong(merged));
	assert_null(merged_wrong(whole));
	assert_true(json_equal(json_object_get(merged, "cells"), json_object_get(whole, "cells")));
	assert_true(json_equal(json_object_get(merged, "excluded"), json_object_get(whole, "excluded")));
	assert_true(json_equal(json_object_get(merged, "counts"), json_object_get(whole, "counts")));
	assert_int_equal(json_array_size(json_object_get(merged, "missing")), 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(merged, "shards"), 0)), "1/3");
	assert_null(json_object_get(merged, "others"));
	assert_int_equal(merged_exit_code(merged), 0);
	plan_deinit(&one);
	drop_shards(&x);
}

static void expect_refused(const struct merged_part *part, size_t nr, enum rig_cause cause, const char *says)
{
	json_t *merged = NULL;
	struct rig_err err;

	assert_true(merged_join(part, nr, false, &merged, &err) < 0);
	assert_null(merged);
	assert_int_equal(err.cause, cause);
	if (!strstr(err.text, says))
		fail_msg("'%s' does not say '%s'", err.text, says);
}

static void shards_that_do_not_belong_together_are_refused(void **state)
{
	struct shards x = { 0 }, y = { 0 };
	struct merged_part pair[2];
	json_auto_t *other = NULL, *merged = NULL;
	struct plan four;
	struct rig_err err;

	(void)state;
	make_shards(&x, SAMPLE "}");
	make_shards(&y, SAMPLE ", 'repeat': 1}");
	pair[0] = x.part[0];
	pair[1] = y.part[1];
	expect_refused(pair, 2, RIG_USAGE, "'1.json' and '2.json' are of different matrices: ");
	plan_make(x.s.matrix, &x.s.cells, 4, NULL, &four);
	other = sample_merged(&x.s, &four, 1, "PASS");
	pair[1].record = other;
	expect_refused(pair, 2, RIG_USAGE, "'1.json' and '2.json' are of different plans");
	plan_deinit(&four);
	json_decref(other);
	other = sample_merged(&x.s, &x.plan, 1, "PASS");
	json_object_set(other, "how_sha256", json_object_get(other, "matrix"));
	pair[1].record = other;
	expect_refused(pair, 2, RIG_USAGE, "'1.json' and '2.json' were run in different ways");
	/* durations are still taken from one that does not say it */
	json_object_del(other, "how_sha256");
	assert_null(merged_wrong(other));
	expect_refused(pair, 2, RIG_USAGE, "'2.json' is of an older version of the rig");
	json_decref(other);
	other = sample_merged(&x.s, &x.plan, 0, "FAIL");
	pair[1].record = other;
	expect_refused(pair, 2, RIG_USAGE, "'1.json' and '2.json' are both shard 1/3 and say different things");
	assert_int_equal(merged_join(x.part, 3, false, &merged, &err), 0);
	pair[1].record = merged;
	expect_refused(pair, 2, RIG_USAGE, "'2.json' is not one shard: it was merged before");
	json_decref(merged);
	/* its one shard is all there was, and the cells of the others are missing in it for good */
	assert_int_equal(merged_join(&x.part[1], 1, true, &merged, &err), 0);
	pair[1].record = merged;
	expect_refused(pair, 2, RIG_USAGE, "'2.json' is not one shard: it was merged before");
	drop_shards(&x);
	drop_shards(&y);
}

static void a_run_from_elsewhere_without_outcome_is_refused(void **state)
{
	struct shards x = { 0 };
	json_t *cell;

	(void)state;
	make_shards(&x, SAMPLE "}");
	assert_null(merged_wrong(x.part[1].record));
	cell = json_array_get(json_object_get(x.part[1].record, "cells"), 0);
	json_object_del(json_array_get(json_object_get(cell, "runs"), 0), "outcome");
	assert_string_equal(merged_wrong(x.part[1].record), "a run has no outcome");
	drop_shards(&x);
}

/* The first shard that the plan gives nothing: there are more shards than cells. */
static unsigned int empty_shard(const struct plan *plan, size_t nr_cells)
{
	for (unsigned int shard = 0; ; shard++) {
		size_t i = 0;

		while (i < nr_cells && plan->shard[i] != shard)
			i++;
		if (i == nr_cells)
			return shard;
	}
}

/* It may have nothing to do, but who gave one shard too few does not know that. */
static void a_missing_shard_without_cells_is_named(void **state)
{
	struct merged_part part[64] = { { 0 } };
	AUTO_FREE char *named = NULL;
	unsigned int nr = 0, empty;
	struct shards x = { 0 };
	struct plan plan;

	(void)state;
	make_shards(&x, SAMPLE "}");
	plan_make(x.s.matrix, &x.s.cells, (unsigned int)x.s.cells.nr + 1, NULL, &plan);
	assert_true(plan.nr_shards <= ARRAY_SIZE(part));
	empty = empty_shard(&plan, x.s.cells.nr);
	for (unsigned int i = 0; i < plan.nr_shards; i++)
		if (i != empty)
			part[nr++] = (struct merged_part){ "n.json", sample_merged(&x.s, &plan, i, "PASS") };
	named = xasprintf("missing: shard %u/%u; run what is missing", empty + 1, plan.nr_shards);
	expect_refused(part, nr, RIG_HOST, named);
	for (unsigned int i = 0; i < nr; i++)
		json_decref(part[i].record);
	plan_deinit(&plan);
	drop_shards(&x);
}

static void what_is_missing_is_named(void **state)
{
	json_auto_t *merged = NULL;
	struct merged_part pair[2];
	struct shards x = { 0 };
	size_t nr_lost;
	struct rig_err err;

	(void)state;
	make_shards(&x, SAMPLE "}");
	pair[0] = x.part[0];
	pair[1] = x.part[2];
	nr_lost = json_array_size(json_object_get(x.part[1].record, "cells"));
	assert_true(nr_lost > 0);
	expect_refused(pair, 2, RIG_HOST, "missing: shard 2/3, with them ");
	assert_int_equal(merged_join(pair, 2, true, &merged, &err), 0);
	assert_int_equal(json_array_size(json_object_get(merged, "missing")), nr_lost);
	assert_int_equal(json_array_size(json_object_get(merged, "cells")) + nr_lost, x.s.cells.nr);
	assert_int_equal(merged_exit_code(merged), 3);
	drop_shards(&x);
}

static void cells_that_did_not_run_are_missing(void **state)
{
	json_auto_t *none = json_array(), *record = NULL, *merged = NULL;
	AUTO_FREE char *count = NULL;
	struct shards x = { 0 };
	struct rig_err err;

	(void)state;
	make_shards(&x, SAMPLE "}");
	record = merged_make(x.s.matrix, &x.s.cells, &x.plan, 1, SAMPLE_HOW, none);
	assert_int_equal(json_array_size(json_object_get(record, "missing")),
			 json_array_size(json_object_get(x.part[1].record, "cells")));
	json_decref(x.part[1].record);
	x.part[1].record = json_incref(record);
	expect_refused(x.part, 3, RIG_HOST, "missing: ");
	assert_int_equal(merged_join(x.part, 3, true, &merged, &err), 0);
	count = merged_count(merged);
	assert_non_null(strstr(count, "2 excluded, "));
	assert_non_null(strstr(count, " missing"));
	drop_shards(&x);
}

static void the_worst_cell_decides(void **state)
{
	static const struct {
		const char *outcome;
		int code;
	} rows[] = { { "PASS", 0 }, { "XFAIL", 0 }, { "SKIP", 77 }, { "XPASS", 1 }, { "ERROR", 3 }, { "FAIL", 1 } };
	struct shards x = { 0 };

	(void)state;
	make_shards(&x, SAMPLE "}");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_auto_t *merged = sample_merged(&x.s, &x.plan, 0, rows[i].outcome);

		assert_int_equal(merged_exit_code(merged), rows[i].code);
	}
	drop_shards(&x);
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const keys[] = { "format", "matrix", "plan", "nr_shards", "shards", "cells", "missing" };
	struct shards x = { 0 };

	(void)state;
	make_shards(&x, SAMPLE "}");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_auto_t *record = json_copy(x.part[0].record);

		assert_null(merged_wrong(record));
		json_object_del(record, keys[i]);
		if (!merged_wrong(record))
			fail_msg("without %s", keys[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const shards[] = { "0/3", "4/3", "1/4" };
		json_auto_t *record = json_copy(x.part[0].record);

		json_object_set_new(record, "shards", json_pack("[s]", shards[i]));
		assert_non_null(merged_wrong(record));
	}
	drop_shards(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_what_its_record_says),
		cmocka_unit_test(a_missing_shard_without_cells_is_named),
		cmocka_unit_test(an_error_says_whether_it_began),
		cmocka_unit_test(a_cell_is_run_again_while_that_tells_more),
		cmocka_unit_test(a_cell_says_why),
		cmocka_unit_test(shards_become_what_one_machine_would_have_made),
		cmocka_unit_test(shards_that_do_not_belong_together_are_refused),
		cmocka_unit_test(a_run_from_elsewhere_without_outcome_is_refused),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(cells_that_did_not_run_are_missing),
		cmocka_unit_test(the_worst_cell_decides),
		cmocka_unit_test(what_is_no_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
