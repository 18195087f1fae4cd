// SPDX-License-Identifier: GPL-2.0-or-later
/* a linked worktree of somebody's repository: it is mended, and nothing of theirs is touched */
#include "sample_repository.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "bisect/worktree.h"

struct setting {
	char *repository, *one, *two;
	struct worktree w;
};

static void set_up(void **state, struct setting *s)
{
	*s = (struct setting){ .one = sample_repository_commit(state, "a", "one") };
	s->two = sample_repository_commit(state, "b/c", "two");
	s->repository = sample_repository_at(state, "repo/.git");
}

static void open_it(struct setting *s)
{
	struct rig_err err;

	if (worktree_open(s->repository, s->one, &s->w, &err) < 0)
		fail_msg("%s", err.text);
}

static void tear_down(struct setting *s)
{
	worktree_close(&s->w);
	free(s->repository);
	free(s->one);
	free(s->two);
}

static void checkout(const struct setting *s, const char *commit)
{
	AUTO_FREE char *tree = NULL;
	struct rig_err err;

	if (worktree_checkout(&s->w, commit, &tree, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(strlen(tree), 40);
}

static bool has(const struct setting *s, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", s->w.dir, name);

	return io_exists(path);
}

static void put(const struct setting *s, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", s->w.dir, name);

	sample_store_text(path, text);
}

static char *git_path(const struct setting *s, const char *name)
{
	AUTO_FREE char *link = xasprintf("%s/.git", s->w.dir), *text = NULL;
	struct rig_err err;

	assert_int_equal(io_read_file(link, 4096, &text, NULL, &err), 0);
	return xasprintf("%.*s/%s", (int)strcspn(text + strlen("gitdir: "), "\n"), text + strlen("gitdir: "), name);
}

/* All that a person has in the repository: files, index, branch, settings, what git says */
static char *theirs(void **state)
{
	AUTO_FREE char *status = sample_repository_git(state, "repo", "status", "--branch", "--porcelain", NULL),
		       *refs = sample_repository_git(state, "repo", "for-each-ref", NULL),
		       *head = sample_repository_git(state, "repo", "symbolic-ref", "HEAD", NULL),
		       *bisect = sample_repository_git(state, "repo", "bisect", "log", NULL),
		       *config = sample_repository_git(state, "repo", "config", "--list", "--local", NULL);

	return xasprintf("%s\n%s\n%s\n%s\n%s", status, refs, head, bisect, config);
}

static void test_touches_nothing_of_theirs(void **state)
{
	AUTO_FREE char *path = sample_repository_at(state, "repo/a"), *before = NULL, *after = NULL, *list = NULL,
		       *hook = sample_repository_at(state, "repo/.git/hooks/post-checkout"),
		       *trace = sample_repository_at(state, "trace"), *script = xasprintf("#!/bin/sh\n>%s\n", trace);
	struct rig_err err;
	struct setting s;

	set_up(state, &s);
	sample_store_text(path, "edited");
	free(sample_repository_git(state, "repo", "bisect", "start", s.two, s.one, NULL));
	sample_store_script(hook, script);
	before = theirs(state);
	open_it(&s);
	checkout(&s, s.two);
	assert_true(has(&s, "b/c"));
	checkout(&s, s.one);
	assert_false(has(&s, "b/c"));
	assert_false(io_exists(trace));
	assert_int_equal(worktree_remove(&s.w, &err), 0);
	after = theirs(state);
	assert_string_equal(before, after);
	list = sample_repository_git(state, "repo", "worktree", "list", NULL);
	assert_null(strchr(list, '\n'));
	tear_down(&s);
}

/* What is in order is not written again: make goes by times */
static void test_stays(void **state)
{
	AUTO_FREE char *path = NULL, *other = sample_repository_at(state, "link");
	struct stat before, after;
	struct setting s;

	set_up(state, &s);
	open_it(&s);
	checkout(&s, s.one);
	path = xasprintf("%s/a", s.w.dir);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(link(path, other), 0);	/* which shows in the time of its inode */
	worktree_close(&s.w);
	open_it(&s);
	checkout(&s, s.two);
	checkout(&s, s.one);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof(after.st_mtim));
	tear_down(&s);
}

/* What was built there is of use only as long as the files are the same */
static void test_stays_behind_a_link(void **state)
{
	AUTO_FREE char *cache = xstrdup(getenv("HOTRIG_CACHE")), *link = sample_repository_at(state, "link"), *path = NULL;
	struct stat before, after;
	struct setting s;

	set_up(state, &s);
	assert_int_equal(mkdir(cache, 0755) < 0 && errno != EEXIST, 0);
	assert_int_equal(symlink(cache, link), 0);
	assert_int_equal(setenv("HOTRIG_CACHE", link, 1), 0);
	open_it(&s);
	checkout(&s, s.one);
	path = xasprintf("%s/a", s.w.dir);
	assert_int_equal(stat(path, &before), 0);
	worktree_close(&s.w);
	open_it(&s);
	checkout(&s, s.one);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof(after.st_mtim));
	assert_int_equal(setenv("HOTRIG_CACHE", cache, 1), 0);
	tear_down(&s);
}

/* A link to the user's own git folder in place of ours: its locks are theirs, and stay */
static void test_keeps_off_their_locks(void **state)
{
	AUTO_FREE char *link = NULL, *lock = sample_repository_at(state, "repo/.git/index.lock");
	struct setting s;

	set_up(state, &s);
	open_it(&s);
	checkout(&s, s.one);
	link = xasprintf("%s/.git", s.w.dir);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(s.repository, link), 0);
	sample_store_text(lock, "");
	worktree_close(&s.w);
	open_it(&s);
	assert_true(io_exists(lock));
	checkout(&s, s.two);
	assert_int_equal(unlink(lock), 0);
	tear_down(&s);
}

/* Whatever a kill may have left, and worse */
static void test_is_mended(void **state)
{
	AUTO_FREE char *index_lock = NULL, *head_lock = NULL, *index = NULL, *link = NULL, *head = NULL;
	struct rig_err err;
	struct setting s;

	set_up(state, &s);
	open_it(&s);
	checkout(&s, s.one);
	index_lock = git_path(&s, "index.lock");
	head_lock = git_path(&s, "HEAD.lock");
	index = git_path(&s, "index");
	head = git_path(&s, "HEAD");
	link = xasprintf("%s/.git", s.w.dir);
	for (int odd = 0; odd < 6; odd++) {
		switch (odd) {
		case 0: sample_store_text(index_lock, ""); sample_store_text(head_lock, s.two); break;
		case 1: put(&s, "b/c", "tw"); put(&s, "a", "half"); put(&s, ".gitignore", "*\n"); break;
		case 2: sample_store_text(index, "no index"); break;
		case 3: sample_store_text(head, ""); break;
		case 4: sample_store_text(link, "gitdir: /nowhere\n"); break;
		case 5: assert_int_equal(io_remove_tree(s.w.dir, &err), 0); break;
		}
		worktree_close(&s.w);
		open_it(&s);
		assert_false(has(&s, "b/c"));
		checkout(&s, s.two);
		assert_true(has(&s, "b/c"));
		assert_false(has(&s, ".gitignore"));
		checkout(&s, s.one);
	}
	tear_down(&s);
}

static void test_one_at_a_time(void **state)
{
	struct worktree other = { .lock_fd = -1 };
	struct rig_err err;
	struct setting s;
	int status;
	pid_t pid;

	set_up(state, &s);
	open_it(&s);
	pid = fork();
	if (!pid)
		_exit(worktree_open(s.repository, s.one, &other, &err) != -EBUSY || err.cause != RIG_USAGE);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	tear_down(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_repository_set_up, sample_repository_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_touches_nothing_of_theirs), TEST(test_stays), TEST(test_is_mended), TEST(test_keeps_off_their_locks),
		TEST(test_stays_behind_a_link), TEST(test_one_at_a_time),
	};

	return cmocka_run_group_tests_name("worktree", tests, NULL, NULL);
}
