// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"
#include "fake_modules.h"
#include "image/cpio.h"

static const struct cpio_member members[] = {
	{ .path = "/init", .mode = S_IFREG | 0755, .data = "hello", .len = 5 },
	{ .path = "/tmp", .mode = S_IFDIR | 01777 },
	{ .path = "/dev/console", .mode = S_IFCHR | 0600, .major = 5, .minor = 1 },
	{ .path = "/usr/bin/tool", .mode = S_IFREG | 0755, .data = "\0x\0", .len = 3 },
	{ .path = "/usr", .mode = S_IFDIR | 0700 },	/* there already: not again */
	{ .path = "/usr/bin/empty", .mode = S_IFREG | 0644 },
};

/* what must be read back, folders above included */
static const struct {
	const char *path;
	mode_t mode;
	const char *data;
	size_t len;
} expected[] = {
	{ "init",		S_IFREG | 0755,		"hello", 5 },
	{ "tmp",		S_IFDIR | 01777,	NULL, 0 },
	{ "dev",		S_IFDIR | 0755,		NULL, 0 },
	{ "dev/console",	S_IFCHR | 0600,		NULL, 0 },
	{ "usr",		S_IFDIR | 0755,		NULL, 0 },
	{ "usr/bin",		S_IFDIR | 0755,		NULL, 0 },
	{ "usr/bin/tool",	S_IFREG | 0755,		"\0x\0", 3 },
	{ "usr/bin/empty",	S_IFREG | 0644,		NULL, 0 },
};

static char *make_archive(size_t *len)
{
	struct cpio *c = NULL;
	struct rig_err err;
	char *data = NULL;

	assert_int_equal(cpio_create(&c, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		assert_int_equal(cpio_add(c, &members[i], &err), 0);
	assert_int_equal(cpio_finish(c, &data, len, &err), 0);
	cpio_destroy(c);
	return data;
}

static void test_reads_back(void **state)
{
	size_t len, i;
	AUTO_FREE char *data = make_archive(&len);
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	char content[16];

	(void)state;
	assert_memory_equal(data, "070701", 6);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_memory(a, data, len), ARCHIVE_OK);
	for (i = 0; archive_read_next_header(a, &e) == ARCHIVE_OK; i++) {
		assert_in_range(i, 0, ARRAY_SIZE(expected) - 1);
		assert_string_equal(archive_entry_pathname(e), expected[i].path);
		assert_int_equal(archive_entry_mode(e), expected[i].mode);
		assert_int_equal(archive_entry_size(e), expected[i].len);
		assert_int_equal(archive_entry_ino(e), i + 1);
		assert_int_equal(archive_entry_mtime(e), 0);
		assert_int_equal(archive_entry_uid(e), 0);
		assert_int_equal(archive_entry_gid(e), 0);
		if (S_ISCHR(expected[i].mode)) {
			assert_int_equal(archive_entry_rdevmajor(e), 5);
			assert_int_equal(archive_entry_rdevminor(e), 1);
		}
		assert_int_equal(archive_read_data(a, content, sizeof(content)), expected[i].len);
		if (expected[i].len)
			assert_memory_equal(content, expected[i].data, expected[i].len);
	}
	assert_int_equal(i, ARRAY_SIZE(expected));
	archive_read_free(a);
}

static void test_same_bytes(void **state)
{
	size_t len, again_len;
	AUTO_FREE char *data = make_archive(&len), *again = NULL;

	(void)state;
	again = make_archive(&again_len);
	assert_int_equal(len, again_len);
	assert_memory_equal(data, again, len);
}

static void test_lists(void **state)
{
	json_auto_t *list = NULL;
	struct rig_err err;
	size_t len;
	AUTO_FREE char *data = make_archive(&len);

	(void)state;
	assert_int_equal(cpio_list(data, len, &list, &err), 0);
	assert_int_equal(json_array_size(list), ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		json_t *m = json_array_get(list, i);

		assert_string_equal(json_string_value(json_object_get(m, "path")) + 1,
				    expected[i].path);
		assert_int_equal(json_integer_value(json_object_get(m, "size")), expected[i].len);
	}
}

/* cut at every byte: without its trailer an archive is not whole */
static void test_list_refuses_damage(void **state)
{
	json_t *list = NULL;
	struct rig_err err;
	size_t len, trailer;
	AUTO_FREE char *data = make_archive(&len);

	(void)state;
	trailer = (size_t)((char *)memmem(data, len, "TRAILER!!!", 10) - data) + 10;
	for (size_t n = 0; n < trailer; n++)
		assert_int_equal(cpio_list(data, n, &list, &err), -EBADMSG);
	assert_int_equal(cpio_list("rubbish, not an archive", 23, &list, &err), -EBADMSG);
	assert_null(list);
}

/* -ENOENT: there is none */
static int list_with_program(char *path)
{
	char *argv[] = { (char *)"cpio", (char *)"-t", (char *)"--quiet", (char *)"-F", path,
			 NULL };
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct rig_err err;
	int r = proc_run(argv, NULL, NULL, clock_in_ms(20000), &result, &err);

	if (r < 0)
		return r;
	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "init\ntmp\ndev\ndev/console\nusr\nusr/bin\n"
			    "usr/bin/tool\nusr/bin/empty\n");
	return 0;
}

/* the other implementation, where it is installed */
static void test_cpio_program_agrees(void **state)
{
	char *folder = fake_folder_create(), *path = xasprintf("%s/archive", folder);
	struct rig_err err;
	size_t len;
	char *data = make_archive(&len);
	int r;

	(void)state;
	assert_int_equal(io_write_file(path, data, len, &err), 0);
	r = list_with_program(path);
	free(data);
	free(path);
	fake_folder_destroy(folder);
	if (r == -ENOENT)
		skip();
	assert_int_equal(r, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_back),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_list_refuses_damage),
		cmocka_unit_test(test_cpio_program_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
