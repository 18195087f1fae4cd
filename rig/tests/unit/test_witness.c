// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The witness as a whole, on a guest made up in the memory of this very process: the monitor says that it
 * is QEMU.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "sample_guest.h"
#include "sample_kallsyms.h"
#include "witness/witness.h"

#define FIRST_32 (32 * GUEST_SECTION_PAGES)
#define SPLIT	 0x900000u	/* RAM comes in two ranges, which meet in the memmap of section 0 */

struct fixture {
	struct fake_session session;
	struct sample_guest g;
	struct strv said;	/* the server only borrows its answers */
	struct rig_err err;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	fake_session_negotiate(&f->session, FAKE_GREETING);
	sample_guest_init(&f->g, 4);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sample_guest_deinit(&f->g);
	fake_session_stop(&f->session);
	strv_deinit(&f->said);
	free(f);
	return 0;
}

#define VIEW_HEAD							\
	"address-space: I/O\\r\\n"						\
	"  0000000000000000-00000000000fffff (prio 0, ram): not this one\\r\\n\\r\\n"	\
	"address-space: memory\\r\\n"					\
	"  0000000000000000-ffffffffffffffff (prio 0, i/o): system\\r\\n"

static void say(struct fixture *f, const char *text)
{
	strv_addf(&f->said, "{\"return\":\"%s\",\"id\":$ID}\r\n", text);
	fake_server_expect(f->session.server, "human-monitor-command", f->said.v[f->said.n - 1]);
}

static void say_place(struct fixture *f, uint64_t gpa, const void *hva)
{
	AUTO_FREE char *text = xasprintf("Host virtual address for 0x%" PRIx64 " (pc.ram) is %p\\r\\n", gpa, hva);

	say(f, text);
}

/* What QEMU answers to one look for RAM. */
static void say_ram(struct fixture *f)
{
	say(f, VIEW_HEAD "  0000000000000000-00000000008fffff (prio 0, ram): pc.ram\\r\\n"
	    "  0000000000900000-0000000000ffffff (prio 0, ram): pc.ram @0000000000900000\\r\\n"
	    "  00000000fec00000-00000000fec00fff (prio 0, i/o): ioapic\\r\\n"
	    "  00000000fffc0000-00000000ffffffff (prio 0, rom): pc.bios\\r\\n\\r\\n");
	say_place(f, 0, f->g.ram);
	say_place(f, SPLIT - 1, f->g.ram + SPLIT - 1);
	say_place(f, SPLIT, f->g.ram + SPLIT);
	say_place(f, GUEST_RAM_BYTES - 1, f->g.ram + GUEST_RAM_BYTES - 1);
}

static struct witness *open_counting(struct fixture *f, bool layout, unsigned int nr_cpus, uint64_t per_cpu_offset)
{
	const struct witness_config config = {
		.pid = getpid(), .qmp = f->session.client,
		.layout = layout ? &f->g.layout : NULL, .layout_source = "BTF",
		.nr_cpus = nr_cpus, .places.symbol[SYMBOL_PER_CPU_OFFSET] = per_cpu_offset,
	};
	struct witness *w = NULL;

	say_ram(f);
	if (witness_open(&config, LATE, &w, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return w;
}

static struct witness *open_witness(struct fixture *f, bool layout)
{
	return open_counting(f, layout, 0, 0);
}

/* Every page of the map is what the memory says by page_decode(), and all are there. */
static void check_pages(struct fixture *f, const struct page_map *m, const struct page_layout *l)
{
	assert_int_equal(page_map_pages(m, 0, UINT64_MAX), GUEST_SECTION_PAGES + GUEST_SUBSECTIONS * 512);
	for (size_t i = 0; i < m->nr; i++)
		for (uint64_t pfn = m->run[i].pfn; pfn < m->run[i].pfn + m->run[i].nr; pfn++) {
			struct page_state s;

			page_decode(l, sample_guest_page(&f->g, pfn), f->g.vmemmap + pfn * 64, pfn, &s);
			if (!page_state_equal(&s, &m->run[i].state))
				fail_msg("page 0x%" PRIx64, pfn);
		}
}

static void the_whole_memory_is_read(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, true);
	struct page_map pages = { 0 }, faults = { 0 };
	struct section_run *section = NULL;
	struct node_count *node = NULL;
	size_t nr = 0;
	uint64_t end = 0;

	assert_string_equal(witness_release(w), GUEST_RELEASE);
	assert_string_equal(witness_layout_source(w), "BTF");
	assert_int_equal(witness_places(w).note_gpa, GUEST_NOTE);
	assert_int_equal(witness_layout(w)->nr_types, f->g.layout.nr_types);
	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	assert_int_equal(end, 33 * GUEST_SECTION_PAGES);
	assert_int_equal(witness_pages(w, 0, end, &pages, &faults, &f->err), 0);
	assert_int_equal(faults.nr, 0);
	check_pages(f, &pages, witness_layout(w));
	assert_string_equal(page_type_name(witness_layout(w), page_map_find(&pages, FIRST_32)->state.type), "offline");
	assert_int_equal(witness_sections(w, 100, &section, &nr, &f->err), 0);
	assert_int_equal(nr, 2);
	assert_int_equal(section[0].marks, 0xf);
	assert_int_equal(section[1].first, 32);
	assert_int_equal(witness_nodes(w, &node, &nr, &f->err), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(node[0].node, 0);
	assert_int_equal(node[0].present, 4095);
	assert_int_equal(node[0].nr, f->g.layout.nr_zones);
	assert_string_equal(node[0].zone[1].name, "DMA32");
	assert_int_equal(node[0].zone[1].present, 4095);
	free(section);
	free(node);
	page_map_deinit(&pages);
	page_map_deinit(&faults);
	witness_close(w);
}

/* The memmap of the sections: where the tables say, whatever is kept there. */
static void holders_are_found_in_the_tables(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, true);
	uint64_t memmap_32 = f->g.vmemmap + FIRST_32 * 64;
	uint64_t *entry = sample_guest_entry(&f->g, memmap_32, 0), was = *entry;
	uint64_t pfn = (was & 0xffffffffff000ull) / 4096;
	struct page_map holders = { 0 };

	assert_int_equal(witness_holders(w, FIRST_32, FIRST_32 + 64, &holders, &f->err), 0);
	assert_int_equal(page_map_pages(&holders, 0, UINT64_MAX), 1);
	assert_non_null(page_map_find(&holders, pfn));
	page_map_deinit(&holders);
	/* what is not mapped has no holder, and says nothing of the next page */
	*entry = 0;
	assert_int_equal(witness_holders(w, FIRST_32, FIRST_32 + 65, &holders, &f->err), 0);
	assert_int_equal(page_map_pages(&holders, 0, UINT64_MAX), 1);
	assert_null(page_map_find(&holders, pfn));
	page_map_deinit(&holders);
	/* a holder outside of all memmap is nobody's page */
	*entry = (was & ~0xffffffffff000ull) | 0x3ffffff000ull;
	assert_int_equal(witness_holders(w, FIRST_32, FIRST_32 + 64, &holders, &f->err), 0);
	assert_int_equal(page_map_pages(&holders, 0, UINT64_MAX), 0);
	page_map_deinit(&holders);
	witness_close(w);
}

static void every_call_looks_afresh(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, true);
	struct page_map pages = { 0 }, faults = { 0 };
	uint64_t end = 0, memmap_32 = f->g.vmemmap + FIRST_32 * 64;

	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	assert_int_equal(witness_pages(w, FIRST_32, FIRST_32 + 10, &pages, &faults, &f->err), 0);
	assert_int_equal(page_map_pages(&pages, 0, UINT64_MAX), 10);
	page_map_deinit(&pages);
	/* one page of the memmap goes away, then the section */
	*sample_guest_entry(&f->g, memmap_32, 0) = 0;
	assert_int_equal(witness_pages(w, FIRST_32, FIRST_32 + 70, &pages, &faults, &f->err), 0);
	assert_int_equal(page_map_pages(&pages, 0, UINT64_MAX), 6);
	assert_int_equal(page_map_pages(&faults, FIRST_32, FIRST_32 + 64), 64);
	*sample_guest_word(&f->g, GUEST_SECTIONS + 32 * 16) = 0;
	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	assert_int_equal(end, GUEST_SECTION_PAGES);
	page_map_deinit(&pages);
	page_map_deinit(&faults);
	witness_close(w);
}

static void the_note_alone_is_enough_to_decode(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, false);
	const struct page_layout *l = witness_layout(w);
	struct page_map pages = { 0 }, faults = { 0 };
	const struct page_run *run;

	assert_string_equal(witness_layout_source(w), "vmcoreinfo");
	/* named by the note, found on the pages, and not known at all */
	assert_int_equal(layout_flag_bit(l, "lru"), 5);
	assert_int_equal(layout_flag_bit(l, "reserved"), 13);
	assert_int_equal(layout_flag_bit(l, "dirty"), -1);
	assert_false(l->section_usage.has);
	assert_int_equal(witness_pages(w, GUEST_TEXT / 4096, GUEST_TEXT / 4096 + 1, &pages, &faults, &f->err), 0);
	run = page_map_find(&pages, GUEST_TEXT / 4096);
	assert_non_null(run);
	assert_int_equal(run->state.flags, 1 << 13);
	assert_int_equal(run->state.refcount, 1);
	page_map_deinit(&pages);
	/* without sub-sections, those that are not there are faults */
	assert_int_equal(witness_pages(w, FIRST_32, FIRST_32 + GUEST_SECTION_PAGES, &pages, &faults, &f->err), 0);
	assert_int_equal(page_map_pages(&pages, 0, UINT64_MAX), GUEST_SUBSECTIONS * 512);
	assert_int_equal(page_map_pages(&faults, 0, UINT64_MAX), GUEST_SECTION_PAGES - GUEST_SUBSECTIONS * 512);
	page_map_deinit(&pages);
	page_map_deinit(&faults);
	witness_close(w);
}

static struct zone_count zone_seen(struct fixture *f, struct witness *w, size_t zone)
{
	AUTO_FREE struct node_count *node = NULL;
	size_t nr = 0;

	assert_int_equal(witness_nodes(w, &node, &nr, &f->err), 0);
	assert_int_equal(nr, 1);
	return node[0].zone[zone];
}

static void free_pages_are_counted(void **state)
{
	struct fixture *f = *state;
	uint64_t offsets = f->g.direct + GUEST_CPU_OFFSETS;
	struct witness *w = open_counting(f, true, GUEST_CPUS, offsets);
	struct zone_count z;

	assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], offsets);
	sample_guest_count(&f->g, 1, 4000, (const int8_t[]){ -30, 7 }, (const uint32_t[]){ 100, 23 });
	sample_guest_count(&f->g, 3, 5, (const int8_t[]){ 1, 1 }, (const uint32_t[]){ 2, 0 });
	z = zone_seen(f, w, 1);
	assert_true(z.counted);
	assert_int_equal(z.free, 4000 - 30 + 7);
	assert_int_equal(z.pcp, 123);
	assert_int_equal(z.present, 4095);
	z = zone_seen(f, w, 3);
	assert_int_equal(z.free, 7);
	assert_int_equal(z.pcp, 2);
	z = zone_seen(f, w, 0);
	assert_true(z.counted);
	assert_int_equal(z.free, 0);
	/* what a zone says of its lists is nonsense: the others count all the same */
	*sample_guest_word(&f->g, GUEST_PGDAT + 128 + 64 + 40) = GUEST_RAM_BYTES;
	z = zone_seen(f, w, 1);
	assert_false(z.counted);
	assert_int_equal(z.present, 4095);
	assert_true(zone_seen(f, w, 3).counted);
	witness_close(w);
}

/* A kernel of which too little is known, or which has no tables of symbols. */
static void free_pages_may_be_nobodys_to_count(void **state)
{
	struct fixture *f = *state;
	uint64_t offsets = f->g.direct + GUEST_CPU_OFFSETS;

	for (int i = 0; i < 4; i++) {
		struct witness *w;

		f->g.layout.pcp_count.has = i != 3;
		w = open_counting(f, i != 2, i ? GUEST_CPUS : 0, i == 1 ? 0 : offsets);
		assert_false(zone_seen(f, w, 1).counted);
		assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], i == 1 ? 0 : offsets);
		witness_close(w);
	}
}

/* Tables of symbols at @gpa, and a note that says so. */
static void carry_symbols(struct fixture *f, uint64_t gpa, uint64_t offsets)
{
	const struct sample_symbol symbols[] = {
		{ "D__per_cpu_load", 8 }, { "D__per_cpu_offset", 0x1000 }, { NULL, 0 },
	};
	AUTO_FREE char *note = sample_guest_note_text(&f->g), *more = sample_kallsyms_note(f->g.direct + gpa);
	AUTO_FREE char *text = xasprintf("%s%s", note, more);
	size_t len;
	AUTO_FREE unsigned char *tables = sample_kallsyms_make(symbols, offsets - 0x1000, &len);

	memcpy(f->g.ram + gpa, tables, len);
	sample_guest_note(&f->g, GUEST_NOTE, text);
}

static void where_cpus_are_is_looked_up(void **state)
{
	struct fixture *f = *state;
	uint64_t offsets = f->g.direct + GUEST_CPU_OFFSETS;
	struct witness *w;

	carry_symbols(f, GUEST_TEXT + 0x1000, offsets);
	sample_guest_count(&f->g, 1, 4000, (const int8_t[]){ 0, 7 }, (const uint32_t[]){ 0, 23 });
	w = open_counting(f, true, GUEST_CPUS, 0);
	assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], offsets);
	assert_int_equal(zone_seen(f, w, 1).free, 4007);
	assert_int_equal(zone_seen(f, w, 1).pcp, 23);
	witness_close(w);
	/* nobody asks: nothing is looked up */
	w = open_witness(f, true);
	assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], 0);
	assert_false(zone_seen(f, w, 1).counted);
	witness_close(w);
	/* tables of nonsense: a witness all the same */
	*sample_guest_word(&f->g, GUEST_TEXT + 0x1000 + KALLSYMS_NUM_SYMS) = UINT64_MAX;
	w = open_counting(f, true, GUEST_CPUS, 0);
	assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], 0);
	witness_close(w);
	carry_symbols(f, GUEST_TEXT + 0x1000, 0x1000);
	w = open_counting(f, true, GUEST_CPUS, 0);
	assert_int_equal(witness_places(w).symbol[SYMBOL_PER_CPU_OFFSET], 0);
	assert_false(zone_seen(f, w, 1).counted);
	witness_close(w);
}

#define XARRAY (GUEST_TEXT + 0x8000)
#define BLOCK  (GUEST_TEXT + 0x9000)

static struct witness *open_with_blocks(struct fixture *f)
{
	const struct witness_config config = {
		.pid = getpid(), .qmp = f->session.client, .layout = &f->g.layout, .layout_source = "BTF",
		.places.symbol[SYMBOL_MEMORY_BLOCKS] = f->g.direct + XARRAY,
	};
	struct witness *w = NULL;

	say_ram(f);
	if (witness_open(&config, LATE, &w, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return w;
}

static void memory_blocks_are_read(void **state)
{
	struct fixture *f = *state;
	struct memory_block *block = NULL;
	struct resource *resource = NULL;
	struct vm_totals totals;
	struct witness *w = open_with_blocks(f);
	size_t nr = 0;

	/* a layout that does not know them */
	assert_int_equal(witness_memory_blocks(w, &block, &nr, &f->err), -ENOENT);
	witness_close(w);
	f->g.layout.xarray = (struct layout_xarray){ { 8, 8, true }, { 0, 1, true }, { 40, 512, true } };
	f->g.layout.block.section = (struct layout_field){ 0, 8, true };
	f->g.layout.block.online_type = (struct layout_field){ 12, 4, true };
	f->g.layout.block.node = (struct layout_field){ 16, 4, true };
	w = open_with_blocks(f);
	assert_int_equal(witness_places(w).symbol[SYMBOL_MEMORY_BLOCKS], f->g.direct + XARRAY);
	*sample_guest_word(&f->g, XARRAY + 8) = f->g.direct + BLOCK;
	*sample_guest_word(&f->g, BLOCK + 8) = 2ull << 32;
	assert_int_equal(witness_memory_blocks(w, &block, &nr, &f->err), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(block->online_type, 2);
	free(block);
	/* nonsense in the guest is nothing that is known of its blocks */
	*sample_guest_word(&f->g, XARRAY + 8) = 0x1002;
	assert_int_equal(witness_memory_blocks(w, &block, &nr, &f->err), -ENOENT);
	witness_close(w);
	/* nobody says where they are, and there are no tables of symbols */
	w = open_witness(f, true);
	assert_int_equal(witness_totals(w, &totals, &f->err), 0);
	assert_false(totals.known);
	assert_int_equal(witness_resources(w, &resource, &nr, &f->err), 0);
	assert_null(resource);
	assert_int_equal(witness_places(w).symbol[SYMBOL_MEMORY_BLOCKS], 0);
	assert_int_equal(witness_memory_blocks(w, &block, &nr, &f->err), -ENOENT);
	witness_close(w);
}

/* Sections without end, all with the same memmap: more than RAM could ever describe. */
static void endless_sections_end(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, true);
	struct page_map pages = { 0 }, faults = { 0 };
	uint64_t end = 0;

	for (uint64_t i = 0; i < 256; i++)
		*sample_guest_word(&f->g, GUEST_SECTIONS + i * 16) =
			(f->g.direct + GUEST_MEMMAP - i * GUEST_SECTION_PAGES * 64) | 0xf;
	for (uint64_t i = 0; i < 2048; i++)
		*sample_guest_word(&f->g, GUEST_ROOTS + i * 8) = f->g.direct + GUEST_SECTIONS;
	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	assert_int_equal(end, 2048 * 256 * GUEST_SECTION_PAGES);
	assert_int_equal(witness_pages(w, 0, end, &pages, &faults, &f->err), -E2BIG);
	assert_int_equal(f->err.cause, RIG_KERNEL);
	page_map_deinit(&pages);
	page_map_deinit(&faults);
	witness_close(w);
}

static void places_are_asked_for_again(void **state)
{
	struct fixture *f = *state;
	struct witness *w = open_witness(f, true);
	uint64_t end = 0;

	/* what cannot be understood changes nothing */
	say(f, "unknown command: 'info mtree'\\r\\n");
	assert_int_equal(witness_refresh(w, LATE, &f->err), -EBADMSG);
	assert_int_equal(f->err.cause, RIG_QEMU);
	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	/* a range whose ends are not as far from each other here as there */
	say(f, VIEW_HEAD "  0000000000000000-0000000000ffffff (prio 0, ram): pc.ram\\r\\n");
	say_place(f, 0, f->g.ram);
	say_place(f, GUEST_RAM_BYTES - 1, f->g.ram + 4095);
	assert_int_equal(witness_refresh(w, LATE, &f->err), -EBADMSG);
	assert_text(&f->err, "not in one piece");
	assert_int_equal(witness_end_pfn(w, &end, &f->err), 0);
	/* half of RAM went away between the questions: what is in it is not there */
	say(f, VIEW_HEAD "  0000000000000000-00000000008fffff (prio 0, ram): pc.ram\\r\\n"
	    "  0000000000900000-0000000000ffffff (prio 0, nv-ram): pc.ram @0000000000900000\\r\\n");
	say_place(f, 0, f->g.ram);
	say_place(f, SPLIT - 1, f->g.ram + SPLIT - 1);
	say(f, "No memory is mapped at address 0x900000\\r\\n");
	say(f, "No memory is mapped at address 0xffffff\\r\\n");
	assert_int_equal(witness_refresh(w, LATE, &f->err), 0);
	{
		struct page_map pages = { 0 }, faults = { 0 };

		assert_int_equal(witness_pages(w, 0, 33 * GUEST_SECTION_PAGES, &pages, &faults, &f->err), 0);
		assert_int_equal(page_map_pages(&pages, 0, UINT64_MAX), (SPLIT - GUEST_MEMMAP) / 64);
		assert_int_equal(page_map_pages(&faults, 0, UINT64_MAX),
				 GUEST_SECTION_PAGES + GUEST_SUBSECTIONS * 512 - (SPLIT - GUEST_MEMMAP) / 64);
		page_map_deinit(&pages);
		page_map_deinit(&faults);
	}
	witness_close(w);
}

static void a_process_that_is_gone_is_told(void **state)
{
	struct fixture *f = *state;
	struct witness_config config = { .qmp = f->session.client, .layout = &f->g.layout };
	struct witness *w = NULL;

	config.pid = fork();
	if (!config.pid)
		_exit(0);
	waitpid(config.pid, NULL, 0);
	say_ram(f);
	assert_int_equal(witness_open(&config, LATE, &w, &f->err), -ESRCH);
	assert_int_equal(f->err.cause, RIG_HOST);
	assert_text(&f->err, "is gone");
}

/* A user that may not read the process: needs root to become one. */
static void a_process_that_may_not_be_read_is_told(void **state)
{
	struct fixture *f = *state;
	struct witness_config config = { .pid = getpid(), .qmp = f->session.client, .layout = &f->g.layout };
	int status;
	pid_t pid;

	if (geteuid()) {
		print_message("SKIP: not root, so nobody else to become\n");
		skip();
	}
	say_ram(f);
	pid = fork();
	if (!pid) {
		struct witness *w = NULL;

		if (setgid(65534) || setuid(65534))
			_exit(9);
		_exit(witness_open(&config, LATE, &w, &f->err) != -EPERM || f->err.cause != RIG_HOST ||
		      !strstr(f->err.text, "CAP_SYS_PTRACE"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* this process has not asked: do so, for the script's sake */
	{
		struct witness *w = NULL;

		assert_int_equal(witness_open(&config, LATE, &w, &f->err), 0);
		witness_close(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_whole_memory_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(holders_are_found_in_the_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(every_call_looks_afresh, setup, teardown),
		cmocka_unit_test_setup_teardown(the_note_alone_is_enough_to_decode, setup, teardown),
		cmocka_unit_test_setup_teardown(free_pages_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(free_pages_may_be_nobodys_to_count, setup, teardown),
		cmocka_unit_test_setup_teardown(where_cpus_are_is_looked_up, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_blocks_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_sections_end, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_asked_for_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_process_that_is_gone_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_process_that_may_not_be_read_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
