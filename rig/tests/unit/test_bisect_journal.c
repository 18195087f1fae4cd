// SPDX-License-Identifier: GPL-2.0-or-later
/* The journal of a bisect: what was written is there, whatever happened to the one who wrote. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "bisect/journal.h"

static int make_folder(void **state)
{
	/* each line of a journal is synced: a disk that is busy would make minutes of it */
	char template[] = "/dev/shm/hotrig-test-XXXXXX", on_disk[] = "/tmp/hotrig-test-XXXXXX";
	const char *dir = mkdtemp(template) ? template : mkdtemp(on_disk);

	if (!dir)
		return -1;
	*state = xstrdup(dir);
	return 0;
}

static int remove_folder(void **state)
{
	struct rig_err err;
	int r = io_remove_tree(*state, &err);

	free(*state);
	return r;
}

static int open_journal(void **state, const char *asked, bool anew, struct journal **ret, struct rig_err *err)
{
	json_auto_t *o = json_pack("{ss}", "command", asked);

	return journal_open(*state, o, anew, ret, err);
}

static struct journal *must_open(void **state, const char *asked)
{
	struct journal *j;
	struct rig_err err;

	assert_int_equal(open_journal(state, asked, false, &j, &err), 0);
	return j;
}

static json_t *tested(const char *name, const char *sha)
{
	return json_pack("{ssssss}", "tested", name, "verdict", "good", "image_sha256", sha);
}

static void must_add(struct journal *j, json_t *line)
{
	struct rig_err err;

	assert_int_equal(journal_add(j, line, &err), 0);
}

static char *path_of(const struct journal *j)
{
	return xasprintf("%s/journal.jsonl", journal_dir(j));
}

static void append(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_APPEND);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void lines_are_found_again(void **state)
{
	struct journal *j = must_open(state, "a"), *other;

	assert_int_equal(journal_size(j), 0);
	assert_null(journal_tested(j, "one"));
	must_add(j, tested("one", "s1"));
	must_add(j, json_pack("{sssi}", "event", "began", "n", 1));
	must_add(j, json_pack("{sssi}", "event", "began", "n", 2));
	other = must_open(state, "b");
	assert_string_not_equal(journal_key(j), journal_key(other));
	assert_int_equal(journal_size(other), 0);
	journal_close(other);
	journal_close(j);

	j = must_open(state, "a");
	assert_int_equal(journal_size(j), 3);
	assert_ptr_equal(journal_tested(j, "one"), journal_line(j, 0));
	assert_ptr_equal(journal_same_image(j, "s1"), journal_line(j, 0));
	assert_null(journal_same_image(j, "s2"));
	assert_null(journal_tested(j, "on"));
	assert_int_equal(json_integer_value(json_object_get(journal_event(j, "began"), "n")), 2);
	assert_null(journal_event(j, "one"));
	journal_close(j);
}

static void anew_forgets(void **state)
{
	struct journal *j = must_open(state, "a");
	struct rig_err err;

	must_add(j, tested("one", "s1"));
	journal_close(j);
	assert_int_equal(open_journal(state, "a", true, &j, &err), 0);
	assert_int_equal(journal_size(j), 0);
	journal_close(j);
	j = must_open(state, "a");
	assert_int_equal(journal_size(j), 0);
	journal_close(j);
}

/* Cut at any byte: all whole lines are there, and the next one begins a line of its own. */
static void cut_anywhere(void **state)
{
	struct journal *j = must_open(state, "a");
	AUTO_FREE char *path = path_of(j), *text = NULL;
	size_t len, whole;
	struct rig_err err;

	must_add(j, tested("one", "s1"));
	must_add(j, tested("two", "s2"));
	journal_close(j);
	assert_int_equal(io_read_file(path, 1 << 20, &text, &len, &err), 0);
	for (size_t cut = 0; cut <= len; cut++) {
		assert_int_equal(io_write_file(path, text, cut, &err), 0);
		whole = 0;
		for (size_t i = 0; i < cut; i++)
			whole += text[i] == '\n';
		j = must_open(state, "a");
		assert_int_equal(journal_size(j), whole ? whole - 1 : 0);
		must_add(j, tested("three", "s3"));
		journal_close(j);
		j = must_open(state, "a");
		assert_int_equal(journal_size(j), whole ? whole : 1);
		assert_non_null(journal_tested(j, "three"));
		journal_close(j);
	}
}

static void refused(void **state, enum rig_cause cause, int eno, const char *words)
{
	struct journal *j;
	struct rig_err err;

	assert_int_equal(open_journal(state, "a", false, &j, &err), -eno);
	assert_int_equal(err.cause, cause);
	assert_non_null(strstr(err.text, words));
	assert_non_null(strstr(err.text, "journal.jsonl"));
}

static void what_is_not_ours_is_refused(void **state)
{
	struct journal *j = must_open(state, "a");
	AUTO_FREE char *path = path_of(j);
	struct rig_err err;

	journal_close(j);
	append(path, "{\"tested\"\n{}\n");
	refused(state, RIG_HOST, EINVAL, "damaged in line 2");
	assert_int_equal(io_write_file(path, "[]\n", 3, &err), 0);
	refused(state, RIG_HOST, EINVAL, "damaged in line 1");
	assert_int_equal(io_write_file(path, "{\"bisect\": 2}\n", 14, &err), 0);
	refused(state, RIG_USAGE, EPROTONOSUPPORT, "format 2, this one writes 1");
	assert_int_equal(io_write_file(path, "{\"a\": 2}\n", 9, &err), 0);
	refused(state, RIG_USAGE, EPROTONOSUPPORT, "another version");
	assert_int_equal(io_write_file(path, "{\"bisect\": 1, \"asked\": {}}\n", 27, &err), 0);
	refused(state, RIG_HOST, EINVAL, "another bisect");
	assert_int_equal(open_journal(state, "a", true, &j, &err), 0);
	journal_close(j);
}

static int in_child(void (*work)(void **state), void **state)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		work(state);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void try_locked(void **state)
{
	struct journal *j;
	struct rig_err err;

	if (open_journal(state, "a", false, &j, &err) != -EBUSY || err.cause != RIG_USAGE ||
	    !strstr(err.text, "under way already"))
		_exit(1);
}

static void one_at_a_time(void **state)
{
	struct journal *j = must_open(state, "a");

	assert_int_equal(in_child(try_locked, state), 0);
	must_add(j, tested("one", "s1"));
	assert_int_equal(in_child(try_locked, state), 0);
	journal_close(j);
	assert_true(WEXITSTATUS(in_child(try_locked, state)) == 1);
}

/* The process of a run outlives a bisect that was killed: that must not lock out the next one. */
static void a_child_does_not_keep_it(void **state)
{
	int ready[2], stay[2], status;
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stay), 0);
	pid = fork();
	if (!pid) {
		struct journal *j;
		struct rig_err err;

		close(stay[1]);
		if (open_journal(state, "a", false, &j, &err) < 0)
			_exit(1);
		if (!fork()) {		/* ends when the test closes its pipe */
			c = (char)read(stay[0], &c, 1);
			_exit(0);
		}
		if (write(ready[1], &c, 1) != 1)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	journal_close(must_open(state, "a"));
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(stay[i]);
	}
}

static void write_until_killed(void **state)
{
	struct journal *j = must_open(state, "a");
	size_t n = journal_size(j);

	for (;;) {
		AUTO_FREE char *name = xasprintf("%zu", n++);
		struct rig_err err;

		if (journal_add(j, tested(name, "s"), &err) < 0)
			_exit(1);
		/* it may be relied on from here on */
		if (write(STDERR_FILENO, name, strlen(name) + 1) < 0)
			_exit(1);
	}
}

/* At random moments: what was said to be written is there, in its order and whole. */
static void killed_at_any_moment(void **state)
{
	unsigned short dice[3] = { 1, 2, 3 };
	size_t sum = 0;

	for (int i = 0; i < 40; i++) {
		char said[1 << 16], last[16] = "";
		int out[2], status;
		size_t len = 0;
		struct journal *j;
		ssize_t n;
		pid_t pid;

		assert_int_equal(pipe(out), 0);
		pid = fork();
		if (!pid) {
			dup2(out[1], STDERR_FILENO);
			write_until_killed(state);
		}
		close(out[1]);
		usleep((useconds_t)(erand48(dice) * 4000));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		while (len < sizeof(said) && (n = read(out[0], said + len, sizeof(said) - len)) > 0)
			len += (size_t)n;
		close(out[0]);
		assert_true(WIFSIGNALED(status));
		for (size_t at = 0; at < len; at += strlen(said + at) + 1)
			snprintf(last, sizeof(last), "%s", said + at);
		j = must_open(state, "a");
		assert_true(!*last || journal_tested(j, last));
		for (size_t k = 0; k < journal_size(j); k++)
			assert_int_equal(strtoul(json_string_value(json_object_get(journal_line(j, k), "tested")), NULL, 10), k);
		sum = journal_size(j);
		journal_close(j);
	}
	assert_true(sum > 0);
}

/* A disk that is full, as far as a process can have its own: a limit of the size of files */
static void fill_disk(void **state)
{
	struct journal *j = must_open(state, "a");
	AUTO_FREE char *path = path_of(j);
	struct rlimit limit;
	struct rig_err err;
	struct stat st;

	signal(SIGXFSZ, SIG_IGN);
	if (stat(path, &st) < 0)
		_exit(1);
	limit.rlim_cur = limit.rlim_max = (rlim_t)st.st_size + 20;
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(2);
	if (journal_add(j, tested("two", "s2"), &err) != -EFBIG || err.cause != RIG_HOST || journal_tested(j, "two"))
		_exit(3);
	if (stat(path, &st) < 0 || (rlim_t)st.st_size + 20 != limit.rlim_cur)
		_exit(4);
}

static void a_full_disk_keeps_what_there_is(void **state)
{
	struct journal *j = must_open(state, "a");

	must_add(j, tested("one", "s1"));
	journal_close(j);
	assert_int_equal(in_child(fill_disk, state), 0);
	j = must_open(state, "a");
	assert_int_equal(journal_size(j), 1);
	must_add(j, tested("two", "s2"));
	journal_close(j);
}

static void not_writable(void **state)
{
	AUTO_FREE char *file = xasprintf("%s/file", (char *)*state);
	json_auto_t *o = json_object();
	struct journal *j;
	struct rig_err err;

	assert_int_equal(io_write_file(file, "", 0, &err), 0);
	assert_int_equal(journal_open(file, o, false, &j, &err), -ENOTDIR);
	assert_int_equal(err.cause, RIG_HOST);
}

/* Compilers and commits say what they like: a verdict is not lost by it. */
static void texts_of_any_bytes(void **state)
{
	json_auto_t *plain = journal_text("caf\xc3\xa9"), *other = journal_text("caf\xe9, \xc3");

	(void)state;
	assert_string_equal(json_string_value(plain), "caf\xc3\xa9");
	assert_string_equal(json_string_value(other), "caf?, ?");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(lines_are_found_again), TEST(anew_forgets), TEST(cut_anywhere), TEST(what_is_not_ours_is_refused),
		TEST(one_at_a_time), TEST(a_child_does_not_keep_it), TEST(killed_at_any_moment),
		TEST(a_full_disk_keeps_what_there_is), TEST(not_writable),
		cmocka_unit_test(texts_of_any_bytes),
	};

	return cmocka_run_group_tests_name("bisect journal", tests, NULL, NULL);
}
