// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bisects of small repositories whose kernel is a line of text: the first word says how it behaves.  The answers and
 * logs are held against those of git's own `git bisect run`, on every history and however often it is killed.
 */
#include "sample_repository.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/proc.h"
#include "bisect/by_hand.h"
#include "bisect/git.h"
#include "bisect/git_command.h"

struct setting {
	void **state;
	struct commits commits;
	struct worktree worktree;
	struct journal *journal;
	struct git_bisect git;
	struct exam exam;
	const char *skip, *replay;	/* by hand; NULL: nothing */
	unsigned int tries, killed;	/* of kernels; of builds */
	unsigned int moments, dies_at;	/* to be killed in; 0: never */
};

static void moment(struct setting *s)
{
	if (++s->moments == s->dies_at)
		raise(SIGKILL);
}

static int fake_build(void *arg, const struct worktree *w, const char *tree, struct kernel **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/kernel", w->dir), *text = NULL;
	char hex[65];
	int r = io_read_file(path, 4096, &text, NULL, err);

	assert_int_equal(r, 0);
	assert_int_equal(strlen(tree), 40);
	moment(arg);
	if (!strncmp(text, "broken", 6))
		return rig_err_set(err, RIG_KERNEL, EIO, "mm/a.c:1:2: error: no good");
	if (!strncmp(text, "killed", 6) && ++((struct setting *)arg)->killed)
		return rig_err_set(err, RIG_HOST, EIO, "Killed");
	io_sha256_hex(text, strlen(text), hex);
	*ret = xcalloc(1, sizeof(**ret));
	(*ret)->spec = xstrdup(text);
	(*ret)->image_sha256 = xstrdup(hex);
	return 0;
}

static int fake_trial(struct trial *t, const struct kernel *k, const json_t *part_of, struct trial_result *ret,
		      struct rig_err *err)
{
	struct setting *s = (struct setting *)(void *)t->progress;
	bool bad = !strncmp(k->spec, "bad", 3), hung = !strncmp(k->spec, "hung", 4);

	(void)err;
	assert_non_null(json_string_value(json_object_get(part_of, "tested")));
	moment(s);
	s->tries++;
	*ret = (struct trial_result){
		.verdict = bad ? VERDICT_BAD : hung ? VERDICT_SKIP : VERDICT_GOOD,
		.reason = xstrdup(k->spec), .tally = { 1, bad, 1, bad }, .records = json_array(),
	};
	return 0;
}

static void on_line(void *arg, const json_t *line, bool found)
{
	(void)line;
	if (!found)
		moment(arg);
}

static int open_all(struct setting *s, const char *good, const char *bad, struct rig_err *err)
{
	AUTO_FREE char *repo = sample_repository_at(s->state, "repo"),
		       *results = sample_repository_at(s->state, "results");
	bool named = s->git.term_old != NULL;
	json_auto_t *asked = NULL;
	int r = commits_open(repo, good, bad, named, &s->commits, err);

	asked = r ? NULL : json_pack("{ssss}", "good", s->commits.good, "bad", s->commits.bad);
	if (!r)
		r = worktree_open(s->commits.repository, s->commits.good, &s->worktree, err);
	return r < 0 ? r : journal_open(results, asked, false, &s->journal, err);
}

static int take_by_hand(struct setting *s, struct rig_err *err)
{
	int r = s->skip ? by_hand_skip(&s->git, s->journal, s->skip, err) : 0;

	return r || !s->replay ? r : by_hand_replay(&s->git, s->journal, s->replay, err);
}

/* As the command does it */
static int search(struct setting *s, const char *good, const char *bad, struct git_answer *ret, struct rig_err *err)
{
	struct trial how = { .progress = (struct progress *)(void *)s };
	struct target target = { 0 };
	struct exam_source source;
	int r;

	s->worktree.lock_fd = -1;
	r = open_all(s, good, bad, err);
	if (!r) {
		s->git.commits = &s->commits;
		s->git.worktree = &s->worktree;
		s->git.term_old = s->git.term_old ? s->git.term_old : "good";
		s->git.term_new = s->git.term_new ? s->git.term_new : "bad";
		s->git.build = fake_build;
		s->git.arg = s;
		assert_int_equal(target_parse("any", &target, err), 0);
		source = git_source(&s->git);
		assert_int_equal(exam_init(&s->exam, s->journal, &how, &source, &target, err), 0);
		s->exam.try = fake_trial;
		s->exam.on_line = on_line;
		s->exam.arg = s;
		r = take_by_hand(s, err);
		if (!r)
			r = git_search(&s->git, &s->exam, ret, err);
		exam_deinit(&s->exam);
	}
	journal_close(s->journal);
	worktree_close(&s->worktree);
	commits_deinit(&s->commits);
	return r;
}

static struct git_answer find(void **state, const char *good, const char *bad)
{
	struct setting s = { .state = state };
	struct git_answer a = { 0 };
	struct rig_err err;

	if (search(&s, good, bad, &a, &err) < 0)
		fail_msg("%s", err.text);
	return a;
}

/* One commit for each word of @text, the last of them tagged "end"; the number in it makes it one of its own */
static void add_commits(void **state, const char *text)
{
	AUTO_FREE char *words = xstrdup(text);
	int n = 0;

	for (char *save, *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		AUTO_FREE char *line = xasprintf("%s %d", word, ++n);

		free(sample_repository_commit(state, "kernel", line));
	}
	free(sample_repository_git(state, "repo", "tag", "--force", "end", NULL));
}

static char *id_of(void **state, const char *name)
{
	return sample_repository_git(state, "repo", "rev-parse", name, NULL);
}

static void expect_first(void **state, const struct git_answer *a, const char *name)
{
	AUTO_FREE char *id = id_of(state, name);

	assert_string_equal(a->first, id);
}

/* Only what was marked: without comments, and the words that a start was given */
static char *marks_of(const char *log)
{
	AUTO_STRV struct strv lines = { 0 };
	char *text = xstrdup("");

	git_lines(log, &lines);
	for (size_t i = 0; i < lines.n; i++) {
		char *longer;

		if (*lines.v[i] == '#' || !strncmp(lines.v[i], "git bisect start", strlen("git bisect start")))
			continue;
		longer = xasprintf("%s%s\n", text, lines.v[i]);
		free(text);
		text = longer;
	}
	return text;
}

/* What git itself finds where a person lets it run, and marks on its way; that exit code tells of an interval only */
static void expect_as_git(void **state, const char *good, const char *bad, const struct git_answer *a)
{
	static const char script[] = "#!/bin/sh\ngit bisect start \"$1\" \"$2\" --\n"
		"git bisect run sh -c 'read how rest <kernel || :; case $how in good) exit 0;; bad) exit 1;; esac; exit 125'\n"
		"git bisect log >../git.log; git rev-parse refs/bisect/bad; git bisect reset\n";
	AUTO_FREE char *path = sample_repository_at(state, "script"), *at = sample_repository_at(state, "git.log"),
		       *repo = sample_repository_at(state, "repo"), *log = NULL, *theirs = NULL, *ours = NULL;
	char *const argv[] = { path, (char *)bad, (char *)good, NULL };
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct rig_err err;

	sample_store_script(path, script);
	assert_int_equal(proc_run(argv, NULL, repo, clock_in_ms(60000), &result, &err), 0);
	assert_non_null(strstr(result.out, a->first));
	assert_int_equal(io_read_file(at, 65536, &log, NULL, &err), 0);
	theirs = marks_of(log);
	ours = marks_of(a->log);
	assert_string_equal(ours, theirs);
}

/* A person takes the log home */
static void expect_replays(void **state, const struct git_answer *a, const char *first)
{
	AUTO_FREE char *path = sample_repository_at(state, "our.log"), *id = NULL;

	sample_store_text(path, a->log);
	free(sample_repository_git(state, "repo", "bisect", "replay", path, NULL));
	id = id_of(state, first);
	assert_string_equal(a->first, id);
	free(sample_repository_git(state, "repo", "bisect", "reset", NULL));
}

static void test_linear(void **state)
{
	struct git_answer a;
	AUTO_FREE char *last = NULL;

	add_commits(state, "good good good broken good good hung good good good bad bad broken bad bad bad bad");
	a = find(state, "end~16", "end");
	last = id_of(state, "end~7");
	expect_first(state, &a, "end~6");
	assert_string_equal(a.last, last);
	assert_int_equal(json_array_size(a.between), 0);
	assert_non_null(strstr(a.about, "(\"bad 11\")"));
	expect_as_git(state, "end~16", "end", &a);
	expect_replays(state, &a, "refs/bisect/bad");
	git_answer_deinit(&a);
}

static void test_next_to_each_other(void **state)
{
	struct git_answer a;

	add_commits(state, "good bad");
	a = find(state, "end~1", "end");
	expect_first(state, &a, "end");
	git_answer_deinit(&a);
}

/* Skipped ones around the first: nobody can say which */
static void test_interval(void **state)
{
	struct git_answer a;
	AUTO_FREE char *last = NULL;

	add_commits(state, "good good good hung broken bad bad bad");
	a = find(state, "end~7", "end");
	last = id_of(state, "end~5");
	expect_first(state, &a, "end~2");
	assert_string_equal(a.last, last);
	assert_int_equal(json_array_size(a.between), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(a.between, 0), "reason")), "hung 4");
	assert_non_null(strstr(json_string_value(json_object_get(json_array_get(a.between, 1), "reason")), "no good"));
	expect_as_git(state, "end~7", "end", &a);
	git_answer_deinit(&a);
}

static void test_all_skipped(void **state)
{
	struct git_answer a;

	add_commits(state, "good hung hung hung broken hung bad");
	a = find(state, "end~6", "end");
	expect_first(state, &a, "end");
	assert_int_equal(json_array_size(a.between), 5);
	git_answer_deinit(&a);
}

/* A series that was merged: the bug is in a branch that the mainline was good beside */
static void test_merges(void **state)
{
	struct git_answer a;

	add_commits(state, "good good good");
	free(sample_repository_git(state, "repo", "checkout", "--quiet", "-b", "side", NULL));
	free(sample_repository_commit(state, "b", "side 1"));
	free(sample_repository_commit(state, "kernel", "bad 2"));
	free(sample_repository_commit(state, "b", "side 3"));
	free(sample_repository_git(state, "repo", "checkout", "--quiet", "main", NULL));
	for (int i = 0; i < 5; i++) {
		AUTO_FREE char *text = xasprintf("main %d", i);

		free(sample_repository_commit(state, "c", text));
	}
	free(sample_repository_merge(state, "side"));
	free(sample_repository_commit(state, "c", "later"));
	a = find(state, "main~7", "main");
	expect_first(state, &a, "side~1");
	expect_as_git(state, "main~7", "main", &a);
	expect_replays(state, &a, "refs/bisect/bad");
	git_answer_deinit(&a);
}

static void branch_off(void **state, const char *base)
{
	AUTO_FREE char *line = xasprintf("%s base", base);

	free(sample_repository_commit(state, "kernel", line));
	free(sample_repository_git(state, "repo", "branch", "fixed", NULL));
	free(sample_repository_commit(state, "a", "x"));
	free(sample_repository_commit(state, "kernel", "bad one"));
	free(sample_repository_git(state, "repo", "checkout", "--quiet", "fixed", NULL));
	free(sample_repository_commit(state, "kernel", "good one"));
}

static void test_siblings(void **state)
{
	struct git_answer a;

	branch_off(state, "good");
	a = find(state, "fixed", "main");
	expect_first(state, &a, "main");
	expect_as_git(state, "fixed", "main", &a);
	git_answer_deinit(&a);
}

static void test_base_is_bad(void **state)
{
	struct setting s = { .state = state };
	struct git_answer a;
	struct rig_err err;

	branch_off(state, "bad");
	assert_true(search(&s, "fixed", "main", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "both ends come from"));
}

static void test_what_mended_it(void **state)
{
	struct setting s = { .state = state, .git = { .term_old = "broken", .term_new = "fixed" } };
	struct git_answer a;
	struct rig_err err;

	add_commits(state, "bad bad bad good good good good");
	if (search(&s, "end", "end~6", &a, &err) < 0)
		fail_msg("%s", err.text);
	expect_first(state, &a, "end~3");
	assert_non_null(strstr(a.log, "git bisect fixed "));
	expect_replays(state, &a, "refs/bisect/fixed");
	git_answer_deinit(&a);
}

static void test_terms_of_gits_own(void **state)
{
	struct setting s = { .state = state, .git = { .term_old = "skip", .term_new = "fixed" } };
	struct git_answer a;
	struct rig_err err;

	add_commits(state, "bad good");
	assert_true(search(&s, "end", "end~1", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_int_equal(s.tries, 0);
}

static void test_ends_are_not_so(void **state)
{
	struct setting s = { .state = state };
	struct git_answer a;
	struct rig_err err;

	add_commits(state, "good good good bad bad");
	assert_true(search(&s, "end~4", "end~2", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "is not bad"));
	assert_true(search(&s, "end~1", "end", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "is bad, too"));
}

/* Trouble is no verdict: it stops, and what was found out stays */
static void test_trouble(void **state)
{
	struct setting s = { .state = state };
	struct git_answer a;
	struct rig_err err;

	add_commits(state, "good good good killed bad bad");
	assert_true(search(&s, "end~5", "end", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_HOST);
	assert_int_equal(s.killed, 1 + TRIAL_RETRIES);
	s.tries = 0;
	assert_true(search(&s, "end~5", "end", &a, &err) < 0);
	assert_int_equal(s.tries, 0);
}

static void test_same_image(void **state)
{
	struct setting s = { .state = state };
	struct git_answer a;
	struct rig_err err;

	free(sample_repository_commit(state, "kernel", "good one"));
	for (int i = 0; i < 6; i++) {
		AUTO_FREE char *text = xasprintf("change %d", i);

		if (i == 3)
			free(sample_repository_commit(state, "kernel", "bad one"));
		free(sample_repository_commit(state, "readme", text));
	}
	if (search(&s, "main~7", "main", &a, &err) < 0)
		fail_msg("%s", err.text);
	expect_first(state, &a, "main~3");
	assert_int_equal(s.tries, 2);
	git_answer_deinit(&a);
}

/* What a person says is not tried; the ends are, for what they show */
static void test_by_hand(void **state)
{
	AUTO_FREE char *path = sample_repository_at(state, "log"), *results = sample_repository_at(state, "results");
	struct setting s = { .state = state, .skip = "end~3" };
	struct git_answer a, again;
	struct rig_err err;

	add_commits(state, "good good good good bad bad bad");
	if (search(&s, "end~6", "end", &a, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_not_equal(a.last, a.first);
	assert_int_equal(json_array_size(a.between), 1);
	sample_store_text(path, a.log);
	assert_int_equal(io_remove_tree(results, &err), 0);
	s = (struct setting){ .state = state, .replay = path };
	if (search(&s, "end~6", "end", &again, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s.tries, 2);
	assert_string_equal(again.first, a.first);
	git_answer_deinit(&a);
	git_answer_deinit(&again);
}

static void test_wrong_by_hand(void **state)
{
	AUTO_FREE char *path = sample_repository_at(state, "log");
	struct setting s = { .state = state, .skip = "nowhere" };
	struct git_answer a;
	struct rig_err err;

	add_commits(state, "good good bad");
	assert_true(search(&s, "end~2", "end", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	s = (struct setting){ .state = state, .skip = "end" };
	assert_true(search(&s, "end~2", "end", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_string_equal(err.text, "'end' is an end, which must be tested: it cannot be skipped");
	sample_store_text(path, "git bisect start\ngit bisect fixed 0123\n");
	s = (struct setting){ .state = state, .replay = path };
	assert_true(search(&s, "end~2", "end", &a, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "git bisect fixed 0123"));
}

/* What a kill leaves of a checkout, and of git's own marks */
static void spoil(const struct setting *s)
{
	AUTO_FREE char *kernel = xasprintf("%s/kernel", s->worktree.dir), *link = xasprintf("%s/.git", s->worktree.dir),
		       *text = NULL, *lock = NULL, *ref = NULL;
	struct rig_err err;

	assert_int_equal(io_read_file(link, 4096, &text, NULL, &err), 0);
	text[strcspn(text, "\n")] = '\0';
	lock = xasprintf("%s/index.lock", text + strlen("gitdir: "));
	ref = xasprintf("%s/refs/bisect/bad", text + strlen("gitdir: "));
	sample_store_text(lock, "");
	sample_store_text(kernel, "ba");
	if (io_exists(ref))
		sample_store_text(ref, "");
}

static void test_killed_at_any_moment(void **state)
{
	struct git_answer whole, again;
	AUTO_FREE char *results = sample_repository_at(state, "results"), *last = NULL;
	unsigned int deaths = 0;
	struct rig_err err;
	int status = 1;

	add_commits(state, "good good broken bad bad");
	whole = find(state, "end~4", "end");
	last = xstrdup(whole.log);
	for (unsigned int dies_at = 1; status; dies_at++) {
		struct setting s = { .state = state, .dies_at = dies_at };
		pid_t pid;

		assert_int_equal(io_remove_tree(results, &err), 0);
		pid = fork();
		if (!pid)
			_exit(search(&s, "end~4", "end", &again, &err) < 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		deaths += WIFSIGNALED(status) != 0;
		s.worktree.dir = sample_repository_worktree(state);
		spoil(&s);
		free(s.worktree.dir);
		again = find(state, "end~4", "end");
		assert_string_equal(again.log, last);
		assert_string_equal(again.first, whole.first);
		git_answer_deinit(&again);
	}
	assert_true(deaths > 6);
	git_answer_deinit(&whole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_repository_set_up, sample_repository_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_linear), TEST(test_next_to_each_other), TEST(test_interval), TEST(test_all_skipped),
		TEST(test_merges), TEST(test_siblings), TEST(test_base_is_bad), TEST(test_what_mended_it),
		TEST(test_terms_of_gits_own), TEST(test_ends_are_not_so), TEST(test_trouble), TEST(test_same_image), TEST(test_by_hand), TEST(test_wrong_by_hand),
		TEST(test_killed_at_any_moment),
	};

	return cmocka_run_group_tests_name("git_bisect", tests, NULL, NULL);
}
