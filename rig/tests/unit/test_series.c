// SPDX-License-Identifier: GPL-2.0-or-later
/* series of patches, and the copy of a tree that they are applied to */
#include "kernel_samples.h"

#include <fcntl.h>

#include "kernel/patched_tree.h"
#include "kernel/series.h"

#define HEAD	"diff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1,3 +1,3 @@\n"
#define FIRST	HEAD " one\n-two\n+TWO\n three\n"
#define SECOND	HEAD " one\n-TWO\n+2\n three\n"
#define OTHER	"--- a/mm/b.c\n+++ b/mm/b.c\n@@ -1 +1 @@\n-b\n+B\n"
#define NEW	"--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1 @@\n+new\n"
#define MAIL(subject, text)							\
	"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"	\
	"From: A <a@b>\nSubject: " subject "\n\nwords\n---\n" text "-- \n2.39\n\n"

static int set_up(void **state)
{
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");

	assert_non_null(mkdtemp(dir));
	*state = dir;
	return 0;
}

static int tear_down(void **state)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(*state, &err), 0);
	free(*state);
	return 0;
}

static char *put(void **state, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", (char *)*state, name);

	sample_store_text(path, text);
	return path;
}

static void expect(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", (char *)*state, name), *is = NULL;
	struct rig_err err;

	if (text) {
		assert_int_equal(io_read_file(path, 4096, &is, NULL, &err), 0);
		assert_string_equal(is, text);
	} else {
		assert_false(io_exists(path));
	}
}

static void read_series(const char *path, struct series *s)
{
	struct rig_err err = { 0 };

	if (series_read(path, s, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_folder_is_in_order(void **state)
{
	AUTO_FREE char *dir = xasprintf("%s/s", (char *)*state);
	struct series s;

	free(put(state, "s/0002-b.patch", SECOND));
	free(put(state, "s/0001-a.patch", FIRST));
	free(put(state, "s/0000-cover.patch", "Subject: nothing\n\nwords\n"));
	free(put(state, "s/README", OTHER));
	read_series(dir, &s);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0].name, "0001-a.patch");
	assert_string_equal(s.v[1].name, "0002-b.patch");
	series_deinit(&s);
}

static void test_mailbox_is_split(void **state)
{
	AUTO_FREE char *path = put(state, "s.mbox",
				   MAIL("[PATCH 0/2] cover", " mm/a.c | 2 +-\n")
					   MAIL("[PATCH 1/2] a: one", FIRST)
						   MAIL("[PATCH 2/2] b: From here: on", OTHER));
	AUTO_STRV struct strv files = { 0 };
	struct series s;

	read_series(path, &s);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.v[0].name, "[PATCH 1/2] a: one");
	assert_string_equal(s.v[1].name, "[PATCH 2/2] b: From here: on");
	assert_null(strstr(s.v[0].text, "b/mm/b.c"));
	series_files(&s, &files);
	assert_int_equal(files.n, 4);
	assert_string_equal(files.v[0], "mm/a.c");
	assert_string_equal(files.v[3], "mm/b.c");
	series_deinit(&s);
}

static void test_paths_outside_are_no_files(void **state)
{
	AUTO_FREE char *path =
		put(state, "evil.patch",
		    "--- a/../../x\n+++ b/../x\n@@ -1 +1 @@\n-b\n+B\nrename to ../y\n"
		    "rename from /etc/x\n");
	AUTO_STRV struct strv files = { 0 };
	struct series s;

	read_series(path, &s);
	series_files(&s, &files);
	assert_int_equal(files.n, 0);
	series_deinit(&s);
}

static void test_no_series(void **state)
{
	AUTO_FREE char *empty = put(state, "x.patch", "words\n"),
		       *gone = xasprintf("%s/gone", (char *)*state);
	const char *const paths[] = { empty, gone, "/dev/null" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct rig_err err = { 0 };
		struct series s;

		assert_true(series_read(paths[i], &s, &err) < 0);
		assert_int_equal(err.cause, RIG_USAGE);
		assert_non_null(strstr(err.text, paths[i]));
	}
}

static struct source_tree put_base(void **state)
{
	AUTO_FREE char *link = xasprintf("%s/base/link", (char *)*state);
	struct source_tree base = { .dir = xasprintf("%s/base", (char *)*state), .state = "s1" };

	free(put(state, "base/mm/a.c", "one\ntwo\nthree\n"));
	free(put(state, "base/mm/b.c", "b\n"));
	free(put(state, "base/.git/HEAD", "x"));
	assert_int_equal(symlink("mm/a.c", link), 0);
	return base;
}

static int make_patched(void **state, const struct source_tree *base, const char *patches,
			struct rig_err *err)
{
	AUTO_FREE char *path = put(state, "s.patch", patches),
		       *folder = xasprintf("%s/p", (char *)*state), *tree = NULL;
	struct series s;
	int r;

	read_series(path, &s);
	r = patched_tree_make(folder, base, &s, &tree, err);
	series_deinit(&s);
	return r;
}

static void age(void **state, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", (char *)*state, name);
	const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static time_t time_of(void **state, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", (char *)*state, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mtime;
}

static void test_base_is_not_touched(void **state)
{
	struct source_tree base = put_base(state);
	struct rig_err err = { 0 };

	assert_int_equal(make_patched(state, &base, FIRST NEW, &err), 0);
	expect(state, "p/tree/mm/a.c", "one\nTWO\nthree\n");
	expect(state, "p/tree/link", "one\nTWO\nthree\n");
	expect(state, "p/tree/mm/new.c", "new\n");
	expect(state, "p/tree/.git", NULL);
	expect(state, "base/mm/a.c", "one\ntwo\nthree\n");
	expect(state, "base/mm/new.c", NULL);
	source_tree_deinit(&base);
}

/* make would not build anew what went back to an old time */
static void test_next_series_starts_from_base(void **state)
{
	struct source_tree base = put_base(state);
	struct rig_err err = { 0 };

	age(state, "base/mm/a.c");
	age(state, "base/mm/b.c");
	assert_int_equal(make_patched(state, &base, FIRST NEW, &err), 0);
	assert_int_equal(time_of(state, "p/tree/mm/b.c"), 1000);
	assert_int_equal(make_patched(state, &base, OTHER, &err), 0);
	expect(state, "p/tree/mm/a.c", "one\ntwo\nthree\n");
	expect(state, "p/tree/mm/new.c", NULL);
	expect(state, "p/tree/mm/b.c", "B\n");
	assert_true(time_of(state, "p/tree/mm/a.c") > 1000);
	assert_int_equal(time_of(state, "base/mm/a.c"), 1000);
	source_tree_deinit(&base);
}

static void test_changed_base_is_seen(void **state)
{
	struct source_tree base = put_base(state);
	struct rig_err err = { 0 };

	assert_int_equal(make_patched(state, &base, FIRST, &err), 0);
	free(put(state, "base/mm/b.c", "bb\n"));
	strcpy(base.state, "s2");
	assert_int_equal(make_patched(state, &base, FIRST, &err), 0);
	expect(state, "p/tree/mm/b.c", "bb\n");
	expect(state, "p/tree/mm/a.c", "one\nTWO\nthree\n");
	source_tree_deinit(&base);
}

static void test_patch_that_does_not_apply(void **state)
{
	struct source_tree base = put_base(state);
	struct rig_err err = { 0 };

	assert_int_equal(
		make_patched(state, &base, MAIL("first", FIRST) MAIL("it twice", FIRST), &err),
		-EINVAL);
	assert_int_equal(err.cause, RIG_USAGE);
	assert_non_null(strstr(err.text, "'it twice' does not apply"));
	err = (struct rig_err){ 0 };
	assert_int_equal(make_patched(state, &base, MAIL("wrong", SECOND), &err), -EINVAL);
	assert_non_null(strstr(err.text, "'wrong' does not apply: 'mm/a.c', Hunk #1 FAILED at 1"));
	/* and the next one finds no trace */
	assert_int_equal(make_patched(state, &base, OTHER, &err), 0);
	expect(state, "p/tree/mm/a.c", "one\ntwo\nthree\n");
	source_tree_deinit(&base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_folder_is_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mailbox_is_split, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_paths_outside_are_no_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_series, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_base_is_not_touched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_next_series_starts_from_base, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_changed_base_is_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_patch_that_does_not_apply, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
