// SPDX-License-Identifier: GPL-2.0-or-later
/* One reading of a file of pages: what counts, what is an error, what can never be. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clean.h"
#include "guest_agent/walk_file.h"

#define NOPAGE (1ull << 20)

static char path[] = "/tmp/hotrig-walk-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	return close(mkstemp(path));
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void put(const void *data, size_t len, long at)
{
	AUTO_FCLOSE FILE *f = fopen(path, "r+e");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(data, len, 1, f), 1);
}

static void empty(void)
{
	assert_int_equal(truncate(path, 0), 0);
}

static int walk(const char *name, struct walk_state *ret)
{
	struct walk_file file = *walk_file_find(name);

	file.path = path;
	*ret = (struct walk_state){ 0 };
	return file.round(&file, ret);
}

static int pick(const char *name, struct walk_state *ret)
{
	struct walk_file file = *walk_file_find(name);

	file.path = path;
	*ret = (struct walk_state){ 0 };
	return file.pick(&file, ret);
}

static void names_are_known(void **state)
{
	const struct walk_file *f;
	unsigned int i;

	(void)state;
	for (i = 0; (f = walk_file_at(i)); i++)
		assert_ptr_equal(walk_file_find(f->name), f);
	assert_true(i >= 8);
	assert_null(walk_file_find("mem"));
	assert_null(walk_file_find(""));
}

/* What is there for a moment is met by picking: the last page of each block. */
static void some_pages_are_picked(void **state)
{
	static const uint64_t pages[2 * 512], wrong = UINT64_MAX;
	struct walk_state s;

	(void)state;
	empty();
	put(pages, sizeof(pages), 0);
	assert_int_equal(walk("kpageflags", &s), 0);
	assert_int_equal(s.bytes, sizeof(pages));
	assert_int_equal(pick("kpageflags", &s), 0);
	assert_int_equal(s.bytes, 2 * sizeof(*pages));
	put(&wrong, sizeof(wrong), 1022 * sizeof(*pages));
	assert_int_equal(pick("kpageflags", &s), 0);
	put(&wrong, sizeof(wrong), 1023 * sizeof(*pages));
	assert_int_equal(pick("kpageflags", &s), -1);
	assert_int_equal(s.offset, 1023 * sizeof(*pages));
	assert_int_equal(pick("kpagecount", &s), 0);
}

static void flags_of_pages_are_right(void **state)
{
	const uint64_t pages[] = { NOPAGE, 0, 1ull << 32 | 1 << 4, 1ull << 42 };
	struct walk_state s;

	(void)state;
	empty();
	put(pages, sizeof(pages), 0);
	assert_int_equal(walk("kpageflags", &s), 0);
	assert_int_equal(s.bytes, sizeof(pages));
	assert_int_equal(s.eno, 0);
	assert_string_equal(s.wrong, "");
}

static void what_no_page_can_be_is_wrong(void **state)
{
	const uint64_t wrong[] = { NOPAGE | 1, 1ull << 48, UINT64_MAX };
	struct walk_state s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		empty();
		put(&wrong[i], sizeof(*wrong), 2 << 20);	/* behind a chunk of good ones */
		assert_int_equal(walk("kpageflags", &s), -1);
		assert_int_equal(s.offset, 2 << 20);
		assert_non_null(strstr(s.wrong, "pfn 0x40000 "));
		assert_int_equal(walk("kpagecount", &s), 0);	/* of these every number is good */
	}
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
	static const char *const names[] = { "kpageflags", "kcore", "zoneinfo" };
	struct walk_state s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct walk_file file = *walk_file_find(names[i]);

		s = (struct walk_state){ 0 };
		file.path = "/proc/self/mem";
		assert_int_equal(file.round(&file, &s), -1);
		assert_int_equal(s.eno, EIO);
		assert_int_equal(file.pick ? file.pick(&file, &s) : -1, -1);
		file.path = "/nonexistent";
		assert_int_equal(file.round(&file, &s), -1);
		assert_int_equal(s.eno, ENOENT);
	}
}

/* A memmap of one MiB, RAM of 8 MiB, an image, and 16 TiB of vmalloc space that would take for ever. */
static void pages_of_a_core_are_sampled(void **state)
{
	const Elf64_Ehdr head = { .e_ident = ELFMAG, .e_phoff = sizeof(head), .e_phnum = 5 };
	const Elf64_Phdr segments[] = {
		{ .p_type = PT_NOTE, .p_filesz = 100 },
		{ .p_type = PT_LOAD, .p_offset = 4096, .p_vaddr = 0xffffea0000000000, .p_paddr = ~0ull, .p_filesz = 1 << 20 },
		{ .p_type = PT_LOAD, .p_offset = 1 << 20, .p_vaddr = 0xffff888000000000, .p_filesz = 8 << 20 },
		{ .p_type = PT_LOAD, .p_offset = 4096, .p_vaddr = 0xffffffff81000000, .p_filesz = 8 << 20 },
		{ .p_type = PT_LOAD, .p_offset = 4096, .p_vaddr = 0xffffc90000000000, .p_paddr = ~0ull,
		  .p_filesz = 1ull << 44 },
	};
	struct walk_state s;

	(void)state;
	empty();
	put(&head, sizeof(head), 0);
	assert_int_equal(truncate(path, 9 << 20), 0);
	put(segments, sizeof(segments), sizeof(head));
	assert_int_equal(walk("kcore", &s), 0);
	assert_int_equal(s.bytes, ((1 << 20) / 32768 + 4) * 4096);
	put("X", 1, 0);
	assert_int_equal(walk("kcore", &s), -1);
	assert_non_null(strstr(s.wrong, "no ELF header"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_known),
		cmocka_unit_test(some_pages_are_picked),
		cmocka_unit_test(flags_of_pages_are_right),
		cmocka_unit_test(what_no_page_can_be_is_wrong),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(pages_of_a_core_are_sampled),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
