// SPDX-License-Identifier: GPL-2.0-or-later
/* the ends of a bisect in git: what is wrong with them is told at once */
#include "sample_repository.h"

#include "bisect/commits.h"

static int open_at(void **state, const char *where, const char *good, const char *bad, bool named,
		   struct commits *ret, struct rig_err *err)
{
	AUTO_FREE char *dir = sample_repository_at(state, where);

	*ret = (struct commits){ 0 };
	*err = (struct rig_err){ 0 };
	return commits_open(dir, good, bad, named, ret, err);
}

static void expect_usage(void **state, const char *where, const char *good, const char *bad, const char *said)
{
	struct commits c;
	struct rig_err err;

	assert_true(open_at(state, where, good, bad, false, &c, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	if (!strstr(err.text, said))
		fail_msg("'%s' is not in '%s'", said, err.text);
}

static void fill(void **state)
{
	free(sample_repository_commit(state, "a", "one"));
	free(sample_repository_commit(state, "a", "two"));
	free(sample_repository_commit(state, "a", "three"));
	free(sample_repository_git(state, "repo", "tag", "-a", "-m", "x", "v3", NULL));
}

static void test_forth(void **state)
{
	AUTO_FREE char *repository = sample_repository_at(state, "repo/.git"), *id = NULL, *about = NULL;
	struct commits c;
	struct rig_err err;

	fill(state);
	id = sample_repository_git(state, "repo", "rev-parse", "v3^{commit}", NULL);
	assert_int_equal(open_at(state, "repo", "HEAD~2", "v3", false, &c, &err), 0);
	assert_true(c.bad_is_new);
	assert_false(c.dirty);
	assert_int_equal(c.suspects, 2);
	assert_string_equal(c.repository, repository);
	assert_string_equal(commits_new(&c), id);
	assert_int_equal(commits_about(&c, c.bad, &about, &err), 0);
	assert_non_null(strstr(about, "(\"three\")"));
	commits_deinit(&c);
}

static void test_back(void **state)
{
	struct commits c;
	struct rig_err err;

	fill(state);
	assert_int_equal(open_at(state, "repo", "v3", "v3~1", true, &c, &err), 0);
	assert_false(c.bad_is_new);
	assert_string_equal(commits_old(&c), c.bad);
	commits_deinit(&c);
	expect_usage(state, "repo", "v3", "v3~1", "--term-old");
}

static void test_wrong_ends(void **state)
{
	fill(state);
	expect_usage(state, "repo", "v3", "main", "the same commit");
	expect_usage(state, "repo", "v9", "main", "no commit 'v9'");
	expect_usage(state, "repo", "--all", "main", "no commit '--all'");
	expect_usage(state, "repo", "main:a", "main", "no commit 'main:a'");
	expect_usage(state, "nowhere", "v3", "main", "no folder");
	expect_usage(state, ".", "v3", "main", "no git repository");
}

static void test_unrelated(void **state)
{
	fill(state);
	free(sample_repository_git(state, "repo", "checkout", "--quiet", "--orphan", "other", NULL));
	free(sample_repository_commit(state, "b", "other"));
	expect_usage(state, "repo", "main", "other", "nothing in common");
}

static void test_siblings(void **state)
{
	struct commits c;
	struct rig_err err;

	fill(state);
	free(sample_repository_git(state, "repo", "checkout", "--quiet", "-b", "side", "v3~1", NULL));
	free(sample_repository_commit(state, "b", "side"));
	assert_int_equal(open_at(state, "repo", "main", "side", false, &c, &err), 0);
	assert_true(c.bad_is_new);
	commits_deinit(&c);
}

static void test_shallow(void **state)
{
	AUTO_FREE char *url = NULL, *old = NULL, *repo = sample_repository_at(state, "repo");

	fill(state);
	url = xasprintf("file://%s", repo);
	old = sample_repository_git(state, "repo", "rev-parse", "v3~2", NULL);
	free(sample_repository_git(state, ".", "clone", "--quiet", "--depth=2", url, "shallow", NULL));
	expect_usage(state, "shallow", old, "main", "git fetch --unshallow");
	free(sample_repository_git(state, "shallow", "fetch", "--quiet", "--depth=1", "origin", old, NULL));
	expect_usage(state, "shallow", old, "main", "git fetch --unshallow");
}

static void test_dirty(void **state)
{
	AUTO_FREE char *path = sample_repository_at(state, "repo/a");
	struct commits c;
	struct rig_err err;

	fill(state);
	sample_store_text(path, "edited");
	assert_int_equal(open_at(state, "repo", "v3~1", "v3", false, &c, &err), 0);
	assert_true(c.dirty);
	commits_deinit(&c);
	free(sample_repository_git(state, ".", "clone", "--quiet", "--bare", "repo", "bare", NULL));
	assert_int_equal(open_at(state, "bare", "v3~1", "v3", false, &c, &err), 0);
	assert_false(c.dirty);
	commits_deinit(&c);
}

/* What is said of HEAD is said of the worktree that was named */
static void test_names_of_a_worktree(void **state)
{
	AUTO_FREE char *expected = NULL, *found = NULL;
	struct commits c;
	struct rig_err err;

	fill(state);
	free(sample_repository_git(state, "repo", "worktree", "add", "--quiet", "--detach", "../a side", "v3~1", NULL));
	expected = sample_repository_git(state, "a side", "rev-parse", "HEAD", NULL);
	assert_int_equal(open_at(state, "a side", "HEAD~1", "v3", false, &c, &err), 0);
	assert_int_equal(commits_find(&c, "HEAD", &found, &err), 0);
	assert_string_equal(found, expected);
	commits_deinit(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_repository_set_up, sample_repository_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forth), TEST(test_back), TEST(test_wrong_ends), TEST(test_unrelated),
		TEST(test_siblings), TEST(test_shallow), TEST(test_dirty),
		TEST(test_names_of_a_worktree),
	};

	return cmocka_run_group_tests_name("commits", tests, NULL, NULL);
}
