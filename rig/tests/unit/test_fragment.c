// SPDX-License-Identifier: GPL-2.0-or-later
/* fragments of config laid over each other, and what the lines of make tell */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "kernel/build_log.h"
#include "kernel/fragment.h"

static void add(struct wanted *w, const char *from, const char *text)
{
	struct rig_err err;

	assert_int_equal(wanted_add(w, from, text, &err), 0);
}

static void test_later_ones_win(void **state)
{
	struct wanted w = { 0 };
	AUTO_FREE char *text = NULL;

	(void)state;
	add(&w, "base",
	    "# a word\n\nCONFIG_A=y\nCONFIG_N=64\n# CONFIG_OFF is not set\nCONFIG_S=\"a b\"");
	add(&w, "mine", "# CONFIG_A is not set\r\nCONFIG_AA=y\nCONFIG_OFF=y\nCONFIG_N=n\n");
	text = wanted_text(&w);
	assert_string_equal(
		text,
		"# CONFIG_A is not set\n# CONFIG_N is not set\nCONFIG_OFF=y\nCONFIG_S=\"a b\"\n"
		"CONFIG_AA=y\n");
	wanted_deinit(&w);
}

static void test_what_is_no_config_is_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
		{ "CONFIG_A=y\nA=y\n", "line 2: 'A=y'" },
		{ "CONFIG_A\n", "line 1" },
		{ "CONFIG_A=\n", "line 1" },
		{ "CONFIG_=y\n", "line 1" },
		{ "\n\nCONFIG_B=m\n", "line 3: asks for a module" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct wanted w = { 0 };
		struct rig_err err = { 0 };

		assert_int_equal(wanted_add(&w, "mine", bad[i].text, &err), -EINVAL);
		assert_int_equal(err.cause, RIG_USAGE);
		assert_non_null(strstr(err.text, bad[i].said));
		assert_non_null(strstr(err.text, "'mine'"));
		wanted_deinit(&w);
	}
}

static void test_lost_options_are_named(void **state)
{
	AUTO_STRV struct strv lost = { 0 };
	struct wanted w = { 0 };

	(void)state;
	add(&w, "base",
	    "CONFIG_A=y\nCONFIG_B=y\nCONFIG_N=64\n# CONFIG_OFF is not set\n# CONFIG_ABSENT is not set\n");
	add(&w, "mine", "CONFIG_C=y\n");
	assert_int_equal(wanted_check(&w, "CONFIG_A=y\nCONFIG_BB=y\nCONFIG_N=8\nCONFIG_OFF=y\n",
				      "base", &lost),
			 1);
	assert_int_equal(lost.n, 4);
	assert_string_equal(lost.v[0], "CONFIG_B=y (base) is not set");
	assert_string_equal(lost.v[1], "CONFIG_N=64 (base) became 8");
	assert_string_equal(lost.v[2], "CONFIG_OFF=n (base) became y");
	assert_string_equal(lost.v[3], "CONFIG_C=y (mine) is not set");
	wanted_deinit(&w);
}

static void test_nothing_is_lost(void **state)
{
	AUTO_STRV struct strv lost = { 0 };
	struct wanted w = { 0 };

	(void)state;
	add(&w, "base", "CONFIG_A=y\n# CONFIG_OFF is not set\n# CONFIG_ABSENT is not set\n");
	assert_int_equal(wanted_check(&w, "# CONFIG_OFF is not set\nCONFIG_A=y\n", "base", &lost),
			 0);
	assert_int_equal(lost.n, 0);
	wanted_deinit(&w);
}

static void feed(struct build_log *log, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		build_log_add(log, lines[i]);
}

static void test_first_error_is_kept(void **state)
{
	static const char *const lines[] = {
		"make: Entering directory '/x'",
		"  CC      mm/memory.o",
		"mm/memory.c:7:1: warning: unused variable 'error'",
		"make[3]: *** [scripts/Makefile.build:229: mm/page.o] Error 1",
		"  CC      mm/shmem.o",
		"mm/page.c:12:3: error: 'x' undeclared",
		"mm/page.c:13:3: error: 'y' undeclared",
		"make: *** [Makefile:224: __sub-make] Error 2",
	};
	struct build_log log = { 0 };

	(void)state;
	feed(&log, lines, 3);
	assert_string_equal(log.error, "");
	feed(&log, lines + 3, 1);
	assert_non_null(strstr(log.error, "mm/page.o] Error 1"));
	feed(&log, lines + 4, ARRAY_SIZE(lines) - 4);
	assert_string_equal(log.error, "mm/page.c:12:3: error: 'x' undeclared");
	assert_int_equal(log.steps, 2);
	assert_string_equal(log.step, "CC mm/shmem.o");
	assert_false(log.no_space);
}

static void test_full_disk_is_known(void **state)
{
	struct build_log log = { 0 };

	(void)state;
	build_log_add(
		&log,
		"{standard input}: Fatal error: can't write 9 bytes to section: 'No space left on device'");
	assert_true(log.no_space);
}

static void test_share_and_time_left(void **state)
{
	(void)state;
	assert_int_equal(build_share(500, 2000), 250);
	assert_int_equal(build_share(2000, 2000), 990);	/* it is not over before it is over */
	assert_int_equal(build_share(3000, 2000), 990);
	assert_int_equal(build_share(3, 0), 0);
	assert_int_equal(build_left_s(100, 250), 300);
	assert_int_equal(build_left_s(1, 5), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later_ones_win),
		cmocka_unit_test(test_what_is_no_config_is_refused),
		cmocka_unit_test(test_lost_options_are_named),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_first_error_is_kept),
		cmocka_unit_test(test_full_disk_is_known),
		cmocka_unit_test(test_share_and_time_left),
	};

	return cmocka_run_group_tests_name("fragment", tests, NULL, NULL);
}
