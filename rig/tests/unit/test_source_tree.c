// SPDX-License-Identifier: GPL-2.0-or-later
/* trees of source, and by what their states are told apart */
#include "sample_build.h"

#include "base/clock.h"
#include "base/proc.h"
#include "kernel/source_tree.h"

static void open_tree(void **state, struct source_tree *t)
{
	AUTO_FREE char *dir = sample_build_at(state, "tree");
	struct rig_err err;

	if (source_tree_open(dir, t, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_what_is_no_tree(void **state)
{
	AUTO_FREE char *dir = sample_build_at(state, "tree"),
		       *kconfig = sample_build_at(state, "tree/Kconfig");
	struct rig_err err = { 0 };
	struct source_tree t;

	assert_true(source_tree_open("/dev/null", &t, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	sample_build_put(state, "tree/.config", "CONFIG_A=y\n");
	assert_true(source_tree_open(dir, &t, &err) < 0);
	assert_non_null(strstr(err.text, "mrproper"));
	unlink(kconfig);
	assert_true(source_tree_open(dir, &t, &err) < 0);
	assert_non_null(strstr(err.text, "no kernel tree"));
}

static bool git(void **state, const char *a, const char *b, const char *c)
{
	const char *const argv[] = { "git", "-c", "user.name=x", "-c", "user.email=x@y", a,
				     b,	    c,	  NULL };
	AUTO_FREE char *dir = sample_build_at(state, "tree");
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct rig_err err;

	return proc_run((char *const *)argv, NULL, dir, clock_in_ms(60000), &result, &err) == 0 &&
	       !result.status;
}

static char *tree_id(void **state)
{
	char *const argv[] = { (char *)"git", (char *)"rev-parse", (char *)"HEAD^{tree}", NULL };
	AUTO_FREE char *dir = sample_build_at(state, "tree");
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct rig_err err;

	assert_int_equal(proc_run(argv, NULL, dir, clock_in_ms(60000), &result, &err), 0);
	return xstrndup(result.out, strcspn(result.out, "\n"));
}

/* git knows content: a file that was only touched is the same */
static void test_git_tree(void **state)
{
	AUTO_FREE char *dir = sample_build_at(state, "tree"), *id = NULL;
	struct source_tree first, known, touched, edited, added;
	struct rig_err err;

	if (!git(state, "init", "-q", NULL) || !git(state, "add", ".", NULL) ||
	    !git(state, "commit", "-q", "-mx"))
		skip();
	open_tree(state, &first);
	id = tree_id(state);
	assert_int_equal(source_tree_open_clean(dir, id, &known, &err), 0);
	assert_string_equal(first.state, known.state);
	source_tree_deinit(&known);
	sample_build_put(state, "tree/mm/a.c", "one\n");
	open_tree(state, &touched);
	sample_build_put(state, "tree/mm/a.c", "ONE\n");
	open_tree(state, &edited);
	sample_build_put(state, "tree/mm/b.c", "b\n");
	open_tree(state, &added);
	assert_string_equal(first.version, SAMPLE_BUILD_RELEASE);
	assert_string_equal(first.state, touched.state);
	assert_string_not_equal(first.state, edited.state);
	assert_string_not_equal(edited.state, added.state);
	source_tree_deinit(&first);
	source_tree_deinit(&touched);
	source_tree_deinit(&edited);
	source_tree_deinit(&added);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_no_tree, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_git_tree, sample_build_set_up,
						sample_build_tear_down),
	};

	return cmocka_run_group_tests_name("source_tree", tests, NULL, NULL);
}
