// SPDX-License-Identifier: GPL-2.0-or-later
/* Page tables right and wrong, in memory made up: what is mapped is found, the rest ends with an error. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_guest.h"
#include "witness/kernel_space.h"

#define PRESENT 1ull
#define LARGE	0x80ull
#define TIB	(1ull << 40)

struct fixture {
	struct sample_guest g;
	struct kernel_space space;
};

static void setup(struct fixture *f, unsigned int levels)
{
	sample_guest_init(&f->g, levels);
	page_tables_init(&f->space.tables, &f->g.memory, GUEST_TOP, levels);
	f->g.reads = 0;
}

static struct fixture *fixture_create(unsigned int levels)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	setup(f, levels);
	return f;
}

static void fixture_destroy(struct fixture *f)
{
	sample_guest_deinit(&f->g);
	free(f);
}

static int translate(struct fixture *f, uint64_t va, uint64_t *gpa, uint64_t *len)
{
	unsigned int before = f->g.reads;
	int r = page_tables_translate(&f->space.tables, va, gpa, len);

	/* whatever is there, a walk is one read for each level at most */
	assert_in_range(f->g.reads - before, 0, f->g.levels);
	return r;
}

static void is_at(struct fixture *f, uint64_t va, uint64_t gpa, uint64_t len)
{
	uint64_t at = 0, there = 0;

	assert_int_equal(translate(f, va, &at, &there), 0);
	assert_int_equal(at, gpa);
	assert_int_equal(there, len);
}

static void is_error(struct fixture *f, uint64_t va, int error)
{
	uint64_t at, there;

	assert_int_equal(translate(f, va, &at, &there), error);
}

static void pages_of_all_sizes_are_found(void **state)
{
	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		struct fixture *f = fixture_create(levels);
		uint64_t direct = f->g.direct, memmap_32 = f->g.vmemmap + (64ull << 20);

		is_at(f, direct, 0, 1ull << 30);
		is_at(f, direct + (1ull << 30) - 1, (1ull << 30) - 1, 1);
		is_at(f, direct + 0x123456, 0x123456, (1ull << 30) - 0x123456);
		is_at(f, f->g.vmemmap + 5, GUEST_MEMMAP + 5, (2ull << 20) - 5);
		is_at(f, memmap_32 + 4096 + 64, GUEST_MEMMAP_32 + 8192 + 64, 4096 - 64);
		is_at(f, GUEST_TOP_VA + 0xfff, GUEST_TOP + 0xfff, (2ull << 20) - 0xfff);
		/* PAT stands where larger pages say that they are: in the lowest table it means nothing */
		*sample_guest_entry(&f->g, memmap_32, 0) |= LARGE;
		page_tables_forget(&f->space.tables);
		is_at(f, memmap_32, GUEST_MEMMAP_32, 4096);
		/* nor do the bits above the address: no-execute, protection keys */
		*sample_guest_entry(&f->g, memmap_32, 0) |= 0xfff0000000000000ull;
		page_tables_forget(&f->space.tables);
		is_at(f, memmap_32, GUEST_MEMMAP_32, 4096);
		fixture_destroy(f);
	}
}

static void what_is_not_mapped_is_an_error(void **state)
{
	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		struct fixture *f = fixture_create(levels);

		is_error(f, f->g.direct + (1ull << 30), -EFAULT);
		is_error(f, f->g.vmemmap + (64ull << 20) + GUEST_SUBSECTIONS * 8 * 4096, -EFAULT);
		is_error(f, f->g.direct + 16 * TIB, -EFAULT);
		is_error(f, 0, -EFAULT);
		/* the bit above the highest that is translated must be like all above it */
		is_error(f, levels == 4 ? 0x0000800000000000ull : 0x0100000000000000ull, -EFAULT);
		is_error(f, f->g.direct ^ 1ull << 63, -EFAULT);
		fixture_destroy(f);
	}
}

static void wrong_tables_are_an_error(void **state)
{
	(void)state;
	for (unsigned int level = 1; level < 5; level++) {
		struct fixture *f = fixture_create(5);
		uint64_t va = f->g.vmemmap + (64ull << 20), *entry = sample_guest_entry(&f->g, va, level);
		uint64_t right = *entry;

		/* a table right behind RAM, and one at the highest address */
		*entry = GUEST_RAM_BYTES | PRESENT;
		is_error(f, va, -EBADMSG);
		page_tables_forget(&f->space.tables);
		*entry = 0x000ffffffffff000ull | PRESENT;
		is_error(f, va, -EBADMSG);
		page_tables_forget(&f->space.tables);
		/* pages of 512 GiB and of 256 TiB are none */
		*entry = right | LARGE;
		is_error(f, va, level > 2 ? -EBADMSG : 0);
		page_tables_forget(&f->space.tables);
		*entry = right;
		is_at(f, va, GUEST_MEMMAP_32, 4096);
		fixture_destroy(f);
	}
}

static void loops_end(void **state)
{
	struct fixture *f = fixture_create(5);
	uint64_t gpa, len;

	(void)state;
	for (size_t i = 0; i < PAGE_TABLE_ENTRIES; i++)
		*sample_guest_word(&f->g, GUEST_TOP + i * 8) = GUEST_TOP | PRESENT;
	/* the page that it finds is the table itself, which is what the processor would find */
	assert_int_equal(translate(f, f->g.direct + 0x123, &gpa, &len), 0);
	assert_int_equal(gpa, GUEST_TOP + 0x123);
	assert_int_equal(len, 4096 - 0x123);
	fixture_destroy(f);
}

static void looks_like(struct fixture *f, uint64_t va, bool mapped, uint64_t len, unsigned int attributes)
{
	struct page_mapping m;

	page_tables_forget(&f->space.tables);
	assert_int_equal(page_tables_look(&f->space.tables, va, &m), 0);
	assert_int_equal(m.mapped, mapped);
	assert_int_equal(m.len, len);
	assert_int_equal(m.attributes, attributes);
}

#define WRITABLE   2ull
#define USER	   4ull
#define NO_CACHE   0x10ull
#define NO_EXECUTE (1ull << 63)

static void all_levels_together_allow(void **state)
{
	struct fixture *f = fixture_create(4);
	uint64_t va = f->g.vmemmap + (64ull << 20);

	(void)state;
	for (unsigned int level = 0; level < 4; level++)
		*sample_guest_entry(&f->g, va, level) |= WRITABLE | USER;
	looks_like(f, va, true, 4096, MAPPING_WRITABLE | MAPPING_EXECUTABLE | MAPPING_USER);
	for (unsigned int level = 0; level < 4; level++) {
		uint64_t *entry = sample_guest_entry(&f->g, va, level), right = *entry;

		*entry = right & ~WRITABLE;
		looks_like(f, va, true, 4096, MAPPING_EXECUTABLE | MAPPING_USER);
		*entry = right & ~USER;
		looks_like(f, va, true, 4096, MAPPING_WRITABLE | MAPPING_EXECUTABLE);
		*entry = right | NO_EXECUTE;
		looks_like(f, va, true, 4096, MAPPING_WRITABLE | MAPPING_USER);
		*entry = right;
	}
	/* the memory type is that of the page; of larger pages PAT is bit 12 */
	*sample_guest_entry(&f->g, va, 0) |= LARGE;
	looks_like(f, va, true, 4096, MAPPING_WRITABLE | MAPPING_EXECUTABLE | MAPPING_USER | MAPPING_UNCACHED);
	*sample_guest_entry(&f->g, va, 0) ^= LARGE | NO_CACHE;
	looks_like(f, va, true, 4096, MAPPING_WRITABLE | MAPPING_EXECUTABLE | MAPPING_USER | MAPPING_UNCACHED);
	*sample_guest_entry(&f->g, f->g.vmemmap, 1) |= 1ull << 12;
	looks_like(f, f->g.vmemmap, true, 2ull << 20, MAPPING_WRITABLE | MAPPING_EXECUTABLE | MAPPING_UNCACHED);
	fixture_destroy(f);
}

/* Of what is not mapped, as much as the empty entry would map; so that whoever looks for the next need not look long. */
static void holes_are_as_large_as_their_entry(void **state)
{
	struct fixture *f = fixture_create(5);

	(void)state;
	looks_like(f, f->g.direct + (1ull << 30) + 4096, false, (1ull << 30) - 4096, 0);
	looks_like(f, f->g.direct + 16 * TIB, false, 512ull << 30, 0);
	looks_like(f, f->g.vmemmap + (64ull << 20) + GUEST_SUBSECTIONS * 8 * 4096, false, 4096, 0);
	looks_like(f, 1ull << 60, false, 1, 0);
	fixture_destroy(f);
}

static void neighbours_share_tables(void **state)
{
	struct fixture *f = fixture_create(4);
	uint64_t va = f->g.vmemmap + (64ull << 20);

	(void)state;
	is_at(f, va, GUEST_MEMMAP_32, 4096);
	assert_int_equal(f->g.reads, 4);
	is_at(f, va + 4096, GUEST_MEMMAP_32 + 8192, 4096);
	assert_int_equal(f->g.reads, 4);
	/* what was kept counts until it is forgotten */
	*sample_guest_entry(&f->g, va, 0) = 0;
	is_at(f, va, GUEST_MEMMAP_32, 4096);
	page_tables_forget(&f->space.tables);
	is_error(f, va, -EFAULT);
	/* a table that could not be read is not kept */
	page_tables_forget(&f->space.tables);
	f->g.broken = -ESRCH;
	is_error(f, va + 4096, -ESRCH);
	f->g.broken = 0;
	is_at(f, va + 4096, GUEST_MEMMAP_32 + 8192, 4096);
	fixture_destroy(f);
}

static void views_cross_pages(void **state)
{
	struct fixture *f = fixture_create(4);
	struct kernel_memory m = kernel_space_memory(&f->space);
	uint64_t va = f->g.vmemmap + (64ull << 20), word;
	const unsigned char *view;

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		memset(f->g.ram + GUEST_MEMMAP_32 + i * 8192, (int)i + 1, 4096);
	assert_int_equal(m.view(m.arg, va + 4000, 8192, (const void **)&view), 0);
	assert_int_equal(view[0], 1);
	assert_int_equal(view[95], 1);
	assert_int_equal(view[96], 2);
	assert_int_equal(view[96 + 4095], 2);
	assert_int_equal(view[96 + 4096], 3);
	/* all of it or nothing */
	assert_int_equal(m.view(m.arg, va, GUEST_SUBSECTIONS * 8 * 4096, (const void **)&view), 0);
	assert_int_equal(m.view(m.arg, va, GUEST_SUBSECTIONS * 8 * 4096 + 1, (const void **)&view), -EFAULT);
	assert_int_equal(m.view(m.arg, f->g.direct, m.max_bytes + 1, (const void **)&view), -EFAULT);
	assert_int_equal(m.view(m.arg, UINT64_MAX - 7, 16, (const void **)&view), -EFAULT);
	/* mapped, but beside RAM */
	assert_int_equal(m.view(m.arg, f->g.direct + GUEST_RAM_BYTES - 8, 16, (const void **)&view), -EFAULT);
	assert_int_equal(kernel_memory_copy(&m, f->g.direct + GUEST_TOP, &word, sizeof(word)), 0);
	/* more than one view */
	{
		AUTO_FREE unsigned char *all = xcalloc(1, GUEST_RAM_BYTES);

		assert_int_equal(kernel_memory_copy(&m, f->g.direct, all, GUEST_RAM_BYTES), 0);
		assert_memory_equal(all, f->g.ram, GUEST_RAM_BYTES);
	}
	fixture_destroy(f);
}

/* Property: tables of random words, present more often than not, always end. */
static void random_tables_end(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 60; round++) {
		struct fixture *f = fixture_create(4 + round % 2);
		struct kernel_memory m = kernel_space_memory(&f->space);
		unsigned int seed = round + 1;
		const void *view;

		for (uint64_t at = GUEST_TOP; at < GUEST_TOP + 0x100000; at += 8)
			*sample_guest_word(&f->g, at) =
				(GUEST_TOP + (uint64_t)rand_r(&seed) % 0x200 * 4096) |
				(rand_r(&seed) % 4 ? PRESENT : 0) | (rand_r(&seed) % 16 ? 0 : LARGE);
		for (unsigned int i = 0; i < 200; i++) {
			uint64_t va = (uint64_t)rand_r(&seed) << 32 | (uint64_t)rand_r(&seed), gpa, len = 0;
			int r;

			va |= (f->g.levels == 4 ? 0xffff8ull : 0xff1ull) << (f->g.levels == 4 ? 44 : 52);
			r = translate(f, va, &gpa, &len);
			assert_true(r == 0 ? len >= 1 && len <= 1ull << 30 : r == -EFAULT || r == -EBADMSG);
			r = m.view(m.arg, va, (size_t)rand_r(&seed) % m.max_bytes + 1, &view);
			assert_true(r == 0 || r == -EFAULT);
		}
		fixture_destroy(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_all_sizes_are_found),
		cmocka_unit_test(what_is_not_mapped_is_an_error),
		cmocka_unit_test(wrong_tables_are_an_error),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(all_levels_together_allow),
		cmocka_unit_test(holes_are_as_large_as_their_entry),
		cmocka_unit_test(neighbours_share_tables),
		cmocka_unit_test(views_cross_pages),
		cmocka_unit_test(random_tables_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
