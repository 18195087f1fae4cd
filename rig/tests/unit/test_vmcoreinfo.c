// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts of both kernels as their guests had them, and texts that no kernel writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "page/vmcoreinfo.h"

static char *real(const char *kernel)
{
	AUTO_FREE char *path = xasprintf(TEST_FIXTURES "/vmcoreinfo/%s.txt", kernel);
	struct rig_err err;
	char *text;

	assert_int_equal(io_read_file(path, VMCOREINFO_MAX_BYTES, &text, NULL, &err), 0);
	return text;
}

static void real_texts(void **state)
{
	AUTO_FREE char *earlier = real("6.1"), *later = real("6.12");
	uint64_t address;
	int64_t number;
	char text[64];

	(void)state;
	assert_true(vmcoreinfo_text(earlier, "OSRELEASE", text, sizeof(text)));
	assert_string_equal(text, "6.1.0-56-cloud-amd64");
	assert_true(vmcoreinfo_address(earlier, "SYMBOL(init_top_pgt)", &address));
	assert_true(address == 0xffffffff82a10000);
	assert_true(vmcoreinfo_number(earlier, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", &number));
	assert_int_equal(number, -129);
	assert_true(vmcoreinfo_number(earlier, "OFFSET(page._mapcount)", &number));
	assert_int_equal(number, 48);
	/* the first line, one with 0x, and the last one */
	assert_true(vmcoreinfo_text(later, "OSRELEASE", text, sizeof(text)));
	assert_true(vmcoreinfo_address(later, "NUMBER(VMALLOC_START)", &address));
	assert_true(address == 0xffffc90000000000);
	assert_true(vmcoreinfo_number(later, "NUMBER(sme_mask)", &number));
	assert_int_equal(number, 0);
	assert_true(vmcoreinfo_address(later, "KERNELOFFSET", &address));
	/* part of a key, and a key that is there only behind something else */
	assert_false(vmcoreinfo_number(later, "OFFSET(page", &number));
	assert_false(vmcoreinfo_text(later, "RELEASE", text, sizeof(text)));
	assert_false(vmcoreinfo_text(later, "page.flags)", text, sizeof(text)));
}

static void hostile_values(void **state)
{
	static const char *const no_number[] = {
		"", "-", "+1", " 1", "1 ", "0x1", "1.5", "1-", "--1", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999999999", "1\r", "\xff",
	}, *const no_address[] = {
		"", "0x", "x1", "-1", " 1", "1 ", "g", "00x1", "ABC", "10000000000000000", "0x0x1",
	};
	uint64_t address = 77;
	int64_t number = 77;
	char text[8] = "as was";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(no_number); i++) {
		AUTO_FREE char *note = xasprintf("K=%s\nL=5", no_number[i]);

		assert_false(vmcoreinfo_number(note, "K", &number));
		assert_int_equal(number, 77);
		assert_true(vmcoreinfo_number(note, "L", &(int64_t){ 0 }));
	}
	for (size_t i = 0; i < ARRAY_SIZE(no_address); i++) {
		AUTO_FREE char *note = xasprintf("K=%s\nL=5", no_address[i]);

		assert_false(vmcoreinfo_address(note, "K", &address));
		assert_true(address == 77);
	}
	assert_true(vmcoreinfo_number("K=-9223372036854775808", "K", &number));
	assert_true(number == INT64_MIN);
	assert_true(vmcoreinfo_address("K=ffffffffffffffff\n", "K", &address));
	assert_true(address == UINT64_MAX);
	/* the first of two, also when it is no number */
	assert_true(vmcoreinfo_number("K=1\nK=2\n", "K", &number));
	assert_int_equal(number, 1);
	assert_false(vmcoreinfo_number("K=one\nK=2\n", "K", &number));
	assert_false(vmcoreinfo_number("", "K", &number));
	assert_false(vmcoreinfo_number("K", "K", &number));
	assert_false(vmcoreinfo_number("KX5\n", "K", &number));
	assert_false(vmcoreinfo_number("\n\n\n", "K", &number));
	/* a text that fits exactly, and others */
	assert_true(vmcoreinfo_text("K=1234567\n", "K", text, sizeof(text)));
	assert_string_equal(text, "1234567");
	assert_false(vmcoreinfo_text("K=12345678\n", "K", text, sizeof(text)));
	assert_false(vmcoreinfo_text("K=\n", "K", text, sizeof(text)));
	assert_false(vmcoreinfo_text("K=a\tb\n", "K", text, sizeof(text)));
	assert_false(vmcoreinfo_text("K=a\x80\n", "K", text, sizeof(text)));
	assert_string_equal(text, "1234567");
}

struct note {
	uint32_t namesz, descsz, type;
	const char *name, *desc;
};

/* Notes in a block of just their size, so that a read behind it shows; @cut bytes are missing. */
static char *notes(const struct note *n, size_t nr, size_t cut, size_t *len)
{
	char *block = NULL;

	*len = 0;
	for (size_t i = 0; i < nr; i++, n++) {
		const size_t name = strlen(n->name) + 1, desc = strlen(n->desc);
		const size_t text = 12 + (name + 3) / 4 * 4, whole = text + (desc + 3) / 4 * 4;

		block = xrealloc(block, *len + whole, 1);
		memset(block + *len, 0, whole);
		memcpy(block + *len, n, 12);
		memcpy(block + *len + 12, n->name, name);
		memcpy(block + *len + text, n->desc, desc);
		*len += whole;
	}
	*len -= cut;
	return xrealloc(block, *len, 1);
}

static void the_note_is_found_among_others(void **state)
{
	const struct note n[] = {
		{ 5, 3, 1, "CORE", "abc" },
		{ 11, 4, 0, "VMCOREINFX", "K=1\n" },
		{ 11, 6, 0, "VMCOREINFO", "K=25\n\0" },
		{ 11, 4, 0, "VMCOREINFO", "K=3\n" },
	};
	size_t len;
	AUTO_FREE char *block = notes(n, ARRAY_SIZE(n), 0, &len), *text = NULL;

	(void)state;
	text = vmcoreinfo_find(block, len);
	assert_non_null(text);
	assert_string_equal(text, "K=25\n");
	assert_null(vmcoreinfo_find(block, 0));
	assert_null(vmcoreinfo_find(block, 11));
}

static void hostile_notes(void **state)
{
	static const uint32_t sizes[] = { 12, 0x7fffffff, 0xfffffffc, 0xfffffffd, 0xffffffff };
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const struct note name[] = { { sizes[i], 4, 0, "CORE", "abcd" },
					     { 11, 4, 0, "VMCOREINFO", "K=1\n" } },
				  desc = { 11, sizes[i], 0, "VMCOREINFO", "K=1\n" };
		AUTO_FREE char *a = notes(name, i ? 2 : 1, 0, &len), *b = NULL;

		assert_null(vmcoreinfo_find(a, len));
		b = notes(&desc, 1, 0, &len);
		assert_null(vmcoreinfo_find(b, len));
	}
	/* cut anywhere: nothing, but for the padding at the end */
	for (size_t cut = 1; cut < 28; cut++) {
		const struct note n = { 11, 3, 0, "VMCOREINFO", "K=1" };
		AUTO_FREE char *block = notes(&n, 1, cut, &len), *text = vmcoreinfo_find(block, len);

		assert_int_equal(text != NULL, cut == 1);
	}
	/* without end */
	{
		const size_t desc = 3 * VMCOREINFO_MAX_BYTES;
		AUTO_FREE char *block = xcalloc(24 + desc, 1), *text = NULL;

		memcpy(block, (uint32_t[]){ 11, (uint32_t)desc, 0 }, 12);
		memcpy(block + 12, "VMCOREINFO", 11);
		memset(block + 24, 'K', desc);
		text = vmcoreinfo_find(block, 24 + desc);
		assert_non_null(text);
		assert_int_equal(strlen(text), VMCOREINFO_MAX_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_texts),
		cmocka_unit_test(hostile_values),
		cmocka_unit_test(the_note_is_found_among_others),
		cmocka_unit_test(hostile_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
