// SPDX-License-Identifier: GPL-2.0-or-later
/* Which pages have a struct page: sections right, half right, wrong and without end. */
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
#include "page/memmap.h"
#include "page/node.h"
#include "sample_guest.h"
#include "witness/kernel_space.h"

#define FIRST_32 (32 * GUEST_SECTION_PAGES)

struct fixture {
	struct sample_guest g;
	struct kernel_space space;
	struct kernel_memory memory;
	struct memmap_table table;
	struct memmap m;
};

/* The kernel has gone on: nothing that was looked up counts any more. */
static void again(struct fixture *f)
{
	page_tables_forget(&f->space.tables);
	memmap_init(&f->m, &f->memory, &f->g.layout, &f->table);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_guest_init(&f->g, 4);
	page_tables_init(&f->space.tables, &f->g.memory, GUEST_TOP, 4);
	f->memory = kernel_space_memory(&f->space);
	f->table = (struct memmap_table){ .addr = f->g.direct + GUEST_ROOTS, .nr = 2048 };
	again(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sample_guest_deinit(&f->g);
	free(f);
	return 0;
}

static uint64_t *section_word(struct fixture *f, uint64_t nr)
{
	return sample_guest_word(&f->g, GUEST_SECTIONS + nr * 16);
}

static void is_chunk(struct fixture *f, uint64_t pfn, uint64_t end, uint64_t first, uint64_t nr)
{
	struct memmap_chunk c;

	assert_int_equal(memmap_next(&f->m, pfn, end, &c), 1);
	assert_int_equal(c.pfn, first);
	assert_int_equal(c.nr, nr);
	assert_int_equal(c.addr, f->g.vmemmap + first * 64);
}

static void is_end(struct fixture *f, uint64_t pfn, uint64_t end)
{
	struct memmap_chunk c;

	assert_int_equal(memmap_next(&f->m, pfn, end, &c), 0);
}

static void chunks_cover_what_is_valid(void **state)
{
	struct fixture *f = *state;
	uint64_t most = f->memory.max_bytes / 64;

	is_chunk(f, 0, UINT64_MAX / 4096, 0, most);
	is_chunk(f, most, UINT64_MAX / 4096, most, most);
	/* to the end of the range, and of the section */
	is_chunk(f, 5, 10, 5, 5);
	is_chunk(f, GUEST_SECTION_PAGES - 3, UINT64_MAX / 4096, GUEST_SECTION_PAGES - 3, 3);
	is_end(f, 5, 5);
	/* sections without memmap are stepped over, sub-sections that are not there too */
	is_end(f, GUEST_SECTION_PAGES, FIRST_32);
	is_chunk(f, GUEST_SECTION_PAGES, FIRST_32 + 7, FIRST_32, 7);
	is_chunk(f, GUEST_SECTION_PAGES, 1ull << 30, FIRST_32, GUEST_SUBSECTIONS * 512);
	is_end(f, FIRST_32 + GUEST_SUBSECTIONS * 512, 1ull << 30);
	*sample_guest_word(&f->g, GUEST_USAGE) = 0x8000000000000012ull;
	again(f);
	is_chunk(f, FIRST_32, 1ull << 30, FIRST_32 + 512, 512);
	is_chunk(f, FIRST_32 + 700, 1ull << 30, FIRST_32 + 700, 324);
	is_chunk(f, FIRST_32 + 1024, 1ull << 30, FIRST_32 + 4 * 512, 512);
	is_chunk(f, FIRST_32 + 5 * 512, 1ull << 30, FIRST_32 + 63 * 512, 512);
	/* present, but its memmap is not there yet */
	*section_word(f, 32) = f->g.vmemmap | 1;
	again(f);
	is_end(f, FIRST_32, 1ull << 30);
}

static void early_sections_are_whole(void **state)
{
	struct fixture *f = *state;

	*section_word(f, 32) |= 8;
	again(f);
	is_chunk(f, FIRST_32 + 40 * 512, 1ull << 30, FIRST_32 + 40 * 512, 24 * 512);
	/* no usage at all: only an early section is there */
	*sample_guest_word(&f->g, GUEST_SECTIONS + 32 * 16 + 8) = 0;
	again(f);
	is_chunk(f, FIRST_32, FIRST_32 + 1, FIRST_32, 1);
	*section_word(f, 32) &= ~8ull;
	again(f);
	is_end(f, FIRST_32, 1ull << 30);
	/* where the kernel keeps sub-sections is not known: whole sections count */
	f->g.layout.section_usage.has = false;
	f->g.layout.pages_per_subsection = 0;
	again(f);
	is_chunk(f, FIRST_32 + 20000, 1ull << 30, FIRST_32 + 20000, 12768);
}

static void show(void *arg, const struct memmap_chunk *c, const void *raw)
{
	struct page_map *seen = arg;
	struct page_run run = { .pfn = c->pfn, .nr = c->nr };

	/* what is shown is what is there: refcount 1 on each page of section 32 */
	for (uint64_t i = 0; i < c->nr; i++)
		assert_int_equal(((const uint32_t *)raw)[i * 16 + 13], 1);
	page_map_append(seen, &run);
}

static void what_cannot_be_read_is_a_fault(void **state)
{
	struct fixture *f = *state;
	struct page_map seen = { 0 }, faults = { 0 };
	uint64_t memmap_32 = f->g.vmemmap + FIRST_32 * 64;
	struct memmap_chunk c;

	/* the second page of 64 struct pages, and the last one */
	*sample_guest_entry(&f->g, memmap_32 + 4096, 0) = 0;
	*sample_guest_entry(&f->g, memmap_32 + (GUEST_SUBSECTIONS * 8 - 1) * 4096, 0) = GUEST_RAM_BYTES | 1;
	again(f);
	assert_int_equal(memmap_next(&f->m, FIRST_32, 1ull << 30, &c), 1);
	assert_int_equal(memmap_read(&f->m, &c, show, &seen, &faults), 0);
	assert_int_equal(faults.nr, 2);
	assert_int_equal(faults.run[0].pfn, FIRST_32 + 64);
	assert_int_equal(faults.run[0].nr, 64);
	assert_int_equal(faults.run[1].pfn, FIRST_32 + GUEST_SUBSECTIONS * 512 - 64);
	assert_int_equal(faults.run[1].nr, 64);
	assert_int_equal(page_map_pages(&seen, 0, UINT64_MAX), GUEST_SUBSECTIONS * 512 - 128);
	/* a reader that is broken ends it */
	page_tables_forget(&f->space.tables);
	f->g.broken = -ESRCH;
	assert_int_equal(memmap_read(&f->m, &c, show, &seen, &faults), -ESRCH);
	assert_int_equal(faults.nr, 2);
	again(f);
	assert_int_equal(memmap_next(&f->m, 0, 1ull << 30, &c), -ESRCH);
	page_map_deinit(&seen);
	page_map_deinit(&faults);
}

static void sections_are_listed_as_runs(void **state)
{
	struct fixture *f = *state;
	struct section_run *run = NULL;
	uint64_t end = 0;

	*section_word(f, 1) = *section_word(f, 0);
	*section_word(f, 33) = f->g.vmemmap;	/* an address without marks */
	*sample_guest_word(&f->g, GUEST_SECTIONS + 32 * 16 + 8) = f->g.direct + GUEST_USAGE;
	assert_int_equal(memmap_end_section(&f->m, &end), 0);
	assert_int_equal(end, 34);
	assert_int_equal(memmap_sections(&f->m, 0, 1000, 10, &run), 3);
	assert_int_equal(run[0].first, 0);
	assert_int_equal(run[0].nr, 2);
	assert_int_equal(run[0].marks, 0xf);
	assert_int_equal(run[1].first, 32);
	assert_int_equal(run[1].nr, 1);
	assert_int_equal(run[1].marks, 3);
	assert_int_equal(run[1].subsections, (1 << GUEST_SUBSECTIONS) - 1);
	assert_int_equal(run[2].first, 33);
	assert_int_equal(run[2].marks, SECTION_RESIDUE);
	free(run);
	assert_int_equal(memmap_sections(&f->m, 0, 1000, 2, &run), -E2BIG);
	assert_int_equal(memmap_sections(&f->m, 32, 33, 2, &run), 1);
	free(run);
	/* none is no error */
	assert_int_equal(memmap_sections(&f->m, 100, 1000, 2, &run), 0);
	free(run);
}

static void tables_of_any_length_end(void **state)
{
	struct fixture *f = *state;
	uint64_t end = 1;

	*sample_guest_word(&f->g, GUEST_ROOTS) = 0;
	again(f);
	assert_int_equal(memmap_end_section(&f->m, &end), 0);
	assert_int_equal(end, 0);
	/* the last root of many, which lies behind the first page of pointers */
	*sample_guest_word(&f->g, GUEST_ROOTS + 511 * 8) = f->g.direct + GUEST_SECTIONS;
	again(f);
	assert_int_equal(memmap_end_section(&f->m, &end), 0);
	assert_int_equal(end, 511 * 256 + 33);
	/* a pointer to nowhere is a root without sections */
	*sample_guest_word(&f->g, GUEST_ROOTS + 511 * 8) = 0x1234;
	again(f);
	assert_int_equal(memmap_end_section(&f->m, &end), 0);
	assert_int_equal(end, 0);
	/* beyond the table nothing is looked up */
	f->table.nr = 0;
	*sample_guest_word(&f->g, GUEST_ROOTS) = f->g.direct + GUEST_SECTIONS;
	again(f);
	is_end(f, 0, 1ull << 30);
	/* a plain array of sections */
	f->table = (struct memmap_table){ .addr = f->g.direct + GUEST_SECTIONS, .nr = 1024, .plain = true };
	again(f);
	is_chunk(f, GUEST_SECTION_PAGES, FIRST_32 + 7, FIRST_32, 7);
	assert_int_equal(memmap_end_section(&f->m, &end), 0);
	/* words of the pages behind are sections to who believes the length: what matters is that it ends */
	assert_in_range(end, 33, 1024);
}

static bool table_of(const struct page_layout *l, const char *length, struct memmap_table *t)
{
	AUTO_FREE char *note = xasprintf("SYMBOL(mem_section)=ffff888000602000\nLENGTH(mem_section)=%s\n", length);

	return memmap_table_from_note(note, l, t);
}

static void the_note_tells_the_table(void **state)
{
	struct fixture *f = *state;
	const struct page_layout *l = &f->g.layout;
	struct memmap_table t;

	assert_true(table_of(l, "2048", &t));
	assert_int_equal(t.addr, 0xffff888000602000);
	assert_int_equal(t.nr, 2048);
	assert_false(t.plain);
	/* five-level tables: as many roots as 52 bits of memory need */
	assert_true(table_of(l, "131072", &t));
	assert_false(t.plain);
	/* more roots than that are none: sections, of 46 and of 52 bits */
	assert_true(table_of(l, "524288", &t));
	assert_true(t.plain);
	assert_true(table_of(l, "33554432", &t));
	assert_true(t.plain);
	assert_false(table_of(l, "33554433", &t));
	assert_false(table_of(l, "0", &t));
	assert_false(table_of(l, "-1", &t));
	assert_false(table_of(l, "many", &t));
	assert_false(memmap_table_from_note("LENGTH(mem_section)=2048\n", l, &t));
	assert_false(memmap_table_from_note("SYMBOL(mem_section)=0\nLENGTH(mem_section)=2048\n", l, &t));
}

static void layouts_are_checked(void **state)
{
	struct fixture *f = *state;
	struct page_layout l = f->g.layout;

	assert_true(memmap_layout_known(&l));
	l.section_usage.offset = 9;
	assert_false(memmap_layout_known(&l));
	l.section_usage.has = false;
	assert_true(memmap_layout_known(&l));
	l = f->g.layout;
	l.pages_per_subsection = 256;	/* 128 of them: more than a word has bits */
	assert_false(memmap_layout_known(&l));
	l = f->g.layout;
	l.pages_per_section = 0;
	assert_false(memmap_layout_known(&l));
	l = f->g.layout;
	l.section_mem_map.has = false;
	assert_false(memmap_layout_known(&l));
	l = f->g.layout;
	l.section_bytes = 0;
	assert_false(memmap_layout_known(&l));
	l = f->g.layout;
	l.page_bytes = 0;
	assert_false(memmap_layout_known(&l));
	l = f->g.layout;
	l.section_bits.last = 64;
	assert_false(memmap_layout_known(&l));
}

static void nodes_are_read(void **state)
{
	struct fixture *f = *state;
	struct node_table t;
	struct node_numbers n;

	assert_false(node_table_from_note("OSRELEASE=1\n", &t));
	assert_true(node_table_from_note("SYMBOL(node_data)=ffff888000605000\n", &t));
	assert_int_equal(t.node_data, f->g.direct + GUEST_NODE_DATA);
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 0, &n), 0);
	assert_int_equal(n.start_pfn, 1);
	assert_int_equal(n.spanned, 4096);
	assert_int_equal(n.present, 4095);
	assert_int_equal(n.nr_zones, 3);
	assert_int_equal(n.zone[0].start_pfn, 1);
	assert_int_equal(n.zone[1].present, 4095);
	assert_int_equal(n.zone[1].managed, 0);
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 1, &n), -ENOENT);
	/* a kernel without NUMA has one, under another name */
	assert_true(node_table_from_note("SYMBOL(contig_page_data)=ffff888000606000\n", &t));
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 0, &n), 0);
	assert_int_equal(n.present, 4095);
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 1, &n), -ENOENT);
	/* offsets beyond the zone are not followed */
	f->g.layout.zone_present.offset = 60;
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 0, &n), 0);
	assert_int_equal(n.zone[1].present, 0);
	t.contig_page_data = 0x1234;
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 0, &n), -ENOENT);
	f->g.broken = -ESRCH;
	again(f);
	t.contig_page_data = f->g.direct + GUEST_PGDAT;
	assert_int_equal(node_read(&f->memory, &f->g.layout, &t, 0, &n), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(chunks_cover_what_is_valid, setup, teardown),
		cmocka_unit_test_setup_teardown(early_sections_are_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_a_fault, setup, teardown),
		cmocka_unit_test_setup_teardown(sections_are_listed_as_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(tables_of_any_length_end, setup, teardown),
		cmocka_unit_test_setup_teardown(the_note_tells_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(layouts_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_are_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
