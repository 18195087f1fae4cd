// SPDX-License-Identifier: GPL-2.0-or-later
/* What begins first: scenarios that differ in their steps, on two kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean.h"
#include "batch/order.h"

#define SCENARIO(steps) "{ \"summary\": \"s\", \"origin\": \"o\", \"machine\": \"small\", \"steps\": [" steps "] }"
#define POLICY "{ \"policy\": \"online\" }"
#define GROWING "{ \"plug\": { \"id\": \"v0\", \"device\": \"virtio-mem\", \"size\": \"1G\", \"requested\": \"0\" } }"

enum { SHORT, LONG, WAITS, WALKED, NR_SCENARIOS };

static const char *const texts[NR_SCENARIOS] = {
	[SHORT] = SCENARIO(POLICY),
	[LONG] = SCENARIO("{ \"repeat\": { \"times\": 20, \"steps\": [" POLICY "] } }"),
	[WAITS] = SCENARIO(GROWING ", { \"await\": { \"resized\": \"v0\" } }"),
	[WALKED] = SCENARIO(POLICY ", { \"walk\": { \"id\": \"w0\" } }, " POLICY ", " POLICY ", { \"release\": \"w0\" }"),
};

static struct scenario *scenario[NR_SCENARIOS];
static const struct kernel kernel[2];

static int set_up(void **state)
{
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < NR_SCENARIOS; i++)
		if (scenario_parse("s", "s.json", texts[i], strlen(texts[i]), &scenario[i], &err) < 0)
			fail_msg("%s", err.text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_SCENARIOS; i++)
		scenario_destroy(scenario[i]);
	return 0;
}

/* The template tells one run from the other. */
static void assert_order(struct batch_run *run, size_t nr, const unsigned int *expected)
{
	for (unsigned int i = 0; i < nr; i++)
		run[i].template = i;
	order_longest_first(run, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(run[i].template, expected[i]);
}

static void test_longest_first(void **state)
{
	struct batch_run run[] = {
		{ .scenario = scenario[SHORT] }, { .scenario = scenario[LONG] }, { .scenario = scenario[WAITS] },
		{ .scenario = scenario[WALKED] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (unsigned int []){ 2, 1, 3, 0 });
	assert_ptr_equal(run[0].scenario, scenario[WAITS]);
}

/* The next kernel's long ones are what the first one's short ones run beside. */
static void test_kernel_by_kernel(void **state)
{
	struct batch_run run[] = {
		{ .scenario = scenario[SHORT], .kernel = &kernel[0] },
		{ .scenario = scenario[LONG], .kernel = &kernel[0] },
		{ .scenario = scenario[SHORT], .kernel = &kernel[1] },
		{ .scenario = scenario[LONG], .kernel = &kernel[1] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (unsigned int []){ 1, 0, 3, 2 });
}

/* They share templates, and who takes as long stays where it is. */
static void test_repeats_stay_together(void **state)
{
	struct batch_run run[] = {
		{ .scenario = scenario[SHORT] }, { .scenario = scenario[SHORT] }, { .scenario = scenario[LONG] },
		{ .scenario = scenario[LONG] }, { .scenario = scenario[SHORT] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (unsigned int []){ 2, 3, 0, 1, 4 });
}

static void test_none(void **state)
{
	struct batch_run none;

	(void)state;
	order_longest_first(&none, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_first), cmocka_unit_test(test_kernel_by_kernel),
		cmocka_unit_test(test_repeats_stay_together), cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("order", tests, set_up, tear_down);
}
