// SPDX-License-Identifier: GPL-2.0-or-later
/* Who runs what: stable without durations, balanced with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_matrix.h"

static unsigned int shard_of(const struct sample_matrix *s, const struct plan *p, const char *name)
{
	for (size_t i = 0; i < s->cells.nr; i++)
		if (!strcmp(s->cells.cell[i].name, name))
			return p->shard[i];
	fail_msg("no cell %s", name);
	return 0;
}

static void a_cell_that_is_added_moves_no_other(void **state)
{
	static const char *const more[] = { "a/between", "c/new", NULL };
	struct sample_matrix before = { 0 }, after = { 0 };
	struct plan p, q;

	(void)state;
	sample_matrix_init(&before, SAMPLE "}", NULL);
	sample_matrix_init(&after, SAMPLE "}", more);
	assert_int_equal(after.cells.nr, before.cells.nr + 8);
	plan_make(before.matrix, &before.cells, 5, NULL, &p);
	plan_make(after.matrix, &after.cells, 5, NULL, &q);
	for (size_t i = 0; i < before.cells.nr; i++)
		assert_int_equal(p.shard[i], shard_of(&after, &q, before.cells.cell[i].name));
	assert_string_not_equal(p.digest, q.digest);
	plan_deinit(&p);
	plan_deinit(&q);
	sample_matrix_deinit(&before);
	sample_matrix_deinit(&after);
}

static void without_durations_every_shard_gets_its_part(void **state)
{
	struct sample_matrix s = { 0 };
	const char *names[401] = { NULL };
	unsigned int count[4] = { 0 };
	struct plan p;

	(void)state;
	for (size_t i = 0; i < 400; i++)
		names[i] = xasprintf("many/%zu", i);
	sample_matrix_init(&s, SAMPLE "}", names);
	plan_make(s.matrix, &s.cells, 4, NULL, &p);
	for (size_t i = 0; i < s.cells.nr; i++)
		count[p.shard[i]]++;
	for (size_t i = 0; i < 4; i++)
		assert_in_range(count[i], s.cells.nr / 4 - 60, s.cells.nr / 4 + 60);
	plan_deinit(&p);
	sample_matrix_deinit(&s);
	for (size_t i = 0; i < 400; i++)
		free((char *)names[i]);
}

/* --- durations -------------------------------------------------------------------------------- */

static json_t *lasted(const char *cell, const char *scenario, double a, double b, double c)
{
	return json_pack("{ss ss s[{sf}{sf}{sf}]}", "cell", cell, "scenario", scenario, "runs", "seconds", a, "seconds",
			 b, "seconds", c);
}

static void a_duration_is_the_median_of_the_nearest(void **state)
{
	json_auto_t *merged = json_pack("{s[oo]}", "cells", lasted("old/default/a/one", "a/one", 9, 1, 2),
					lasted("gone/x/a/two", "a/two", 5, 6, 70));
	struct durations *d = durations_make(merged);
	struct sample_matrix s = { 0 };

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	assert_int_equal(durations_ms(d, &s.cells.cell[0]), 2000);	/* its own */
	assert_int_equal(durations_ms(d, &s.cells.cell[1]), 6000);	/* of the scenario */
	assert_int_equal(durations_ms(d, &s.cells.cell[3]), 6000);	/* of all */
	sample_matrix_deinit(&s);
	durations_destroy(d);
}

static void nonsense_is_no_duration(void **state)
{
	json_auto_t *merged = json_pack("{s[o{si}n]}", "cells", lasted("old/default/a/one", "a/one", -1, 1e300, 0),
					"runs", 3);
	struct durations *d = durations_make(merged);
	struct sample_matrix s = { 0 };

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	assert_int_equal(durations_ms(d, &s.cells.cell[0]), 1000);
	sample_matrix_deinit(&s);
	durations_destroy(d);
}

/* --- balance ---------------------------------------------------------------------------------- */

/* Each cell a different, known time: cell i takes (i * 7919) % 97 + 1 s */
static uint64_t seconds_of(size_t i)
{
	return i * 7919 % 97 + 1;
}

static struct durations *all_known(const struct sample_matrix *s)
{
	json_auto_t *cells = json_array(), *merged = NULL;

	for (size_t i = 0; i < s->cells.nr; i++)
		json_array_append_new(cells, json_pack("{ss ss s[{si}]}", "cell", s->cells.cell[i].name, "scenario", "x",
						       "runs", "seconds", (int)seconds_of(i)));
	merged = json_pack("{sO}", "cells", cells);
	return durations_make(merged);
}

static void with_durations_all_shards_take_equally_long(void **state)
{
	struct sample_matrix s = { 0 };
	const char *names[41] = { NULL };
	uint64_t sum = 0, ms[3] = { 0 };
	struct durations *d;
	struct plan p;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		names[i] = xasprintf("many/%zu", i);
	sample_matrix_init(&s, SAMPLE "}", names);
	d = all_known(&s);
	plan_make(s.matrix, &s.cells, 3, d, &p);
	for (size_t i = 0; i < s.cells.nr; i++) {
		ms[p.shard[i]] += seconds_of(i) * 1000;
		sum += seconds_of(i) * 1000;
	}
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ms[i], p.ms[i]);
		/* a piece of an eighth of the fair share too much or too little, at most */
		assert_in_range(ms[i], sum / 3 * 7 / 8, sum / 3 * 9 / 8);
	}
	plan_deinit(&p);
	durations_destroy(d);
	sample_matrix_deinit(&s);
	for (size_t i = 0; i < 40; i++)
		free((char *)names[i]);
}

/* Twenty groups of two equally long cells over two shards: none is so large that it must be cut */
#define TEN "'v0': {}, 'v1': {}, 'v2': {}, 'v3': {}, 'v4': {}, 'v5': {}, 'v6': {}, 'v7': {}, 'v8': {}, 'v9': {}"
#define TEN_NAMES "'v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9'"

static void cells_of_one_template_stay_together(void **state)
{
	json_auto_t *merged = json_object();
	struct durations *d = durations_make(merged);
	struct sample_matrix s = { 0 };
	struct plan p;

	(void)state;
	sample_matrix_init(&s, SAMPLE_HEAD SAMPLE_KERNELS "'variants': {" TEN "}, 'sets': {'a': ['a/*']}, "
			   "'cells': [{'kernels': ['old', 'new'], 'variants': [" TEN_NAMES "], 'sets': ['a']}]}", NULL);
	assert_int_equal(s.cells.nr, 40);
	plan_make(s.matrix, &s.cells, 2, d, &p);
	for (size_t i = 0; i < s.cells.nr; i += 2) {
		assert_string_equal(s.cells.cell[i].group, s.cells.cell[i + 1].group);
		assert_int_equal(p.shard[i], p.shard[i + 1]);
	}
	assert_int_equal(p.ms[0], p.ms[1]);
	plan_deinit(&p);
	durations_destroy(d);
	sample_matrix_deinit(&s);
}

static void a_plan_depends_on_what_it_is_made_of_alone(void **state)
{
	struct sample_matrix s = { 0 };
	struct durations *d;
	struct plan p, q, r, t;

	(void)state;
	sample_matrix_init(&s, SAMPLE "}", NULL);
	d = all_known(&s);
	plan_make(s.matrix, &s.cells, 3, d, &p);
	plan_make(s.matrix, &s.cells, 3, d, &q);
	plan_make(s.matrix, &s.cells, 4, d, &r);
	assert_string_equal(p.digest, q.digest);
	assert_string_not_equal(p.digest, r.digest);
	/* a scenario that was changed is another one */
	s.all.entry[1].digest[0] ^= 1;
	plan_make(s.matrix, &s.cells, 3, d, &t);
	assert_string_not_equal(p.digest, t.digest);
	plan_deinit(&p);
	plan_deinit(&q);
	plan_deinit(&r);
	plan_deinit(&t);
	durations_destroy(d);
	sample_matrix_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_that_is_added_moves_no_other),
		cmocka_unit_test(without_durations_every_shard_gets_its_part),
		cmocka_unit_test(a_duration_is_the_median_of_the_nearest),
		cmocka_unit_test(nonsense_is_no_duration),
		cmocka_unit_test(with_durations_all_shards_take_equally_long),
		cmocka_unit_test(cells_of_one_template_stay_together),
		cmocka_unit_test(a_plan_depends_on_what_it_is_made_of_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
