// SPDX-License-Identifier: GPL-2.0-or-later
/* builds that fail: one clear error, and nothing half-made is left */
#include "sample_build.h"

#include <glob.h>

static void expect_nothing_built(void **state)
{
	AUTO_FREE char *built = sample_build_at(state, "cache/kernels/built");

	assert_false(io_exists(built));
}

static void test_lost_option(void **state)
{
	AUTO_FREE char *key = NULL, *base = NULL;
	struct rig_err err;
	bool new;

	sample_build_put(state, "mood", "BIG");
	key = sample_build_try(state, "big", NULL, &new, &err);
	assert_null(key);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_int_equal(err.eno, EOPNOTSUPP);
	assert_non_null(strstr(err.text, "CONFIG_BIG=y (big) is not set"));
	sample_build_expect(state, "log", "allnoconfig\nolddefconfig\n");
	sample_build_put(state, "mood", "PVH");
	base = sample_build_try(state, NULL, NULL, &new, &err);
	assert_null(base);
	assert_int_equal(err.cause, RIG_KERNEL);
	expect_nothing_built(state);
}

static void test_first_error_is_told(void **state)
{
	struct rig_err err;
	bool new;

	sample_build_put(state, "mood", "broken");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_KERNEL);
	assert_non_null(strstr(err.text, "mm/a.c:1:2: error: no good (log: '"));
	expect_nothing_built(state);
	sample_build_put(state, "mood", "fine");
	free(sample_build(state, NULL, &new));
	assert_true(new);
}

/* The kernel does not answer for a host that is short of something */
static void test_hosts_fault(void **state)
{
	static const char *const moods[] = { "killed", "toolless", "tight", "absent" };
	struct rig_err err;
	bool new;

	for (size_t i = 0; i < ARRAY_SIZE(moods); i++) {
		sample_build_put(state, "mood", moods[i]);
		assert_null(sample_build_try(state, NULL, NULL, &new, &err));
		if (err.cause != RIG_HOST)
			fail_msg("%s: %s", moods[i], err.text);
	}
	sample_build_put(state, "mood", "scriptless");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_KERNEL);
	sample_build_put(state, "mood", "mute");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_KERNEL);
	assert_non_null(strstr(err.text, "failed with exit code 2, and no line of its output says why"));
}

/* What a killed build has left is not held against the source */
static void test_cut_short(void **state)
{
	AUTO_FREE char *logs = sample_build_at(state, "cache/kernels/objects/*-*/hotrig.log"), *half = NULL, *mark = NULL;
	struct rig_err err;
	glob_t found;
	bool new;

	free(sample_build(state, NULL, &new));
	assert_int_equal(glob(logs, 0, NULL, &found), 0);
	half = xasprintf("%.*shalf.o", (int)(strlen(found.gl_pathv[0]) - strlen("hotrig.log")), found.gl_pathv[0]);
	mark = xasprintf("%.*shotrig.building", (int)(strlen(half) - strlen("half.o")), half);
	globfree(&found);
	sample_store_text(half, "");
	sample_build_put(state, "tree/mm/a.c", "two and more\n");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_KERNEL);
	assert_false(io_exists(mark));
	sample_store_text(mark, "");
	free(sample_build(state, NULL, &new));
	assert_true(new);
	assert_false(io_exists(half));
	assert_false(io_exists(mark));
	sample_build_expect(state, "log", "allnoconfig\nolddefconfig\nvmlinux\nallnoconfig\nolddefconfig\nvmlinux\nstrip\n");
}

static void test_full_disk_leaves_nothing(void **state)
{
	AUTO_FREE char *objects = sample_build_at(state, "cache/kernels/objects/*-*");
	glob_t found;
	struct rig_err err;
	bool new;

	sample_build_put(state, "mood", "full");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_HOST);
	assert_int_equal(err.eno, ENOSPC);
	expect_nothing_built(state);
	assert_int_equal(glob(objects, 0, NULL, &found), GLOB_NOMATCH);
}

static void test_edited_meanwhile(void **state)
{
	struct rig_err err;
	bool new;

	sample_build_put(state, "mood", "edit");
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_non_null(strstr(err.text, "changed while it was built"));
	expect_nothing_built(state);
}

static void test_missing_tool(void **state)
{
	AUTO_FREE char *bin = sample_build_at(state, "bin"),
		       *pahole = sample_build_at(state, "bin/pahole"),
		       *program = sample_build_at(state, "bin/gcc");
	struct rig_err err;
	bool new;

	setenv("PATH", bin, 1);
	unlink(pahole);
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "'pahole'"));
	assert_non_null(strstr(err.text, "no-bpf"));
	unlink(program);
	assert_null(sample_build_try(state, NULL, NULL, &new, &err));
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "no compiler"));
	sample_build_expect(state, "log", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lost_option, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_first_error_is_told, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_hosts_fault, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_cut_short, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_full_disk_leaves_nothing, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_edited_meanwhile, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_missing_tool, sample_build_set_up,
						sample_build_tear_down),
	};

	return cmocka_run_group_tests_name("build_bad", tests, NULL, NULL);
}
