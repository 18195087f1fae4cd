// SPDX-License-Identifier: GPL-2.0-or-later
/* Templates as they are made, used and listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "sample_template.h"
#include "template/manifest.h"

static void assert_says(const struct rig_err *err, const char *part)
{
	if (!strstr(err->text, part))
		fail_msg("expected '%s' in '%s'", part, err->text);
}

/* --- making and using --- */

static void there_is_none_before_it_is_whole(void **state)
{
	struct template t = { 0 };
	struct template_entry *list;
	struct template_draft *d;
	struct rig_err err;
	size_t nr;

	(void)state;
	assert_int_equal(template_open(KEY_A, 0, &t, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_MISSING);
	d = sample_begin(KEY_A);
	sample_fill(d);
	assert_int_equal(template_open(KEY_A, 0, &t, &err), -ENOENT);
	assert_int_equal(template_list(&list, &nr, &err), 0);
	assert_int_equal(nr, 0);
	template_list_free(list, nr);
	assert_null(t.dir);
	template_close(&t);		/* of nothing */
	template_draft_destroy(d);
	assert_int_equal(sample_folders("aaaa"), 1);	/* the lock of its key */
	assert_int_equal(template_open(KEY_A, 0, &t, &err), -ENOENT);
	template_draft_destroy(NULL);
}

static void a_template_is_read_back(void **state)
{
	const uint64_t bytes[] = { SAMPLE_RAM, 0, SAMPLE_RAM / 2 };
	json_auto_t *about = json_pack("{ss}", "kernel", "debian:6.1");
	AUTO_FREE char *text = NULL, *untouched = NULL;
	struct template_draft *d = NULL;
	struct template t, other;
	struct rig_err err;
	struct stat st;
	size_t len;

	(void)state;
	assert_int_equal(template_draft_create(KEY_A, 7, bytes, 3, LATE, &d, &err), 0);
	sample_fill(d);
	assert_int_equal(template_draft_file(d, "state", &err), -EEXIST);
	assert_int_equal(template_draft_commit(d, about, &err), 0);
	template_draft_destroy(d);
	assert_int_equal(template_open(KEY_A, 0, &t, &err), -ENOENT);	/* another variant */
	assert_int_equal(template_open(KEY_A, 7, &t, &err), 0);
	assert_string_equal(json_string_value(json_object_get(t.about, "kernel")), "debian:6.1");
	assert_string_equal(json_string_value(json_object_get(t.about, "key")), KEY_A);
	assert_int_equal(template_read(&t, "state", &text, &len, &err), 0);
	assert_int_equal(len, strlen(SAMPLE_STATE));
	assert_string_equal(text, SAMPLE_STATE);
	assert_int_equal(template_read(&t, "console", &untouched, &len, &err), -ENOENT);
	assert_int_equal(stat(sample_path("aaaaaaaaaaaaaaaa-7", "ram0"), &st), 0);
	assert_int_equal(st.st_size, SAMPLE_RAM);
	assert_int_equal(stat(sample_path("aaaaaaaaaaaaaaaa-7", "ram1"), &st), -1);	/* no memory, no file */
	assert_int_equal(stat(sample_path("aaaaaaaaaaaaaaaa-7", "ram2"), &st), 0);
	assert_int_equal(st.st_size, SAMPLE_RAM / 2);
	assert_string_equal(t.ram, sample_path("aaaaaaaaaaaaaaaa-7", "ram"));
	assert_int_equal(template_verify(&t, &err), 0);
	/* two may use it at the same time */
	assert_int_equal(template_open(KEY_A, 7, &other, &err), 0);
	template_close(&other);
	template_close(&t);
	template_close(&t);
}

/* The same first digits, another machine: never handed out. */
static void of_a_key_only_digits_alike_is_not_it(void **state)
{
	struct template t = { 0 };
	struct rig_err err;

	(void)state;
	sample_make(KEY_A);
	assert_int_equal(template_open("aaaaaaaaaaaaaaaa9", 0, &t, &err), -ESTALE);
	assert_says(&err, "'" NAME_A "'");
	assert_says(&err, "of another machine");
	assert_null(t.dir);
	assert_false(sample_exists(NAME_A));
}

/* Room that the guest never used is given back, but on tmpfs, where it might be gone when it is read. */
static void unused_room_is_given_back(void **state)
{
	struct template_entry *list;
	struct template_draft *d;
	struct rig_err err;
	struct statfs fs;
	struct stat st;
	size_t nr;

	d = sample_begin(KEY_A);
	assert_int_equal(statfs(*state, &fs), 0);
	sample_commit(d);
	assert_int_equal(template_list(&list, &nr, &err), 0);
	assert_int_equal(nr, 1);
	if (fs.f_type == TMPFS_MAGIC)
		assert_true(list[0].bytes >= SAMPLE_RAM);
	else
		assert_true(list[0].bytes < SAMPLE_RAM / 2);
	template_list_free(list, nr);
	assert_int_equal(stat(sample_path(NAME_A, "ram0"), &st), 0);
	assert_int_equal(st.st_size, SAMPLE_RAM);
	assert_int_equal(template_check(NAME_A, &err), 0);
}

/* --- the digest of memory --- */

/* A folder with 1 MiB of memory: @bytes at @at, zeroes elsewhere, which are holes, reserved or written. */
static void write_memory(const char *dir, unsigned int zeroes, off_t at, const char *bytes)
{
	AUTO_FREE char *path = xasprintf("%s/ram0", dir), *blank = xcalloc(1, 1 << 20);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(zeroes == 0 ? ftruncate(fd, 1 << 20) : zeroes == 1 ? posix_fallocate(fd, 0, 1 << 20) :
			 io_write_all(fd, blank, 1 << 20), 0);
	assert_int_equal(pwrite(fd, bytes, strlen(bytes), at), strlen(bytes));
}

static char *digest_of(const char *dir)
{
	AUTO_CLOSE int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	json_auto_t *about = json_object(), *manifest = NULL;
	struct rig_err err;
	const char *hex;

	if (manifest_make(fd, about, &manifest, &err) < 0)
		fail_msg("%s", err.text);
	hex = json_string_value(json_object_get(json_object_get(json_object_get(manifest, "files"), "ram0"), "sha256"));
	assert_int_equal(strlen(hex), 64);
	return xstrdup(hex);
}

static void zeroes_are_zeroes_however_they_are_kept(void **state)
{
	static const struct { off_t at; const char *bytes; } other[] = {
		{ 0, "memory" },			/* the same page at another place */
		{ 0x43008, "memory" },			/* the same bytes elsewhere in it */
		{ 0x43000, "memorz" },
		{ 0xfffff, "y" },			/* the last byte */
		{ 0, "" },
	};

	AUTO_FREE char *holes = NULL;

	write_memory(*state, 0, 0x43000, "memory");
	holes = digest_of(*state);
	for (unsigned int zeroes = 1; zeroes <= 2; zeroes++) {
		AUTO_FREE char *same = NULL;

		write_memory(*state, zeroes, 0x43000, "memory");
		same = digest_of(*state);
		assert_string_equal(holes, same);
	}
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		AUTO_FREE char *differs = NULL;

		write_memory(*state, i % 3, other[i].at, other[i].bytes);
		differs = digest_of(*state);
		assert_string_not_equal(holes, differs);
	}
}

static void memory_is_known_by_its_name(void **state)
{
	(void)state;
	assert_true(manifest_is_ram("ram0"));
	assert_true(manifest_is_ram("ram3"));
	assert_false(manifest_is_ram("ram"));
	assert_false(manifest_is_ram("ramx"));
	assert_false(manifest_is_ram("ram10"));
	assert_false(manifest_is_ram("state"));
}

/* --- lists --- */

static void lists_show_the_last_used_first(void **state)
{
	struct template_entry *list;
	struct template_draft *d;
	struct template t;
	struct rig_err err;
	size_t nr;

	(void)state;
	sample_make(KEY_A);
	sample_make(KEY_B);
	sample_make(KEY_C);
	sample_set_used(NAME_A, 1000);
	sample_set_used(NAME_B, 3000);
	sample_set_used(NAME_C, 2000);
	sample_change_byte(NAME_C, "state", 0, false);
	d = sample_begin("dddddddddddddddd");	/* one that is being made is not shown */
	sample_open(KEY_A, &t);			/* which is a use */
	assert_int_equal(template_list(&list, &nr, &err), 0);
	assert_int_equal(nr, 3);
	assert_string_equal(list[0].name, NAME_A);
	assert_true(list[0].in_use);
	assert_true(list[0].used > 3000 && list[0].made > 3000);
	assert_string_equal(json_string_value(json_object_get(list[0].about, "kernel")), "debian:6.1");
	assert_string_equal(list[1].name, NAME_B);
	assert_false(list[1].in_use);
	assert_int_equal(list[1].used, 3000);
	assert_null(list[1].damage);
	assert_in_range(list[1].bytes, SAMPLE_RAM, SAMPLE_RAM + (1 << 20));
	assert_string_equal(list[2].name, NAME_C);
	assert_non_null(strstr(list[2].damage, "'state' has other bytes"));
	assert_null(list[2].about);
	assert_int_equal(list[2].used, 0);
	template_list_free(list, nr);
	template_close(&t);
	template_draft_destroy(d);
}

#define TEMPLATE_TEST(name) cmocka_unit_test_setup_teardown(name, sample_store_set_up, sample_store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMPLATE_TEST(there_is_none_before_it_is_whole),
		TEMPLATE_TEST(a_template_is_read_back),
		TEMPLATE_TEST(of_a_key_only_digits_alike_is_not_it),
		TEMPLATE_TEST(unused_room_is_given_back),
		TEMPLATE_TEST(zeroes_are_zeroes_however_they_are_kept),
		TEMPLATE_TEST(memory_is_known_by_its_name),
		TEMPLATE_TEST(lists_show_the_last_used_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
