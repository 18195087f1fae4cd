// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the RAM of a QEMU process is: what its monitor says, and what is in memory or in a file below. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clean.h"
#include "witness/ram_presence.h"
#include "witness/ram_ranges.h"

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
		cmocka_unit_test(mtree_is_parsed),
		cmocka_unit_test(nonsense_has_no_ram),
		cmocka_unit_test(files_below_are_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
