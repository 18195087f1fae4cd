// SPDX-License-Identifier: GPL-2.0-or-later
/* Stamps: an image is known again by the files that it came of, and by nothing less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "fake_modules.h"
#include "image/stamp.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { AGENT, LIBRARY, DEP, SOFTDEP, NR_FILES };

static const char *const names[NR_FILES] = { "agent", "library", "modules.dep", "modules.softdep" };

struct fixture {
	char *root, *dir, *file[NR_FILES];
	char *path;		/* as it was */
	struct kernel kernel;
	struct image_spec spec;
	struct parts parts;
};

static char *const load[] = { (char *)"one", (char *)"two", NULL };
static char *const carry[] = { (char *)"three", NULL };

static void store(const char *path, const char *text)
{
	struct rig_err err;

	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct rig_err err;

	f->root = fake_folder_create();
	f->path = xstrdup(getenv("PATH"));
	f->dir = xasprintf("%s/images", f->root);
	assert_int_equal(io_mkdirs(f->dir, &err), 0);
	for (size_t i = 0; i < NR_FILES; i++) {
		f->file[i] = xasprintf("%s/%s", f->root, names[i]);
		store(f->file[i], names[i]);
	}
	f->kernel.modules = f->root;
	f->spec = (struct image_spec){ .agent = f->file[AGENT], .load = load, .carry = carry };
	parts_add(&f->parts, "/init", 0755)->host = xstrdup(f->file[AGENT]);
	parts_add(&f->parts, "/etc/made-here", 0644);
	parts_add(&f->parts, "/lib/library", 0755)->host = xstrdup(f->file[LIBRARY]);
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	setenv("PATH", f->path, 1);
	parts_deinit(&f->parts);
	for (size_t i = 0; i < NR_FILES; i++)
		free(f->file[i]);
	fake_folder_destroy(f->root);
	free(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static bool found(const struct fixture *f)
{
	char digest[65] = "untouched";
	bool is = stamp_find(f->dir, &f->kernel, &f->spec, digest);

	assert_string_equal(digest, is ? DIGEST : "untouched");
	return is;
}

/* The files in the folder of stamps; the path of the last one, which the caller frees. */
static size_t stamps(const struct fixture *f, char **ret)
{
	DIR *d = opendir(f->dir);
	struct dirent *e;
	size_t nr = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		nr++;
		if (ret) {
			free(*ret);
			*ret = xasprintf("%s/%s", f->dir, e->d_name);
		}
	}
	closedir(d);
	return nr;
}

static void the_same_files_are_found(void **state)
{
	struct fixture *f = *state;

	assert_true(found(f));
	assert_true(found(f));
	assert_int_equal(stamps(f, NULL), 1);
	/* a second one takes the place of the first */
	store(f->file[AGENT], "another");
	assert_false(found(f));
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_true(found(f));
	assert_int_equal(stamps(f, NULL), 1);
	/* a folder that is not there has none, and gets none */
	fake_folder_destroy(TAKE_PTR(f->dir));
	f->dir = xasprintf("%s/images", f->root);
	assert_false(found(f));
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_false(io_exists(f->dir));
}

/* Each of the ways in which a file is not the one that it was. */
static void change(const char *path, int way)
{
	struct timespec times[2];
	struct stat st;
	struct rig_err err;

	assert_int_equal(stat(path, &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (way == 0) {			/* longer, at the same time */
		store(path, "another content");
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	} else if (way == 1) {		/* a nanosecond later */
		times[1].tv_nsec += times[1].tv_nsec < 999999999 ? 1 : -1;
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	} else if (way == 2) {		/* the same bytes and times in another file */
		AUTO_FREE char *text = NULL;
		AUTO_FREE char *was = xasprintf("%s.was", path);

		assert_int_equal(io_read_file(path, 1024, &text, NULL, &err), 0);
		assert_int_equal(rename(path, was), 0);
		store(path, text);
		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	} else {
		assert_int_equal(unlink(path), 0);
	}
}

static void each_file_is_watched(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < NR_FILES; i++)
		for (int way = 0; way < 4; way++) {
			assert_true(found(f));
			change(f->file[i], way);
			if (found(f))
				fail_msg("%s: way %d is not seen", names[i], way);
			store(f->file[i], names[i]);
			stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
		}
}

static void a_list_that_appears_is_a_change(void **state)
{
	static const char *const lists[] = { "dep.bin", "alias.bin", "symbols.bin", "builtin.bin" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		AUTO_FREE char *path = xasprintf("%s/modules.%s", f->root, lists[i]);

		assert_true(found(f));
		store(path, "");
		if (found(f))
			fail_msg("%s is not seen", lists[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_true(found(f));
}

/* Questions that are not this one, by all that they can differ in. */
static void another_question_has_another_answer(void **state)
{
	static char *const one[] = { (char *)"one", NULL }, *const joined[] = { (char *)"one\",\"two", NULL },
			  *const none[] = { NULL };
	struct fixture *f = *state;
	const struct image_spec was = f->spec;

	f->spec.load = one;
	assert_false(found(f));
	f->spec.load = joined;
	assert_false(found(f));
	f->spec.load = carry;
	f->spec.carry = load;
	assert_false(found(f));
	f->spec = was;
	f->spec.carry = NULL;
	assert_false(found(f));
	f->spec = was;
	f->spec.tools = carry;
	assert_false(found(f));
	f->spec = was;
	f->spec.tools = none;		/* the same as no list */
	assert_true(found(f));
	f->spec.agent = f->file[LIBRARY];
	assert_false(found(f));
	f->spec = was;
	f->kernel.modules = NULL;
	assert_false(found(f));
	f->kernel.modules = f->dir;
	assert_false(found(f));
	f->kernel.modules = f->root;
	/* tools are looked for in it */
	setenv("PATH", "/elsewhere", 1);
	assert_false(found(f));
	unsetenv("PATH");
	assert_false(found(f));
	setenv("PATH", f->path, 1);
	assert_true(found(f));
}

static void each_question_has_its_stamp(void **state)
{
	struct fixture *f = *state;

	f->kernel.modules = NULL;
	f->spec.load = NULL;
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_int_equal(stamps(f, NULL), 2);
	assert_true(found(f));
	/* without modules their lists are nothing to it */
	change(f->file[DEP], 3);
	assert_true(found(f));
	change(f->file[LIBRARY], 0);
	assert_false(found(f));
}

/* JSON holds UTF-8: what it cannot hold must not be left out. */
static void what_is_no_text_has_no_stamp(void **state)
{
	static char *const strange[] = { (char *)"one", (char *)"t\xff", NULL };
	AUTO_FREE char *path = NULL;
	struct fixture *f = *state;

	assert_int_equal(stamps(f, &path), 1);
	assert_int_equal(unlink(path), 0);
	setenv("PATH", "/bin:/caf\xe9", 1);
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_false(found(f));
	setenv("PATH", f->path, 1);
	f->spec.load = strange;
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_false(found(f));
	f->spec.load = load;
	parts_add(&f->parts, "/lib/strange", 0755)->host = xasprintf("%s/\xe9", f->root);
	stamp_keep(f->dir, &f->kernel, &f->spec, &f->parts, DIGEST);
	assert_false(found(f));
	assert_int_equal(stamps(f, NULL), 0);
}

static void a_damaged_stamp_was_never_there(void **state)
{
	static const char *const texts[] = {
		"", "{}", "[]", "null", "{\"image\": 5, \"files\": {\"/\": \"\"}}",
		"{\"image\": \"" DIGEST "\"}", "{\"image\": \"" DIGEST "\", \"files\": {}}",
		"{\"image\": \"" DIGEST "\", \"files\": []}", "{\"image\": \"" DIGEST "\", \"files\": {\"/\": 1}}",
		"{\"image\": \"" DIGEST "0\", \"files\": {\"/no/such/file\": null}}",
		"{\"image\": \"short\", \"files\": {\"/no/such/file\": null}}",
		"{\"image\": \"" DIGEST "\", \"image\": \"\", \"files\": {\"/no/such/file\": null}}",
	};
	AUTO_FREE char *path = NULL, *text = NULL;
	struct fixture *f = *state;
	struct rig_err err;
	size_t len;

	assert_int_equal(stamps(f, &path), 1);
	assert_int_equal(io_read_file(path, 1u << 20, &text, &len, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		store(path, texts[i]);
		if (found(f))
			fail_msg("found by '%s'", texts[i]);
	}
	/* cut short anywhere; the last byte is a newline or nothing that counts */
	for (size_t n = 0; n + 2 < len; n += 7) {
		assert_int_equal(io_write_file(path, text, n, &err), 0);
		assert_false(found(f));
	}
	store(path, "{\"image\": \"" DIGEST "\", \"files\": {\"/no/such/file\": null}}");
	assert_true(found(f));
	store(path, text);
	assert_true(found(f));
}

#define STAMP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAMP_TEST(the_same_files_are_found),
		STAMP_TEST(each_file_is_watched),
		STAMP_TEST(a_list_that_appears_is_a_change),
		STAMP_TEST(another_question_has_another_answer),
		STAMP_TEST(each_question_has_its_stamp),
		STAMP_TEST(what_is_no_text_has_no_stamp),
		STAMP_TEST(a_damaged_stamp_was_never_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
