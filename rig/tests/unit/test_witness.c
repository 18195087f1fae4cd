// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The witness as a whole, on a guest made up in the memory of this very process: the monitor says that it
 * is QEMU.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "sample_guest.h"
#include "witness/guest_ram.h"
#include "witness/ram_ranges.h"
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

static struct witness *open_witness(struct fixture *f, bool layout)
{
	const struct witness_config config = {
		.pid = getpid(), .qmp = f->session.client,
		.layout = layout ? &f->g.layout : NULL, .layout_source = "BTF",
	};
	struct witness *w = NULL;

	say_ram(f);
	if (witness_open(&config, LATE, &w, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return w;
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
	assert_int_equal(witness_note_gpa(w), GUEST_NOTE);
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

static void is_range(const struct ram_range *r, uint64_t gpa, uint64_t bytes)
{
	assert_int_equal(r->gpa, gpa);
	assert_int_equal(r->bytes, bytes);
	assert_int_equal(r->hva, 0);
	assert_int_equal(r->file.fd, -1);
}

/* What QEMU 7.2 says of a q35 with boot memory in three blocks, cut short. */
static const char three_blocks[] =
	"address-space: cpu-memory-0\r\n"
	"address-space: memory\r\n"
	"  0000000000000000-ffffffffffffffff (prio 0, i/o): system\r\n"
	"    0000000000000000-000000007fffffff (prio 0, i/o): alias ram-below-4g @pc.ram "
	"0000000000000000-000000007fffffff\r\n"
	"    0000000000000000-ffffffffffffffff (prio -1, i/o): pci\r\n"
	"      00000000000c0000-00000000000dffff (prio 1, rom): pc.rom\r\n"
	"    00000000000c0000-00000000000c3fff (prio 1, ram): alias pam-ram @pc.ram "
	"00000000000c0000-00000000000c3fff\r\n"
	"    00000000000c4000-00000000000c7fff (prio 1, i/o): alias pam-pci @pci "
	"00000000000c4000-00000000000c7fff\r\n"
	"    0000000100000000-000000017fffffff (prio 0, i/o): alias ram-above-4g @pc.ram "
	"0000000080000000-00000000ffffffff\r\n"
	"    0000000180000000-000000127fffffff (prio 0, i/o): device-memory\r\n"
	"      0000000180000000-000000018fffffff (prio 0, ram): m0\r\n"
	"      0000000190000000-000000019fffffff (prio 0, nv-ram): n0\r\n"
	"\r\n"
	"address-space: mch\r\n"
	"  0000000000000000-000000ffffffffff (prio 0, ram): of another space\r\n"
	"\r\n"
	"memory-region: pc.ram\r\n"
	"  0000000000001000-0000000100000fff (prio 0, i/o): pc.ram\r\n"
	"    0000000000001000-0000000040000fff (prio 0, ram): ram0\r\n"
	"    0000000040001000-00000000c0000fff (prio 0, ram): ram1\r\n"
	"    00000000c0001000-0000000100000fff (prio 0, ram): ram2\r\n"
	"\r\n"
	"memory-region: pci\r\n"
	"  0000000000000000-ffffffffffffffff (prio -1, i/o): pci\r\n";

static void mtree_is_parsed(void **state)
{
	const uint64_t gib = 1ull << 30;
	struct ram_range *r = NULL;

	(void)state;
	assert_int_equal(ram_ranges_parse(three_blocks, &r), 6);
	is_range(&r[0], 0, gib);
	is_range(&r[1], gib, gib);
	is_range(&r[2], 4 * gib, gib);
	is_range(&r[3], 5 * gib, gib);
	is_range(&r[4], 6 * gib, gib / 4);
	is_range(&r[5], 6 * gib + gib / 4, gib / 4);
	free(r);
	/* one block: the alias itself is RAM */
	assert_int_equal(ram_ranges_parse("address-space: memory\n"
					  "  0-7fffffff (prio 0, ram): alias ram-below-4g @ram0 0-7fffffff\n"
					  "  c0000-c3fff (prio 1, ram): alias pam-ram @ram0 c0000-c3fff\n",
					  &r), 1);
	is_range(&r[0], 0, 2 * gib);
	free(r);
	/* of two that overlap the first counts, and their order does not matter */
	assert_int_equal(ram_ranges_parse("address-space: memory\n  4000-4fff (prio 0, ram): c\n"
					  "  0-1fff (prio 0, ram): a\n  1000-2fff (prio 1, ram): b\n"
					  "  3000-5fff (prio 1, ram): d\n", &r), 2);
	is_range(&r[0], 0, 0x2000);
	is_range(&r[1], 0x4000, 0x1000);
	free(r);
}

static void nonsense_has_no_ram(void **state)
{
	static const char *const texts[] = {
		"", "address-space: memory", "address-space: memory\n",
		"address-space: memory\n\n  0-fff (prio 0, ram): a\n",
		/* backwards, all of the address space, no RAM */
		"address-space: memory\n  1000-0 (prio 0, ram): a\n  0-ffffffffffffffff (prio 0, ram): b\n",
		"address-space: memory\n  0-fff (prio 0, rom): a\n  1000-1fff (prio 0, ramd): b\n",
		/* aliases of nothing, of what begins with the same name, of themselves, beyond the region */
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b 0-fff\n",
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b 0-fff\n\nmemory-region: bc\n"
		"  0-fff (prio 0, ram): bc\n",
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b 0-fff\n\nmemory-region: b\n",
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b 0-fff\n\nmemory-region: b\n"
		"  0-fff (prio 0, i/o): b\n    0-fff (prio 0, ram): alias a @b 0-fff\n",
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b 1000-1fff\n\nmemory-region: b\n"
		"  0-fff (prio 0, ram): b\n",
		"address-space: memory\n  0-fff (prio 0, i/o): alias a @b ffffffffffffffff-0\n\nmemory-region: b\n"
		"  1-fff (prio 0, i/o): b\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ram_range *r = NULL;

		if (ram_ranges_parse(texts[i], &r) != -EBADMSG)
			fail_msg("RAM in text %zu", i);
	}
}

/* A file mapped privately: what was not touched yet is in the file, and its holes are nothing. */
static void files_below_are_looked_into(void **state)
{
	char path[] = "/tmp/hotrig-test-XXXXXX";
	int fd = mkstemp(path);
	bool there[8];
	struct ram_file file, none;
	char *map;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(pwrite(fd, "x", 1, 65536), 1);
	map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	file = ram_file_open(getpid(), (uintptr_t)map + 65536);
	assert_true(file.fd >= 0);
	assert_int_equal(file.offset, 65536);
	none = ram_file_open(getpid(), (uintptr_t)&path);
	assert_int_equal(none.fd, -1);
	{
		AUTO_CLOSE int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

		assert_true(pagemap >= 0);
		ram_presence_mark(pagemap, &none, 0, (uintptr_t)map + 65536 - 4096, 3, there);
		assert_false(there[0] || there[1] || there[2]);
		ram_presence_mark(pagemap, &file, file.offset - 4096, (uintptr_t)map + 65536 - 4096, 2, there);
		assert_false(there[0]);
		assert_true(there[1]);
		/* looking has touched nothing */
		ram_presence_mark(pagemap, &none, 0, (uintptr_t)map + 65536, 1, there);
		assert_false(there[0]);
		map[65536 + 5 * 4096] = 1;
		ram_presence_mark(pagemap, &none, 0, (uintptr_t)map + 65536, 8, there);
		assert_true(there[5] && !there[4] && !there[6]);
	}
	/* without pagemap, all may be there */
	ram_presence_mark(-1, &none, 0, (uintptr_t)map, 8, there);
	assert_true(there[0] && there[7]);
	ram_file_close(&file);
	munmap(map, 1 << 20);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_whole_memory_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(every_call_looks_afresh, setup, teardown),
		cmocka_unit_test_setup_teardown(the_note_alone_is_enough_to_decode, setup, teardown),
		cmocka_unit_test_setup_teardown(endless_sections_end, setup, teardown),
		cmocka_unit_test_setup_teardown(places_are_asked_for_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_process_that_is_gone_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_process_that_may_not_be_read_is_told, setup, teardown),
		cmocka_unit_test(mtree_is_parsed),
		cmocka_unit_test(nonsense_has_no_ram),
		cmocka_unit_test(files_below_are_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
