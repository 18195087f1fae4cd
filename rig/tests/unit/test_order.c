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
#include "base/mem.h"
#include "batch/order.h"

#define SCENARIO(steps) "{ \"summary\": \"s\", \"origin\": \"o\", \"machine\": \"small\", \"steps\": [" steps "] }"
#define POLICY "{ \"policy\": \"online\" }"

enum { SHORT, LONG, WAITS, WALKED, NR_SCENARIOS };

static const char *const texts[NR_SCENARIOS] = {
	[SHORT] = SCENARIO(POLICY),
	[LONG] = SCENARIO("{ \"repeat\": { \"times\": 20, \"steps\": [" POLICY "] } }"),
	[WAITS] = SCENARIO("{ \"plug\": { \"id\": \"v0\", \"device\": \"virtio-mem\", \"size\": \"1G\", \"requested\": \"0\" } }, "
			   "{ \"await\": { \"resized\": \"v0\" } }"),
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

static void assert_order(const struct batch_run *run, size_t nr, const size_t *expected)
{
	AUTO_FREE size_t *order = order_longest_first(&(struct batch){ .run = run, .nr = nr });

	for (size_t i = 0; i < nr; i++)
		assert_int_equal(order[i], expected[i]);
}

static void test_longest_first(void **state)
{
	const struct batch_run run[] = {
		{ .scenario = scenario[SHORT] }, { .scenario = scenario[LONG] }, { .scenario = scenario[WAITS] },
		{ .scenario = scenario[WALKED] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (size_t []){ 2, 3, 1, 0 });
}

/* The next kernel's long ones are what the first one's short ones run beside. */
static void test_kernel_by_kernel(void **state)
{
	const struct batch_run run[] = {
		{ .scenario = scenario[SHORT], .kernel = &kernel[0] }, { .scenario = scenario[LONG], .kernel = &kernel[0] },
		{ .scenario = scenario[SHORT], .kernel = &kernel[1] }, { .scenario = scenario[LONG], .kernel = &kernel[1] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (size_t []){ 1, 0, 3, 2 });
}

/* They share templates, and alike ones stay as they are listed. */
static void test_repeats_stay_together(void **state)
{
	const struct batch_run run[] = {
		{ .scenario = scenario[SHORT] }, { .scenario = scenario[SHORT] }, { .scenario = scenario[LONG] },
		{ .scenario = scenario[LONG], .template = 1 }, { .scenario = scenario[SHORT] },
	};

	(void)state;
	assert_order(run, ARRAY_SIZE(run), (size_t []){ 2, 3, 0, 1, 4 });
}

static void test_none(void **state)
{
	(void)state;
	assert_order(NULL, 0, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_first), cmocka_unit_test(test_kernel_by_kernel),
		cmocka_unit_test(test_repeats_stay_together), cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("order", tests, set_up, tear_down);
}
