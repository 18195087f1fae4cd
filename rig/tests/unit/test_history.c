// SPDX-License-Identifier: GPL-2.0-or-later
/* The index of the results: what goes in, what comes out, and whatever may be wrong with the file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "history/history.h"
#include "history/history_db.h"

static int make_folder(void **state)
{
	char template[] = "/tmp/hotrig-test-XXXXXX";

	if (!mkdtemp(template))
		return -1;
	*state = xstrdup(template);
	return 0;
}

static int remove_folder(void **state)
{
	struct rig_err err;
	int r = io_remove_tree(*state, &err);

	free(*state);
	return r;
}

static void put(const char *path, const char *text, size_t len)
{
	AUTO_FREE char *folder = xstrdup(path);
	struct rig_err err;

	*strrchr(folder, '/') = '\0';
	assert_int_equal(io_mkdirs(folder, &err), 0);
	assert_int_equal(io_write_file(path, text, len, &err), 0);
}

static void put_text(const char *results, const char *below, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", results, below);

	put(path, text, strlen(text));
}

/* A record of second @second of a day: it passed, or failed by page.refcount, and took @ms. */
static void put_record(const char *results, unsigned int second, const char *scenario, const char *image, bool good,
		       unsigned int ms)
{
	AUTO_FREE char *below = xasprintf("20260101T0000%02uZ-x-%u/result.json", second, second);
	AUTO_FREE char *text = xasprintf(
		"{ \"scenario\": \"%s\", \"outcome\": \"%s\", \"date\": \"2026-01-01T00:00:%02uZ\", %s"
		"\"kernel\": { \"spec\": \"debian:6.12\", \"release\": \"6.12-%s\", \"image_sha256\": \"%s\" }, "
		"\"timings\": { \"total_ns\": %llu } }", scenario, good ? "PASS" : "FAIL", second, good ? "" :
		"\"fail_kind\": \"invariant\", \"findings\": [ { \"invariant\": \"page.refcount\", \"kind\": \"invariant\" } ], ",
		image, image, ms * 1000000ull);

	put_text(results, below, text);
}

static struct history *open_index(const char *results)
{
	struct history *h = NULL;
	struct rig_err err;

	if (history_open(results, &h, &err) < 0)
		fail_msg("%s", err.text);
	return h;
}

static size_t update(struct history *h)
{
	struct rig_err err;
	size_t nr = 0;

	if (history_update(h, &nr, &err) < 0)
		fail_msg("%s", err.text);
	return nr;
}

static void expect_word(const struct history *h, const char *part)
{
	const struct strv *words = history_words(h);

	for (size_t i = 0; i < words->n; i++)
		if (strstr(words->v[i], part))
			return;
	fail_msg("no word of '%s' among %zu", part, words->n);
}

static void test_update(void **state)
{
	struct history *h;

	put_record(*state, 1, "a/b", "one", true, 1000);
	put_record(*state, 2, "a/b", "one", false, 2000);
	put_text(*state, "20260101T000003Z-x-3/result.json", "{ \"scenario\": ");
	put_text(*state, "20260101T000004Z-x-4/result.json", "{ \"scenario\": \"a/b\", \"outcome\": \"GOOD\" }");
	put_text(*state, "20260101T000005Z-x-5/result.json",
		 "{ \"scenario\": \"a/b\", \"outcome\": \"FAIL\", \"date\": \"2026-01-01T00:00:05Z\" }");
	put_text(*state, ".run-1-1/result.json", "{}");
	h = open_index(*state);
	assert_int_equal(update(h), 2);
	assert_int_equal(history_words(h)->n, 3);
	expect_word(h, "3/result.json' is damaged");
	expect_word(h, "has no outcome");
	expect_word(h, "failed without a finding");
	assert_int_equal(update(h), 0);
	history_close(h);
	/* what is known stays when its record goes */
	put_record(*state, 6, "a/b", "one", true, 1000);
	h = open_index(*state);
	assert_int_equal(update(h), 1);
	history_close(h);
}

static void count(void *arg, const struct history_run *run)
{
	size_t *nr = arg;

	assert_string_equal(run->scenario, "a/b");
	++*nr;
}

static size_t nr_runs(struct history *h)
{
	const struct history_filter all = { .scenario = "a/*", .kernel = "debian:6.12" };
	struct rig_err err;
	size_t nr = 0;

	if (history_each(h, &all, count, &nr, &err) < 0)
		fail_msg("%s", err.text);
	return nr;
}

/* Each begins a new index with a word, and keeps the old file. */
static void expect_new_index(const char *results, const char *word)
{
	struct history *h = open_index(results);

	expect_word(h, word);
	assert_int_equal(update(h), 1);
	assert_int_equal(nr_runs(h), 1);
	history_close(h);
	/* and from now on without one */
	h = open_index(results);
	assert_int_equal(history_words(h)->n, 0);
	history_close(h);
}

static void test_damage(void **state)
{
	AUTO_FREE char *path = xasprintf("%s/history.db", (char *)*state), *text = NULL;
	AUTO_FREE char *third = xasprintf("%s.aside-3", path);
	struct rig_err err;
	size_t len;

	put_record(*state, 1, "a/b", "one", true, 1000);
	put_text(*state, "history.db", "a note of somebody, which is longer than a header of SQLite would be: ........");
	expect_new_index(*state, "is damaged");
	/* a hole in the middle, and an end that is missing */
	assert_int_equal(io_read_file(path, 1 << 20, &text, &len, &err), 0);
	memset(text + 4096, 0xa5, 4096);
	put(path, text, len);
	expect_new_index(*state, "is damaged");
	put(path, text, len / 2);
	expect_new_index(*state, "is damaged");
	assert_true(io_exists(third));
}

static void exec(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_foreign(void **state)
{
	AUTO_FREE char *path = xasprintf("%s/history.db", (char *)*state);
	struct history *h = NULL;
	struct rig_err err;

	put_record(*state, 1, "a/b", "one", true, 1000);
	exec(path, "CREATE TABLE diary (day TEXT)");
	expect_new_index(*state, "is no index of results");
	/* ours, but without its table */
	exec(path, "DROP TABLE run");
	expect_new_index(*state, "is damaged");
	exec(path, "PRAGMA user_version = 99");
	assert_int_equal(history_open(*state, &h, &err), -EINVAL);
	assert_int_equal(err.cause, RIG_USAGE);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(history_open(*state, &h, &err) < 0);
	assert_int_equal(err.cause, RIG_HOST);
}

/* An empty file, as a copy that was cut short leaves it, is no harm. */
static void test_empty(void **state)
{
	struct history *h;

	put_text(*state, "history.db", "");
	put_record(*state, 1, "a/b", "one", true, 1000);
	h = open_index(*state);
	assert_int_equal(history_words(h)->n, 0);
	assert_int_equal(update(h), 1);
	history_close(h);
}

static void test_anew(void **state)
{
	AUTO_FREE char *aside = xasprintf("%s/history.db.aside-1", (char *)*state);
	AUTO_FREE char *record = xasprintf("%s/20260101T000001Z-x-1", (char *)*state);
	struct history *h;
	struct rig_err err;
	size_t nr;

	put_record(*state, 1, "a/b", "one", true, 1000);
	put_record(*state, 2, "a/b", "one", true, 1000);
	h = open_index(*state);
	assert_int_equal(update(h), 2);
	history_close(h);
	assert_int_equal(io_remove_tree(record, &err), 0);
	assert_int_equal(history_begin_anew(*state, &h, &err), 0);
	assert_int_equal(update(h), 1);
	/* what has no record any more comes back out of the old index */
	assert_int_equal(history_import(h, aside, &nr, &err), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(history_import(h, aside, &nr, &err), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(nr_runs(h), 2);
	history_close(h);
}

static const char merged[] =
	"{ \"format\": 1, \"matrix\": \"m\", \"date\": \"2026-01-01T00:00:09Z\", \"cells\": [ { \"cell\": \"k/v/a/b\", "
	"\"kernel\": \"debian:6.12\", \"variant\": \"v\", \"scenario\": \"a/b\", \"runs\": [ "
	"{ \"folder\": \"20260101T000007Z-x-7\", \"outcome\": \"PASS\", \"seconds\": 1.5, \"release\": \"6.12-one\" }, "
	"{ \"folder\": \"odd\", \"outcome\": \"FAIL\", \"fail_kind\": \"splat\", \"finding\": { \"invariant\": "
	"\"splat.warning\", \"seen\": \"WARNING in f (console line 3): WARNING: ...\" } }, "
	"{ \"folder\": \"20260101T000008Z-x-8\", \"outcome\": \"FINE\" } ] } ] }";

static void look(void *arg, const struct history_run *run)
{
	size_t *nr = arg;

	assert_string_equal(run->cell, "k/v/a/b");
	assert_string_equal(run->date, *nr ? "2026-01-01T00:00:09Z" : "2026-01-01T00:00:07Z");
	assert_string_equal(run->sign, *nr ? "splat.warning: WARNING in f" : "");
	assert_int_equal(run->ms, *nr ? 0 : 1500);
	++*nr;
}

static void test_import_merged(void **state)
{
	AUTO_FREE char *path = xasprintf("%s/matrix.json", (char *)*state), *none = xasprintf("%s/none", (char *)*state);
	struct history *h = open_index(*state);
	struct rig_err err;
	size_t nr = 0;

	put_text(*state, "matrix.json", merged);
	assert_int_equal(history_import(h, path, &nr, &err), 0);
	assert_int_equal(nr, 2);
	expect_word(h, "has no outcome");
	assert_int_equal(history_import(h, path, &nr, &err), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(history_each(h, &(struct history_filter){ 0 }, look, &nr, &err), 0);
	assert_int_equal(nr, 2);
	put_text(*state, "matrix.json", "{ \"format\": 1 }");
	assert_true(history_import(h, path, &nr, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	put_text(*state, "matrix.json", "SQLite format 3");
	assert_true(history_import(h, path, &nr, &err) < 0);
	assert_true(history_import(h, none, &nr, &err) < 0);
	assert_int_equal(err.cause, RIG_USAGE);
	history_close(h);
}

/* Rows of a file from elsewhere are looked at like all that comes from there. */
static void test_import_odd_rows(void **state)
{
	AUTO_FREE char *other = xasprintf("%s/other", (char *)*state), *path = xasprintf("%s/history.db", other);
	struct history *h = open_index(other);
	struct rig_err err;
	size_t nr;

	put_record(other, 1, "a/b", "one", true, 1000);
	put_record(other, 2, "a/b", "one", true, 1000);
	put_record(other, 3, "a/b", "one", true, 1000);
	assert_int_equal(update(h), 3);
	history_close(h);
	exec(path, "UPDATE run SET outcome = 'GOOD' WHERE folder LIKE '%-1'");
	exec(path, "UPDATE run SET sign = CAST(x'ff' AS TEXT) WHERE folder LIKE '%-2'");
	h = open_index(*state);
	assert_int_equal(history_import(h, path, &nr, &err), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(history_words(h)->n, 2);
	history_close(h);
}

#define WRITERS 4

/* Each adds all records; none fails, and none is there twice. */
static void test_processes(void **state)
{
	struct history *h;
	pid_t pid[WRITERS];

	for (unsigned int i = 0; i < 30; i++)
		put_record(*state, i, "a/b", "one", true, 1000);
	for (size_t i = 0; i < WRITERS; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			struct rig_err err;
			int r = history_open(*state, &h, &err);

			_exit(r < 0 || history_update(h, NULL, &err) < 0 ? 1 : 0);
		}
	}
	for (size_t i = 0; i < WRITERS; i++) {
		int status;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	h = open_index(*state);
	assert_int_equal(nr_runs(h), 30);
	history_close(h);
}

static void test_deadline(void **state)
{
	struct history *holder = open_index(*state), *h = open_index(*state);
	struct rig_err err;

	assert_int_equal(db_exec(holder, "BEGIN IMMEDIATE", &err), 0);
	h->until_ns = clock_in_ms(50);
	assert_int_equal(db_exec(h, "BEGIN IMMEDIATE", &err), -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_HOST);
	history_close(holder);
	db_begin_operation(h);
	assert_int_equal(db_exec(h, "BEGIN IMMEDIATE", &err), 0);
	history_close(h);
}

static void expect_duration(struct history *h, const char *cell, const char *scenario, uint64_t ms)
{
	struct rig_err err;
	uint64_t got = 1;

	assert_int_equal(history_duration(h, cell, scenario, &got, &err), 0);
	assert_int_equal(got, ms);
}

static void test_duration(void **state)
{
	struct history *h = open_index(*state);

	/* the first is too old to count: nine do */
	for (unsigned int i = 0; i < 10; i++)
		put_record(*state, i, "a/b", "one", true, i ? i * 1000 : 99000);
	update(h);
	expect_duration(h, "debian:6.12/-/a/b", "a/b", 5000);
	expect_duration(h, "debian:6.1/-/a/b", "a/b", 5000);
	expect_duration(h, "debian:6.1/-/a/c", "a/c", 0);
	history_close(h);
}

static void test_classify(void **state)
{
	struct history_run now = { 0 };
	struct history *h = open_index(*state);
	json_auto_t *record = json_pack("{ss ss ss ss s{ss ss ss} s[{ss ss}]}", "scenario", "a/b", "outcome", "FAIL",
					"fail_kind", "invariant", "date", "2026-01-01T00:00:05Z", "kernel", "spec",
					"debian:6.12", "release", "6.12-two", "image_sha256", "two", "findings",
					"invariant", "page.refcount", "kind", "invariant");
	struct history_verdict v;
	struct rig_err err;

	put_record(*state, 1, "a/b", "one", true, 1000);
	put_record(*state, 2, "a/c", "two", true, 1000);	/* another cell */
	put_record(*state, 5, "a/b", "two", false, 1000);	/* the run of now */
	put_record(*state, 9, "a/b", "two", true, 1000);	/* was run later */
	update(h);
	if (history_run_of_record("results/20260101T000005Z-x-5", record, &now, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(history_classify(h, &now, 1, &v, &err), 0);
	assert_string_equal(history_class_name(v.class), "regression");
	assert_true(v.news);
	history_run_deinit(&now);
	history_close(h);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_update), IN_FOLDER(test_damage), IN_FOLDER(test_foreign), IN_FOLDER(test_empty),
		IN_FOLDER(test_anew), IN_FOLDER(test_import_merged), IN_FOLDER(test_import_odd_rows),
		IN_FOLDER(test_processes), IN_FOLDER(test_deadline), IN_FOLDER(test_duration), IN_FOLDER(test_classify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
