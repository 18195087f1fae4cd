// SPDX-License-Identifier: GPL-2.0-or-later
/* The newest record of each scenario and kernel, out of folders made by hand. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "record/last_runs.h"
#include "record/record.h"

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

static void put(const char *results, const char *name, const char *text)
{
	AUTO_FREE char *folder = xasprintf("%s/%s", results, name);
	AUTO_FREE char *path = xasprintf("%s/result.json", folder);
	struct rig_err err;

	assert_int_equal(io_mkdirs(folder, &err), 0);
	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

static void put_run(const char *results, const char *stamp, const char *scenario, const char *release,
		    const char *outcome)
{
	AUTO_FREE char *label = xasprintf("%s-%s", scenario, release), *clean = record_label(label);
	AUTO_FREE char *name = xasprintf("%s-%s-4711", stamp, clean);
	AUTO_FREE char *text = xasprintf("{ \"scenario\": \"%s\", \"outcome\": \"%s\", \"date\": \"%s\", "
					 "\"kernel\": { \"spec\": \"s\", \"release\": \"%s\" } }",
					 scenario, outcome, stamp, release);

	put(results, name, text);
}

static void expect_run(const struct last_run *r, const char *scenario, const char *release, const char *outcome)
{
	assert_string_equal(r->scenario, scenario);
	assert_string_equal(r->release, release);
	assert_string_equal(r->outcome, outcome);
}

static void read_runs(const char *results, char *const *scenarios, struct last_runs *ret)
{
	struct rig_err err;

	if (last_runs_read(results, scenarios, ret, &err) < 0)
		fail_msg("%s", err.text);
}

static char *const both[] = { (char *)"a/b", (char *)"a/c", NULL };

static void test_newest(void **state)
{
	struct last_runs l;

	put_run(*state, "20260101T000000Z", "a/b", "6.12", "FAIL");
	put_run(*state, "20260102T000000Z", "a/b", "6.12", "PASS");
	put_run(*state, "20260102T000000Z", "a/b", "6.1", "FAIL");
	put_run(*state, "20260103T000000Z", "a/c", "6.1", "SKIP");
	put_run(*state, "20260104T000000Z", "a/other", "6.1", "PASS");
	put_run(*state, "20260104T000000Z", "a/b-longer", "6.1", "PASS");
	read_runs(*state, both, &l);
	assert_int_equal(l.passed_over.n, 0);
	/* the name of a/b is the beginning of another's: that one is read, and is nobody's business */
	assert_int_equal(l.nr, 4);
	expect_run(&l.run[0], "a/b", "6.1", "FAIL");
	expect_run(&l.run[1], "a/b", "6.12", "PASS");
	assert_string_equal(l.run[1].folder, "20260102T000000Z-a-b-6.12-4711");
	assert_null(l.run[1].kind);
	expect_run(&l.run[2], "a/b-longer", "6.1", "PASS");
	expect_run(&l.run[3], "a/c", "6.1", "SKIP");
	last_runs_deinit(&l);
}

/* A second has room for several runs. */
static void test_same_second(void **state)
{
	struct timespec early[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct timespec late[2] = { { .tv_sec = 1000, .tv_nsec = 1 }, { .tv_sec = 1000, .tv_nsec = 1 } };
	AUTO_FREE char *first = xasprintf("%s/20260101T000000Z-a-b-6.1-99", (char *)*state);
	AUTO_FREE char *second = xasprintf("%s/20260101T000000Z-a-b-6.1-100", (char *)*state);
	static const char text[] = "{ \"scenario\": \"a/b\", \"outcome\": \"%s\", \"date\": \"d\", "
				   "\"kernel\": { \"release\": \"6.1\" } }";
	AUTO_FREE char *fail = xasprintf(text, "FAIL"), *pass = xasprintf(text, "PASS");
	struct last_runs l;

	put(*state, strrchr(first, '/') + 1, fail);
	put(*state, strrchr(second, '/') + 1, pass);
	assert_int_equal(utimensat(AT_FDCWD, first, early, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, second, late, 0), 0);
	read_runs(*state, both, &l);
	assert_int_equal(l.nr, 1);
	expect_run(&l.run[0], "a/b", "6.1", "PASS");
	last_runs_deinit(&l);
}

/* Neither older ones nor those of other scenarios are opened: here they could not be read. */
static void test_reads_no_more(void **state)
{
	struct last_runs l;

	put(*state, "20260101T000000Z-a-b-6.1-12", "damaged");
	put(*state, "20260101T000000Z-a-b-6.1-12-2", "damaged");
	put(*state, "20260101T000000Z-x-y-6.1-12", "damaged");
	put(*state, "latest", "damaged");
	put(*state, ".run-1-1", "damaged");
	put_run(*state, "20260102T000000Z", "a/b", "6.1", "PASS");
	read_runs(*state, both, &l);
	assert_int_equal(l.passed_over.n, 0);
	assert_int_equal(l.nr, 1);
	last_runs_deinit(&l);
}

static void test_damaged(void **state)
{
	struct last_runs l;

	put_run(*state, "20260101T000000Z", "a/b", "6.1", "PASS");
	put(*state, "20260102T000000Z-a-b-6.1-1", "{ \"scenario\": \"a/b\"");
	put(*state, "20260102T000000Z-a-b-6.1-2", "{ \"scenario\": \"a/b\" }");
	put(*state, "20260102T000000Z-a-b-6.1-3", "{ \"scenario\": \"a/b\", \"outcome\": 1, \"date\": \"d\", \"kernel\": {} }");
	read_runs(*state, both, &l);
	assert_int_equal(l.passed_over.n, 3);
	assert_non_null(strstr(l.passed_over.v[0], "-3/result.json' is damaged"));
	assert_int_equal(l.nr, 1);
	expect_run(&l.run[0], "a/b", "6.1", "PASS");
	last_runs_deinit(&l);
}

/* A label that was cut may belong to several kernels. */
static void test_long_names(void **state)
{
	static const char longest[] = "a/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	char *const names[] = { (char *)longest, NULL };
	struct last_runs l;

	put_run(*state, "20260101T000000Z", longest, "6.1", "PASS");
	put_run(*state, "20260102T000000Z", longest, "6.12", "FAIL");
	read_runs(*state, names, &l);
	assert_int_equal(l.nr, 2);
	last_runs_deinit(&l);
}

static void test_no_folder(void **state)
{
	AUTO_FREE char *missing = xasprintf("%s/none", (char *)*state), *file = xasprintf("%s/file", (char *)*state);
	struct last_runs l;
	struct rig_err err;

	read_runs(missing, both, &l);
	assert_int_equal(l.nr, 0);
	last_runs_deinit(&l);
	assert_int_equal(io_write_file(file, "x", 1, &err), 0);
	assert_int_equal(last_runs_read(file, both, &l, &err), -ENOTDIR);
	assert_int_equal(err.cause, RIG_HOST);
	last_runs_deinit(&l);
}

#define FOLDER_TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_newest),	 FOLDER_TEST(test_same_second),
		FOLDER_TEST(test_reads_no_more), FOLDER_TEST(test_damaged),
		FOLDER_TEST(test_long_names),	 FOLDER_TEST(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
