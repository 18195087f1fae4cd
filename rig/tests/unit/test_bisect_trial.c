// SPDX-License-Identifier: GPL-2.0-or-later
/* One kernel tried: how often, and what that says.  Kernels on paper: see fake_batch.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/trial.h"
#include "tests/fake_batch/fake_batch.h"

#define NUMBER 7u

static struct kernel *new_kernel(void)
{
	AUTO_FREE char *name = sample_release(NUMBER);
	struct kernel *k;
	struct rig_err err;

	assert_int_equal(sample_source.kernel(NULL, name, &k, &err), 0);
	return k;
}

static struct world *new_world(enum behaviour b)
{
	struct world *w = sample_world();

	*w = (struct world){ .dice = { 3, 2, 1 } };
	w->behaviour[NUMBER] = BEHAVES_WELL;
	kernel_destroy(new_kernel());
	w->behaviour[NUMBER] = b;
	return w;
}

/* @target: NULL: open */
static int try_trial(struct trial trial, const char *target, const struct odds *odds, bool measure,
		     struct trial_result *ret, struct target *target_then, struct rig_err *err)
{
	struct kernel *k = new_kernel();
	struct target t = { 0 };
	int r;

	if (target)
		assert_int_equal(target_parse(target, &t, err), 0);
	trial.target = &t;
	trial.odds = odds;
	trial.measure = measure;
	r = trial_run(&trial, k, NULL, ret, err);
	kernel_destroy(k);
	if (target_then)
		*target_then = t;
	else
		target_deinit(&t);
	return r;
}

static int try(const char *target, const struct odds *odds, bool measure, struct trial_result *ret,
	       struct target *target_then, struct rig_err *err)
{
	return try_trial(sample_trial(), target, odds, measure, ret, target_then, err);
}

static void once(void **state)
{
	static const struct {
		enum behaviour behaviour;
		enum verdict verdict;
		unsigned int runs, counted;	/* of two scenarios */
		const char *reason;
	} rows[] = {
		{ BEHAVES_WELL, VERDICT_GOOD, 2, 1, "passes" },
		{ BEHAVES_BADLY, VERDICT_BAD, 2, 1, "page.refcount in step '1 plug d0': expected right, seen wrong" },
		{ BEHAVES_OTHERWISE, VERDICT_SKIP, 2, 0, "fails otherwise: splat.warning" },
		{ BEHAVES_NO_BOOT, VERDICT_SKIP, 2, 0, "does not come up" },
		{ BEHAVES_LACKING, VERDICT_SKIP, 2, 0, "no CONFIG_X" },
		{ BEHAVES_TROUBLE, VERDICT_TROUBLE, 6, 0, "QEMU fell over" },
		{ BEHAVES_TROUBLE_ONCE, VERDICT_BAD, 4, 1, "page.refcount" },
	};
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world *w = new_world(rows[i].behaviour);
		struct trial_result result;

		assert_int_equal(try("page.refcount", NULL, false, &result, NULL, &err), 0);
		assert_int_equal(result.verdict, rows[i].verdict);
		assert_int_equal(w->runs, rows[i].runs);
		assert_int_equal(json_array_size(result.records), rows[i].runs);
		assert_int_equal(result.tally.runs, rows[i].counted);
		assert_non_null(strstr(result.reason, rows[i].reason));
		assert_true((result.finding != NULL) == (strstr(rows[i].reason, "step") || strstr(rows[i].reason, "splat") ||
			    strstr(rows[i].reason, "page") || strstr(rows[i].reason, "come up")));
		trial_result_deinit(&result);
	}
}

static void an_open_target_is_chosen(void **state)
{
	struct trial_result result;
	struct target target;
	AUTO_FREE char *text = NULL;
	struct rig_err err;

	(void)state;
	new_world(BEHAVES_BADLY);
	assert_int_equal(try(NULL, NULL, false, &result, &target, &err), 0);
	text = target_text(&target);
	assert_string_equal(text, "page.refcount");
	assert_string_equal(target.scenario, "bad/one");
	assert_int_equal(result.verdict, VERDICT_BAD);
	target_deinit(&target);
	trial_result_deinit(&result);

	new_world(BEHAVES_NO_BOOT);
	assert_int_equal(try(NULL, NULL, false, &result, NULL, &err), -EINVAL);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "--target boot"));
}

/* Once the scenario with the target is known, no other is run. */
static void only_the_targets_scenario_runs(void **state)
{
	struct world *w = new_world(BEHAVES_BADLY);
	struct odds odds;
	struct trial_result result;
	struct target target;
	struct rig_err err;

	(void)state;
	odds_init(&odds, 10);
	assert_int_equal(try(NULL, &odds, true, &result, &target, &err), 0);
	assert_int_equal(result.tally.runs, ODDS_END_FAILURES);
	/* both scenarios in the first boot's rounds */
	assert_int_equal(w->runs, ODDS_END_FAILURES + ODDS_RUNS_PER_BOOT);
	target_deinit(&target);
	trial_result_deinit(&result);
}

static void the_bad_end_is_measured(void **state)
{
	struct world *w = new_world(BEHAVES_BADLY);
	struct trial_result result;
	struct odds odds;
	struct rig_err err;

	(void)state;
	w->rate = 0.3;
	odds_init(&odds, 10);
	assert_int_equal(try("page.refcount", &odds, true, &result, NULL, &err), 0);
	assert_int_equal(result.verdict, VERDICT_BAD);
	assert_in_range(result.tally.failures, ODDS_END_FAILURES, ODDS_END_FAILURES + 1);
	assert_in_range(result.tally.runs, 12, 60);
	assert_int_equal(result.tally.boots, (result.tally.runs + 1) / ODDS_RUNS_PER_BOOT);
	assert_int_equal(w->templates_of[NUMBER], result.tally.boots);
	assert_in_range(result.tally.failed_boots, result.tally.failures / 2, result.tally.failures);
	assert_non_null(strstr(result.reason, " runs: page.refcount"));
	trial_result_deinit(&result);

	new_world(BEHAVES_WELL);
	assert_int_equal(try("page.refcount", &odds, true, &result, NULL, &err), 0);
	assert_int_equal(result.verdict, VERDICT_GOOD);
	assert_int_equal(result.tally.runs, ODDS_END_RUNS);
	trial_result_deinit(&result);
}

static struct odds known_odds(void)
{
	struct odds odds;

	odds_init(&odds, 10);
	odds_add_bad(&odds, &(struct odds_tally){ 26, 8, 13, 7 });
	return odds;
}

static void good_after_enough_passes(void **state)
{
	const struct odds odds = known_odds();
	struct trial_result result;
	struct rig_err err;

	(void)state;
	new_world(BEHAVES_WELL);
	assert_int_equal(try("page.refcount", &odds, false, &result, NULL, &err), 0);
	assert_int_equal(result.verdict, VERDICT_GOOD);
	assert_int_equal(result.tally.runs, odds_passes_needed(&odds));
	assert_int_equal(result.tally.boots * ODDS_RUNS_PER_BOOT, result.tally.runs);
	assert_true(result.doubt > 0 && result.doubt <= odds.share);
	trial_result_deinit(&result);
}

static void no_more_once_it_is_in_vain(void **state)
{
	static const enum behaviour behaviours[] = { BEHAVES_NO_BOOT, BEHAVES_OTHERWISE, BEHAVES_LACKING };
	const struct odds odds = known_odds();
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(behaviours); i++) {
		struct world *w = new_world(behaviours[i]);
		struct trial_result result;

		assert_int_equal(try("page.refcount", &odds, false, &result, NULL, &err), 0);
		assert_int_equal(result.verdict, VERDICT_SKIP);
		/* of two scenarios */
		assert_int_equal(w->runs, 2 * (TRIAL_RETRIES + 1));
		trial_result_deinit(&result);
	}
}

static void bad_at_the_first_failure(void **state)
{
	const struct odds odds = known_odds();
	struct trial_result result;
	struct rig_err err;

	(void)state;
	for (unsigned short seed = 0; seed < 20; seed++) {
		struct world *w = new_world(BEHAVES_BADLY);

		w->rate = 0.3;
		w->dice[0] = seed;
		assert_int_equal(try("page.refcount", &odds, false, &result, NULL, &err), 0);
		assert_int_equal(result.verdict, VERDICT_BAD);
		assert_int_equal(result.tally.failures, 1);
		assert_int_equal(result.tally.failed_boots, 1);
		assert_true(result.tally.runs * 2 == w->runs);
		assert_true(result.doubt == 0);
		trial_result_deinit(&result);
	}
}

/* Nothing begins behind a bad run, so its round lacks the scenarios behind: it counts all the same. */
static void bad_in_the_first_of_two_scenarios(void **state)
{
	struct trial trial = sample_trial();
	struct scenario *const turned[] = { trial.scenario[1], trial.scenario[0] };
	const struct odds odds = known_odds();
	struct trial_result result;
	struct rig_err err;

	(void)state;
	assert_string_equal(turned[0]->name, "bad/one");
	trial.scenario = turned;
	for (unsigned short seed = 0; seed < 20; seed++) {
		struct world *w = new_world(BEHAVES_BADLY);

		w->rate = 0.3;
		w->dice[0] = seed;
		assert_int_equal(try_trial(trial, "page.refcount", &odds, false, &result, NULL, &err), 0);
		assert_int_equal(result.verdict, VERDICT_BAD);
		assert_int_equal(result.tally.failures, 1);
		assert_true(result.tally.runs * 2 == w->runs + 1);
		assert_non_null(result.finding);
		trial_result_deinit(&result);
	}
}

/* A run that failed otherwise is made up for, but not without end. */
static void odd_failures_do_not_count(void **state)
{
	const struct odds odds = known_odds();
	unsigned int good = 0, skipped = 0;
	struct trial_result result;
	struct rig_err err;

	(void)state;
	for (unsigned short seed = 0; seed < 40; seed++) {
		struct world *w = new_world(BEHAVES_WELL);

		w->odd_flake = true;
		w->dice[0] = seed;
		assert_int_equal(try("page.refcount", &odds, false, &result, NULL, &err), 0);
		if (result.verdict == VERDICT_GOOD) {
			good++;
			assert_int_equal(result.tally.runs, odds_passes_needed(&odds));
			assert_in_range(w->runs / 2, result.tally.runs, result.tally.runs + TRIAL_RETRIES);
		} else {
			skipped++;
			assert_int_equal(result.verdict, VERDICT_SKIP);
			assert_non_null(strstr(result.reason, "fails otherwise"));
		}
		trial_result_deinit(&result);
	}
	assert_true(good > 5 && skipped > 5);
	new_world(BEHAVES_TROUBLE);
	assert_int_equal(try("page.refcount", &odds, false, &result, NULL, &err), 0);
	assert_int_equal(result.verdict, VERDICT_TROUBLE);
	trial_result_deinit(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once), cmocka_unit_test(an_open_target_is_chosen),
		cmocka_unit_test(only_the_targets_scenario_runs), cmocka_unit_test(the_bad_end_is_measured),
		cmocka_unit_test(good_after_enough_passes), cmocka_unit_test(no_more_once_it_is_in_vain),
		cmocka_unit_test(bad_at_the_first_failure), cmocka_unit_test(bad_in_the_first_of_two_scenarios),
		cmocka_unit_test(odd_failures_do_not_count),
	};

	return cmocka_run_group_tests_name("bisect trial", tests, NULL, NULL);
}
