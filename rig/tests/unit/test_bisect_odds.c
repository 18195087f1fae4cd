// SPDX-License-Identifier: GPL-2.0-or-later
/* Many bisects of a bug that shows in some runs only, played with dice: how often is the answer right? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clean.h"
#include "bisect/odds.h"

#define CANDIDATES	16u
#define BISECTS		2000u

struct dice {
	unsigned short seed[3];
	double rate;
	bool by_boot;		/* all runs of a boot end alike */
	bool boot_fails;
	unsigned long runs;
};

static bool roll(struct dice *d)
{
	return erand48(d->seed) < d->rate;
}

static bool run_fails(struct dice *d, unsigned int run)
{
	if (run % ODDS_RUNS_PER_BOOT == 0)
		d->boot_fails = roll(d);
	d->runs++;
	return d->by_boot ? d->boot_fails : roll(d);
}

static struct odds_tally play_bad_end(struct dice *d)
{
	struct odds_tally t = { 0 };
	bool boot_failed = false;

	while (t.failures < ODDS_END_FAILURES && t.runs < ODDS_END_RUNS) {
		bool new_boot = t.runs % ODDS_RUNS_PER_BOOT == 0, fails = run_fails(d, t.runs);

		if (new_boot)
			boot_failed = false;
		t.runs++;
		t.boots += new_boot;
		t.failures += fails;
		t.failed_boots += fails && !boot_failed;
		boot_failed |= fails;
	}
	return t;
}

/* true: it was called bad */
static bool play_kernel(struct dice *d, struct odds *o, bool is_bad, unsigned int passes)
{
	for (unsigned int run = 0; run < passes; run++)
		if (run_fails(d, run) && is_bad) {
			odds_add_bad(o, &(struct odds_tally){ run + 1, 1, run / ODDS_RUNS_PER_BOOT + 1, 1 });
			return true;
		}
	odds_add_good(o, odds_doubt(o, passes, passes / ODDS_RUNS_PER_BOOT));
	return false;
}

/* @passes: that are asked of a kernel; 0: as many as the odds say.  true: the right one was found */
static bool play_bisect(struct dice *d, unsigned int passes, double *confidence)
{
	unsigned int low = 0, high = CANDIDATES + 1, first = 1 + (unsigned int)(erand48(d->seed) * (CANDIDATES + 1));
	struct odds_tally end = play_bad_end(d);
	struct odds o;

	odds_init(&o, CANDIDATES);
	odds_add_bad(&o, &end);
	play_kernel(d, &o, false, passes ? passes : odds_passes_needed(&o));
	while (high - low > 1) {
		unsigned int middle = (low + high) / 2;

		if (play_kernel(d, &o, middle >= first, passes ? passes : odds_passes_needed(&o)))
			high = middle;
		else
			low = middle;
	}
	*confidence = odds_confidence(&o);
	return high == first;
}

static double play_many(struct dice *d, unsigned int passes, double *least)
{
	unsigned int right = 0;

	*least = 1;
	for (unsigned int i = 0; i < BISECTS; i++) {
		double confidence;

		right += play_bisect(d, passes, &confidence);
		*least = confidence < *least ? confidence : *least;
	}
	return (double)right / BISECTS;
}

static void the_answer_is_as_right_as_it_says(void **state)
{
	static const struct {
		double rate;
		bool by_boot;
		unsigned int max_runs;	/* on average, of a bisect: what was measured, and some more */
	} rows[] = {
		{ 1.0, false, 60 }, { 0.5, false, 90 }, { 0.3, false, 150 }, { 0.3, true, 280 }, { 0.1, false, 420 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dice d = { .seed = { 1, 2, (unsigned short)i }, .rate = rows[i].rate, .by_boot = rows[i].by_boot };
		double least, right = play_many(&d, 0, &least);

		assert_true(right >= ODDS_CONFIDENCE);
		assert_true(least >= ODDS_CONFIDENCE);
		assert_true(d.runs / BISECTS <= rows[i].max_runs);
	}
}

/* The dice can tell: who asks for too few passes is wrong often, and says so. */
static void too_few_passes_are_seen(void **state)
{
	struct dice d = { .seed = { 1, 2, 3 }, .rate = 0.3 };
	double least, right = play_many(&d, 4, &least);

	(void)state;
	assert_true(right < 0.7);
	assert_true(least < 0.7);
}

static void near(double a, double b)
{
	assert_true(a > b * 0.999 && a < b * 1.001);
}

/* By hand: nothing known, a pass has 1/2, then 2/3, 3/4 ...: n passes have 1/(n+1). */
static void doubt_by_hand(void **state)
{
	struct odds o;

	(void)state;
	odds_init(&o, 14);
	near(o.share, 0.01 / 5);	/* four steps, and the good end */
	near(odds_doubt(&o, 1, 1), 1.0 / 2);
	near(odds_doubt(&o, 9, 9), 1.0 / 10);
	/* 8 of 8 runs failed: 1/10, 2/11, 3/12; of boots 4 of 4: 1/6, 2/7 */
	odds_add_bad(&o, &(struct odds_tally){ 8, 8, 4, 4 });
	near(odds_doubt(&o, 3, 2), 1.0 / 6 * 2 / 7);
	near(odds_doubt(&o, 3, 1000), 6.0 / (10 * 11 * 12));
	odds_add_good(&o, 0.25);
	odds_add_good(&o, 0.5);
	near(odds_confidence(&o), 0.25);
	odds_add_good(&o, 0.5);
	assert_true(odds_confidence(&o) == 0);
}

static void passes_are_bounded(void **state)
{
	struct odds o;

	(void)state;
	odds_init(&o, 1000);
	assert_int_equal(odds_passes_needed(&o), ODDS_MAX_PASSES);
	odds_add_bad(&o, &(struct odds_tally){ 8, 8, 4, 4 });
	assert_in_range(odds_passes_needed(&o), 10, 30);
	assert_int_equal(odds_passes_needed(&o) % ODDS_RUNS_PER_BOOT, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_is_as_right_as_it_says), cmocka_unit_test(too_few_passes_are_seen),
		cmocka_unit_test(doubt_by_hand), cmocka_unit_test(passes_are_bounded),
	};

	return cmocka_run_group_tests_name("bisect odds", tests, NULL, NULL);
}
