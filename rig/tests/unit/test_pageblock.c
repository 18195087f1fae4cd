// SPDX-License-Identifier: GPL-2.0-or-later
/* Pageblocks of sections in a kernel's memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/pageblock.h"
#include "sample_memory.h"

#define MEMORY		0xffff888000000000ull
#define SECTIONS	(MEMORY + 0x1000)
#define USAGE		(MEMORY + 0x2000)
#define USAGE_BYTES	0x100u
#define FLAGS		24u
#define SECTION		32768u
#define THERE		3u		/* present, has a memmap */

struct fixture {
	struct sample_memory m;
	struct page_layout l;
	struct memmap memmap;
	struct pageblock_map map;
};

static void put(struct fixture *f, uint64_t addr, uint64_t value)
{
	sample_memory_put(&f->m, addr, &value, sizeof(value));
}

static void put_bits(struct fixture *f, unsigned int section, unsigned int byte, uint8_t bits)
{
	sample_memory_put(&f->m, USAGE + section * USAGE_BYTES + FLAGS + byte, &bits, 1);
}

/* Sections 0 to 2 are there, with all of them of type 0. */
static int set_up(void **state)
{
	static const struct memmap_table table = { MEMORY, 1, false };
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_memory_init(&f->m, MEMORY, 0x3000, 4096);
	put(f, MEMORY, SECTIONS);
	for (unsigned int i = 0; i < 3; i++) {
		put(f, SECTIONS + i * 16ull, MEMORY | THERE);
		put(f, SECTIONS + i * 16ull + 8, USAGE + i * USAGE_BYTES);
	}
	f->l.page_bytes = 64;
	f->l.pages_per_section = SECTION;
	f->l.pages_per_subsection = 512;
	f->l.section_bytes = 16;
	f->l.section_mem_map = (struct layout_field){ 0, 8, true };
	f->l.section_usage = (struct layout_field){ 8, 8, true };
	f->l.usage_subsection_map = (struct layout_field){ 16, 8, true };
	f->l.section_bits = (struct layout_section_bits){ 0, 1, 2, 3, 4, 5, true, false };
	f->l.pageblocks = (struct layout_pageblocks){ FLAGS, true, 4, 3, -1, { 0, 1, 2, 3, 5, 6, 6, 6 } };
	assert_true(memmap_layout_known(&f->l) && pageblock_known(&f->l));
	memmap_init(&f->memmap, &f->m.memory, &f->l, &table);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	pageblock_map_deinit(&f->map);
	sample_memory_deinit(&f->m);
	free(f);
	return 0;
}

static void want(const struct fixture *f, size_t i, uint64_t pfn, uint64_t nr, enum pageblock_type type)
{
	assert_true(i < f->map.nr);
	assert_int_equal(f->map.run[i].pfn, pfn);
	assert_int_equal(f->map.run[i].nr, nr);
	assert_int_equal(f->map.run[i].type, type);
}

static void four_bits_each(void **state)
{
	struct fixture *f = *state;

	put_bits(f, 0, 0, 0x91); /* movable, and movable with the skip bit */
	put_bits(f, 0, 1, 0x04); /* isolated, then unmovable */
	put_bits(f, 1, 31, 0x50); /* the last one, of no type */
	assert_int_equal(pageblock_read(&f->memmap, 0, 2 * SECTION, &f->map), 0);
	assert_int_equal(f->map.nr, 4);
	want(f, 0, 0, 1024, PAGEBLOCK_MOVABLE);
	want(f, 1, 1024, 512, PAGEBLOCK_ISOLATE);
	want(f, 2, 1536, 2 * SECTION - 2048, PAGEBLOCK_UNMOVABLE);
	want(f, 3, 2 * SECTION - 512, 512, PAGEBLOCK_NR_TYPES);
}

static void a_bit_for_isolation(void **state)
{
	struct fixture *f = *state;

	f->l.pageblocks = (struct layout_pageblocks){ FLAGS, true, 8, 3, 4, { 0, 1, 2, 3, 4, 5, 6, 6 } };
	put_bits(f, 1, 0, 0x01);
	put_bits(f, 1, 1, 0x11);
	assert_int_equal(pageblock_read(&f->memmap, SECTION, SECTION + 1536, &f->map), 0);
	want(f, 0, SECTION, 512, PAGEBLOCK_MOVABLE);
	want(f, 1, SECTION + 512, 512, PAGEBLOCK_ISOLATE);
	want(f, 2, SECTION + 1024, 512, PAGEBLOCK_UNMOVABLE);
}

static void only_those_that_begin_in_the_range(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pageblock_read(&f->memmap, 1, 1025, &f->map), 0);
	assert_int_equal(f->map.nr, 1);
	want(f, 0, 512, 1024, PAGEBLOCK_UNMOVABLE);
	assert_int_equal(pageblock_read(&f->memmap, 2049, 2500, &f->map), 0);
	assert_int_equal(f->map.nr, 1);
}

static void only_sections_with_a_memmap(void **state)
{
	struct fixture *f = *state;

	put(f, SECTIONS, MEMORY | 1);	/* without memmap */
	put(f, SECTIONS + 16 + 8, 0);	/* without usage */
	assert_int_equal(pageblock_read(&f->memmap, 0, 10 * SECTION, &f->map), 0);
	assert_int_equal(f->map.nr, 1);
	want(f, 0, 2 * SECTION, SECTION, PAGEBLOCK_UNMOVABLE);
}

static void what_cannot_be_read_has_no_type(void **state)
{
	struct fixture *f = *state;

	f->m.hole = USAGE + FLAGS;
	assert_int_equal(pageblock_read(&f->memmap, 0, SECTION, &f->map), 0);
	want(f, 0, 0, SECTION, PAGEBLOCK_NR_TYPES);
	f->m.broken = -ESRCH;
	assert_int_equal(pageblock_read(&f->memmap, SECTION, 2 * SECTION, &f->map), -ESRCH);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(four_bits_each), TEST(a_bit_for_isolation), TEST(only_those_that_begin_in_the_range),
		TEST(only_sections_with_a_memmap), TEST(what_cannot_be_read_has_no_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
