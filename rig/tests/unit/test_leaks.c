// SPDX-License-Identifier: GPL-2.0-or-later
/* Slab objects by call site over cycles: what grows with each is a leak, what fills up is a cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "model/leaks.h"

struct history {
	int at[5];	/* objects at each sample, ten cycles apart; -1: the site is not named */
	bool leaks;
};

static const struct history histories[] = {
	{ { 100, 110, 120, 130, 140 }, true },		/* one a cycle */
	{ { 0, 50, 100, 150, 200 }, true },
	{ { -1, 10, 20, 30, 40 }, true },		/* its first object came later */
	{ { 100, 100, 100, 100, 100 }, false },
	{ { 100, 110, 120, 130, 139 }, false },		/* not in the last interval */
	{ { 100, 200, 300, 400, 400 }, false },		/* a cache that is full */
	{ { 100, 90, 110, 130, 150 }, false },
	{ { 100, 109, 118, 127, 136 }, false },		/* less than one a cycle */
	{ { 500, 400, 300, 200, -1 }, false },
};

/* @totals: of pages and of per-cpu memory */
static void sample(struct leaks *l, size_t k, uint64_t cycles, const int totals[2])
{
	json_auto_t *answer = json_pack("{s{}sIsI}", "sites", "pages", (json_int_t)totals[0], "percpu",
					(json_int_t)totals[1]);
	struct rig_err err;

	for (size_t i = 0; i < ARRAY_SIZE(histories); i++) {
		char name[32];

		snprintf(name, sizeof(name), "kmalloc-64 site%zu+0x1b/0x30", i);
		if (histories[i].at[k] >= 0)
			json_object_set_new(json_object_get(answer, "sites"), name,
					    json_integer(histories[i].at[k]));
	}
	assert_int_equal(leaks_sample(l, answer, cycles, &err), 0);
}

static void what_grows_with_each_cycle_is_a_leak(void **state)
{
	struct findings out = { 0 };
	struct leaks l = { 0 };
	size_t found = 0;

	(void)state;
	for (size_t k = 0; k < 5; k++)
		sample(&l, k, 10, (int[]){ 7000, 9000 });
	leaks_judge(&l, "5 leaks d0", &out);
	for (size_t i = 0; i < ARRAY_SIZE(histories); i++) {
		char name[32];

		snprintf(name, sizeof(name), "site%zu+", i);
		if (!histories[i].leaks)
			continue;
		assert_true(found < out.nr);
		assert_string_equal(out.f[found].invariant, "leak.callsite");
		assert_non_null(strstr(out.f[found++].expected, name));
	}
	assert_int_equal(out.nr, found);
	assert_non_null(strstr(out.f[0].expected, "each of 40 cycles"));
	assert_string_equal(out.f[0].seen, "100 of them, then 140");
	findings_deinit(&out);
	leaks_deinit(&l);
}

static void what_nobody_gives_back_is_a_leak(void **state)
{
	static const struct {
		int grown[2];
		const char *invariant, *seen;
	} cases[] = {
		{ { 9, 9 }, "leak.callsite", NULL },
		{ { 10, 9 }, "leak.pages", "7000 of them, then 7040" },
		{ { 9, 10 }, "leak.percpu", "9000 of them, then 9040" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct findings out = { 0 };
		struct leaks l = { 0 };

		for (int k = 0; k < 5; k++)
			sample(&l, (size_t)k, 10, (int[]){ 7000 + cases[i].grown[0] * k, 9000 + cases[i].grown[1] * k });
		leaks_judge(&l, "5 leaks d0", &out);
		assert_string_equal(out.f[out.nr - 1].invariant, cases[i].invariant);
		if (cases[i].seen)
			assert_string_equal(out.f[out.nr - 1].seen, cases[i].seen);
		findings_deinit(&out);
		leaks_deinit(&l);
	}
}

static void address_ranges_are_freed_late(void **state)
{
	static const char *const names[] = { "vmap_area alloc_vmap_area+0x263/0xc20", "vmap_area_x make+0x1/0x2" };
	struct findings out = { 0 };
	struct leaks l = { 0 };
	struct rig_err err;

	(void)state;
	for (int k = 0; k < 5; k++) {
		json_auto_t *answer = json_pack("{s{sisi}sisi}", "sites", names[0], k * 10, names[1], k * 10,
						"pages", -1, "percpu", -1);

		assert_int_equal(leaks_sample(&l, answer, 10, &err), 0);
	}
	leaks_judge(&l, "5 leaks d0", &out);
	assert_int_equal(out.nr, 1);
	assert_non_null(strstr(out.f[0].expected, names[1]));
	findings_deinit(&out);
	leaks_deinit(&l);
}

static void few_intervals_say_nothing(void **state)
{
	struct findings out = { 0 };
	struct leaks l = { 0 };

	(void)state;
	for (size_t k = 0; k < 3; k++)
		sample(&l, k, 10, (int[]){ 7000 + 10 * (int)k, -1 });
	leaks_judge(&l, "5 leaks d0", &out);
	assert_int_equal(out.nr, 0);
	leaks_deinit(&l);
}

static void malformed_answers_are_the_agents(void **state)
{
	static const char *const bad[] = { "{}", "{\"sites\": []}", "{\"sites\": {}}", "{\"sites\": {}, \"pages\": -2, \"percpu\": 0}",
					   "{\"sites\": {}, \"pages\": 0}",
					   "{\"sites\": {\"a b\": \"1\"}, \"pages\": 1, \"percpu\": 1}",
					   "{\"sites\": {\"a b\": -1}, \"pages\": 1, \"percpu\": 1}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_auto_t *answer = json_loads(bad[i], 0, NULL);
		struct leaks l = { 0 };
		struct rig_err err;

		assert_int_equal(leaks_sample(&l, answer, 1, &err), -EBADMSG);
		assert_int_equal(err.cause, RIG_AGENT);
		leaks_deinit(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_grows_with_each_cycle_is_a_leak),
		cmocka_unit_test(what_nobody_gives_back_is_a_leak),
		cmocka_unit_test(address_ranges_are_freed_late),
		cmocka_unit_test(few_intervals_say_nothing),
		cmocka_unit_test(malformed_answers_are_the_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
