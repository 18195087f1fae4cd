// SPDX-License-Identifier: GPL-2.0-or-later
/* What a template's memory gives back: content stays, room goes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "template/trim.h"

#define KIB 1024u
#define MIB (1024u * KIB)
#define SIZE (8u * MIB + 12 * KIB)

/* Zeroes that were written, with @nr marks at @at. */
static int make_file(const char *dir, const size_t *at, size_t nr, char *ret)
{
	AUTO_FREE char *path = xasprintf("%s/trim.XXXXXX", dir);
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	memset(ret, 0, SIZE);
	for (size_t i = 0; i < nr; i++)
		ret[at[i]] = 'x';
	assert_int_equal(write(fd, ret, SIZE), SIZE);
	assert_int_equal(fsync(fd), 0);
	return fd;
}

static uint64_t room(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void assert_content(int fd, const char *want)
{
	AUTO_FREE char *got = xcalloc(1, SIZE);

	assert_int_equal(pread(fd, got, SIZE, 0), SIZE);
	assert_memory_equal(got, want, SIZE);
}

static void trims(const size_t *at, size_t nr, uint64_t most)
{
	AUTO_FREE char *want = xcalloc(1, SIZE);
	AUTO_CLOSE int fd = make_file(".", at, nr, want);
	struct rig_err err;

	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 * KIB) < 0) {
		print_message("SKIP: no holes in files here\n");
		return;
	}
	want[0] = 0;
	assert_int_equal(trim_zeroes(fd, "ram0", &err), 0);
	assert_content(fd, want);
	assert_true(room(fd) <= most);
	/* and once more, with the holes that it has now */
	assert_int_equal(trim_zeroes(fd, "ram0", &err), 0);
	assert_content(fd, want);
	assert_true(room(fd) <= most);
}

static void zeroes_become_a_hole(void **state)
{
	(void)state;
	trims(NULL, 0, 2 * 64 * KIB);	/* the head behind a hole, and the tail */
}

static void each_block_with_a_byte_stays(void **state)
{
	static const size_t at[] = { 64 * KIB, 3 * MIB - 1, 3 * MIB, 8 * MIB + 4 * KIB };

	(void)state;
	trims(at, ARRAY_SIZE(at), 5 * 64 * KIB);
}

static void what_was_never_written_is_given_back(void **state)
{
	AUTO_FREE char *want = xcalloc(1, SIZE);
	char path[] = "./trim.XXXXXX";
	AUTO_CLOSE int fd = mkstemp(path);
	struct rig_err err;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	if (posix_fallocate(fd, 0, SIZE) || room(fd) < SIZE) {
		print_message("SKIP: no room can be kept here\n");
		return;
	}
	assert_int_equal(trim_zeroes(fd, "ram0", &err), 0);
	assert_content(fd, want);
	assert_true(room(fd) <= 64 * KIB);
}

static void memory_is_left_alone(void **state)
{
	AUTO_FREE char *want = xcalloc(1, SIZE);
	struct rig_err err;

	(void)state;
	if (access("/dev/shm", W_OK) < 0) {
		print_message("SKIP: no /dev/shm\n");
		return;
	}
	{
		AUTO_CLOSE int fd = make_file("/dev/shm", NULL, 0, want);

		assert_int_equal(trim_zeroes(fd, "ram0", &err), 0);
		assert_content(fd, want);
		assert_true(room(fd) >= SIZE);
	}
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
	char path[] = "./trim.XXXXXX";
	int made = mkstemp(path);
	struct rig_err err;

	(void)state;
	assert_true(made >= 0);
	assert_int_equal(write(made, "x", 1), 1);
	close(made);
	{
		AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

		unlink(path);
		assert_true(fd >= 0);
		assert_true(trim_zeroes(fd, "ram0", &err) < 0);
		assert_int_equal(err.cause, RIG_HOST);
		assert_non_null(strstr(err.text, "'ram0'"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroes_become_a_hole),
		cmocka_unit_test(each_block_with_a_byte_stays),
		cmocka_unit_test(what_was_never_written_is_given_back),
		cmocka_unit_test(memory_is_left_alone),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
