// SPDX-License-Identifier: GPL-2.0-or-later
/* Records as runs leave them: which show the target, and what that is to a bisect. */
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
#include "bisect/target.h"
#include "bisect/verdict.h"

#define REFCOUNT "{\"invariant\": \"page.refcount\", \"kind\": \"invariant\", \"step\": \"1 plug d0\", " \
		 "\"expected\": \"0\", \"seen\": \"1\"}"
#define ZONE "{\"invariant\": \"page.zone\", \"kind\": \"invariant\", \"step\": \"2\", \"expected\": \"a\", \"seen\": \"b\"}"
#define WARNING(line) "{\"invariant\": \"splat.warning\", \"kind\": \"splat\", \"step\": \"2\", \"expected\": \"none\", " \
		"\"seen\": \"WARNING in try_remove (console line " line "): WARNING: CPU: 0\"}"
#define LOGGED "{\"invariant\": \"splat.warning\", \"kind\": \"splat\", \"step\": \"2\", \"expected\": \"none\", " \
		"\"seen\": \"WARNING in try_remove (kernel log record 5): WARNING: CPU: 0\"}"
#define OOPS "{\"invariant\": \"splat.oops\", \"kind\": \"crash\", \"step\": \"2\", \"expected\": \"none\", " \
	     "\"seen\": \"GPF in f (console line 9): Oops: general\"}"
#define RESTART "{\"invariant\": \"splat.restart\", \"kind\": \"crash\", \"step\": \"2\", \"expected\": \"none\", " \
		"\"seen\": \"the guest was reset\"}"
#define HANG "{\"invariant\": \"step.progress\", \"kind\": \"hang\", \"step\": \"2\", \"expected\": \"an end\", \"seen\": \"\"}"
#define BOOT "{\"invariant\": \"step.progress\", \"kind\": \"boot\", \"step\": \"boot\", \"expected\": \"the agent\", " \
	     "\"seen\": \"no greeting\"}"
#define BOOT_WARNING "{\"invariant\": \"splat.warning\", \"kind\": \"boot\", \"step\": \"boot\", \"expected\": \"none\", " \
		     "\"seen\": \"WARNING in try_remove (console line 3): x\"}"
#define FAIL(kind, findings) "{\"scenario\": \"dimm/a\", \"outcome\": \"FAIL\", \"fail_kind\": \"" kind "\", " \
			     "\"findings\": [" findings "]}"

static json_t *parse(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);

	assert_non_null(o);
	return o;
}

static struct target target_of(const char *text)
{
	struct target t;
	struct rig_err err;

	assert_int_equal(target_parse(text, &t, &err), 0);
	return t;
}

static void targets_are_read_and_written(void **state)
{
	static const char *const good[] = { "page.refcount", "splat.warning", "splat:WARNING in f", "crash:GPF in f", "crash",
					    "hang", "boot", "any" };
	static const char *const bad[] = { "", "splat:", "splat", "crash:", "page.", "page.refcounts", "hang:x", "Any", " any" };
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct target t = target_of(good[i]), again;
		AUTO_FREE char *text = target_text(&t);
		json_auto_t *o = NULL;

		assert_string_equal(text, good[i]);
		t.scenario = xstrdup("dimm/a");
		o = target_json(&t);
		assert_true(target_from_json(o, &again));
		assert_int_equal(again.kind, t.kind);
		assert_string_equal(again.scenario, "dimm/a");
		target_deinit(&again);
		target_deinit(&t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct target t;

		assert_int_equal(target_parse(bad[i], &t, &err), -EINVAL);
		assert_int_equal(err.cause, RIG_USAGE);
		assert_non_null(strstr(err.text, "hotrig explain"));
	}
}

static void the_bad_end_chooses(void **state)
{
	static const struct {
		const char *record, *target;
	} rows[] = {
		{ FAIL("invariant", REFCOUNT ", " ZONE), "page.refcount" },
		{ FAIL("splat", WARNING("7") ", " REFCOUNT), "splat:WARNING in try_remove" },
		{ FAIL("splat", LOGGED), "splat:WARNING in try_remove" },
		{ FAIL("crash", REFCOUNT ", " OOPS), "page.refcount" },
		{ FAIL("crash", OOPS ", " REFCOUNT), "crash:GPF in f" },
		{ FAIL("crash", RESTART), "crash" },
		{ FAIL("hang", HANG), "hang" },
		{ FAIL("invariant", ""), "any" },
	};
	struct target t;
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_auto_t *record = parse(rows[i].record);
		AUTO_FREE char *text = NULL;

		assert_int_equal(target_choose(record, &t, &err), 0);
		text = target_text(&t);
		assert_string_equal(text, rows[i].target);
		assert_string_equal(t.scenario, "dimm/a");
		target_deinit(&t);
	}
	json_auto_t *boot = parse(FAIL("boot", BOOT));

	assert_int_equal(target_choose(boot, &t, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--target boot"));
}

static void only_the_target_is_bad(void **state)
{
	static const struct {
		const char *target, *record;
		enum verdict verdict;
		const char *reason;
	} rows[] = {
		{ "page.refcount", FAIL("invariant", REFCOUNT), VERDICT_BAD, "page.refcount in step '1 plug d0': expected 0, seen 1" },
		{ "page.refcount", FAIL("invariant", ZONE ", " REFCOUNT), VERDICT_BAD, "page.refcount" },
		{ "page.refcount", FAIL("invariant", ZONE), VERDICT_SKIP, "fails otherwise: page.zone" },
		{ "page.refcount", FAIL("hang", REFCOUNT ", " HANG), VERDICT_BAD, "page.refcount" },
		{ "page.refcount", FAIL("crash", OOPS), VERDICT_SKIP, "fails otherwise: splat.oops" },
		{ "splat:WARNING in try_remove", FAIL("splat", WARNING("99")), VERDICT_BAD, "try_remove" },
		{ "splat:WARNING in try_remove", FAIL("splat", LOGGED), VERDICT_BAD, "try_remove" },
		{ "splat:WARNING in try", FAIL("splat", WARNING("99")), VERDICT_SKIP, "fails otherwise" },
		{ "splat.warning", FAIL("splat", WARNING("99")), VERDICT_BAD, "try_remove" },
		{ "splat:WARNING in try_remove", FAIL("boot", BOOT_WARNING), VERDICT_SKIP, "does not come up" },
		{ "crash:GPF in f", FAIL("crash", OOPS), VERDICT_BAD, "GPF" },
		{ "crash:GPF in g", FAIL("crash", OOPS), VERDICT_SKIP, "fails otherwise" },
		{ "crash", FAIL("crash", RESTART), VERDICT_BAD, "reset" },
		{ "crash", FAIL("splat", WARNING("1")), VERDICT_SKIP, "fails otherwise" },
		{ "hang", FAIL("hang", HANG), VERDICT_BAD, "step.progress" },
		{ "hang", FAIL("boot", BOOT), VERDICT_SKIP, "does not come up" },
		{ "boot", FAIL("boot", BOOT), VERDICT_BAD, "no greeting" },
		{ "boot", FAIL("hang", HANG), VERDICT_SKIP, "fails otherwise" },
		{ "any", FAIL("hang", HANG), VERDICT_BAD, "step.progress" },
		{ "any", FAIL("boot", BOOT), VERDICT_SKIP, "does not come up" },
		{ "any", "{\"outcome\": \"PASS\"}", VERDICT_GOOD, "passes" },
		{ "any", "{\"outcome\": \"SKIP\", \"skip_reason\": \"no CONFIG_X\"}", VERDICT_SKIP, "no CONFIG_X" },
		{ "any", "{\"outcome\": \"ERROR\", \"error\": {\"cause\": \"qemu\", \"text\": \"it died\"}}", VERDICT_TROUBLE,
		  "it died" },
		{ "any", "{\"outcome\": \"else\"}", VERDICT_TROUBLE, "" },
		{ "any", "{}", VERDICT_TROUBLE, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_auto_t *record = parse(rows[i].record);
		struct target t = target_of(rows[i].target);
		AUTO_FREE char *reason = NULL;

		assert_int_equal(verdict_of_record(record, &t, &reason), rows[i].verdict);
		assert_non_null(strstr(reason, rows[i].reason));
		target_deinit(&t);
	}
}

static void another_scenario_is_not_the_target(void **state)
{
	json_auto_t *record = parse(FAIL("invariant", REFCOUNT));
	struct target t = target_of("page.refcount");
	AUTO_FREE char *reason = NULL;

	(void)state;
	t.scenario = xstrdup("dimm/b");
	assert_int_equal(verdict_of_record(record, &t, &reason), VERDICT_SKIP);
	target_deinit(&t);
}

static void no_record_is_trouble(void **state)
{
	struct target t = target_of("any");
	AUTO_FREE char *reason = NULL;

	(void)state;
	assert_int_equal(verdict_of_record(NULL, &t, &reason), VERDICT_TROUBLE);
	assert_non_null(strstr(reason, "no record"));
}

static void errors_are_skip_or_trouble(void **state)
{
	struct rig_err err;

	(void)state;
	for (enum rig_cause c = RIG_USAGE; c <= RIG_MISSING; c++) {
		rig_err_set(&err, c, EINVAL, "x");
		assert_int_equal(verdict_of_error(&err),
				 c == RIG_KERNEL || c == RIG_MISSING ? VERDICT_SKIP : VERDICT_TROUBLE);
		assert_int_equal(verdict_error_may_pass(&err), c == RIG_HOST);
	}
	rig_err_set(&err, RIG_HOST, ENOSPC, "x");
	assert_false(verdict_error_may_pass(&err));
	rig_err_set(&err, RIG_HOST, ETIMEDOUT, "x");
	assert_false(verdict_error_may_pass(&err));
	rig_err_set(&err, RIG_USAGE, EOPNOTSUPP, "x");
	assert_int_equal(verdict_of_error(&err), VERDICT_SKIP);
}

/* As git bisect run reads them: 0 good, 1 to 127 but 125 bad, 125 skip, 128 and more stop. */
static void exit_codes_and_ranks(void **state)
{
	static const enum verdict rising[] = { VERDICT_GOOD, VERDICT_SKIP, VERDICT_TROUBLE, VERDICT_BAD };
	static const int codes[] = { 0, 125, 200, 1 };
	enum verdict v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rising); i++) {
		assert_int_equal(verdict_exit_code(rising[i]), codes[i]);
		assert_true(verdict_find(verdict_name(rising[i]), &v));
		assert_int_equal(v, rising[i]);
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(verdict_worst(rising[k], rising[i]), rising[i]);
	}
	assert_false(verdict_find("maybe", &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_read_and_written), cmocka_unit_test(the_bad_end_chooses),
		cmocka_unit_test(only_the_target_is_bad), cmocka_unit_test(another_scenario_is_not_the_target),
		cmocka_unit_test(no_record_is_trouble), cmocka_unit_test(errors_are_skip_or_trouble),
		cmocka_unit_test(exit_codes_and_ranks),
	};

	return cmocka_run_group_tests_name("bisect verdict", tests, NULL, NULL);
}
