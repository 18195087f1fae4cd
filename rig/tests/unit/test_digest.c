// SPDX-License-Identifier: GPL-2.0-or-later
/* A digest that is remembered must never outlive the bytes it was made of. */
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
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/digest.h"

struct place {
	char dir[64];
	char *file, *memory;
};

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));
	struct rig_err err;

	strcpy(p->dir, "/tmp/hotrig-digest-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	setenv("HOTRIG_CACHE", p->dir, 1);
	p->file = xasprintf("%s/file", p->dir);
	p->memory = xasprintf("%s/digests", p->dir);
	assert_int_equal(io_write_file(p->file, "abc", 3, &err), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct rig_err err;

	assert_int_equal(io_remove_tree(p->dir, &err), 0);
	unsetenv("HOTRIG_CACHE");
	free(p->file);
	free(p->memory);
	free(p);
	return 0;
}

static void expect_digest(const struct place *p, const char *start)
{
	struct rig_err err;
	char hex[65];

	assert_int_equal(digest_file(p->file, hex, &err), 0);
	assert_int_equal(strlen(hex), 64);
	assert_int_equal(strncmp(hex, start, strlen(start)), 0);
}

/* The one file of the memory; NULL: nothing is remembered. */
static char *remembered(const struct place *p)
{
	DIR *d = opendir(p->memory);
	struct dirent *e;
	char *path = NULL;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.') {
			assert_null(path);
			path = xasprintf("%s/%s", p->memory, e->d_name);
		}
	if (d)
		closedir(d);
	return path;
}

/* What the memory would hold had the file been left alone for long. */
static char *plant(const struct place *p, const char *hex)
{
	AUTO_FREE char *text = NULL;
	char *path;
	struct rig_err err;
	struct stat st;

	assert_int_equal(stat(p->file, &st), 0);
	path = xasprintf("%s/%jx-%ju", p->memory, (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	text = xasprintf("%jd bytes, changed %jd.%09ld %jd.%09ld: %s\n", (intmax_t)st.st_size,
			 (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
			 st.st_ctim.tv_nsec, hex);
	assert_int_equal(io_mkdirs(p->memory, &err), 0);
	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
	return path;
}

#define ABC "ba7816bf8f01cfea"
#define ABD "a52d159f262b2c6d"
#define PLANTED "1111111111111111111111111111111111111111111111111111111111111111"

static void test_new_file_is_not_remembered(void **state)
{
	AUTO_FREE char *path = NULL;

	expect_digest(*state, ABC);
	path = remembered(*state);
	assert_null(path);
}

static void test_memory_is_used(void **state)
{
	free(plant(*state, PLANTED));

	expect_digest(*state, PLANTED);
}

static void test_change_is_seen(void **state)
{
	struct place *p = *state;
	const struct timespec past[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	AUTO_CLOSE int fd = open(p->file, O_WRONLY);

	free(plant(p, PLANTED));
	assert_int_equal(pwrite(fd, "d", 1, 2), 1);
	expect_digest(p, ABD);
	/* the time of the last change of the inode cannot be set back */
	assert_int_equal(futimens(fd, past), 0);
	expect_digest(p, ABD);
}

static void test_damaged_memory_is_ignored(void **state)
{
	free(plant(*state, "11"));

	expect_digest(*state, ABC);
	free(plant(*state, "z111111111111111111111111111111111111111111111111111111111111111"));
	expect_digest(*state, ABC);
}

static void test_what_is_no_file_is_refused(void **state)
{
	struct place *p = *state;
	struct rig_err err;
	char hex[65] = "untouched";

	assert_int_equal(digest_file(p->dir, hex, &err), -EINVAL);
	assert_int_equal(digest_file("/nonexistent", hex, &err), -ENOENT);
	assert_string_equal(hex, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new_file_is_not_remembered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory_is_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_change_is_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_memory_is_ignored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_no_file_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
