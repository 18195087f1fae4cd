// SPDX-License-Identifier: GPL-2.0-or-later
/* Symbols by the kernel's own tables: right ones, cut anywhere, and such as no kernel has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/kallsyms.h"
#include "sample_kallsyms.h"
#include "sample_memory.h"

#define BASE		0xffffffff81000000ull
#define TABLES		0xffffffff82345000ull
#define MEMORY_BYTES	0x10000u
#define TOUCHED		77u
#define NR_FILLERS	900

struct fixture {
	struct sample_memory m;
	char *note;
	size_t len;	/* of the tables */
};

static int tear_down(void **state)
{
	struct fixture *f = *state;

	sample_memory_deinit(&f->m);
	free(f->note);
	free(f);
	return 0;
}

static struct fixture *make(const struct sample_symbol *symbols, uint64_t base, size_t memory_bytes)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	AUTO_FREE unsigned char *tables = sample_kallsyms_make(symbols, base, &f->len);

	sample_memory_init(&f->m, TABLES, memory_bytes, 1u << 20);
	sample_memory_put(&f->m, TABLES, tables, f->len);
	f->note = sample_kallsyms_note(TABLES);
	return f;
}

/* A few symbols; one page of names. */
static int set_up(void **state)
{
	static const struct sample_symbol symbols[] = {
		{ "A_first", 0 },
		{ "D__per_cpu_offse", 0x100 },
		{ "D__per_cpu_offset_", 0x200 },
		{ "D_per_cpu_offset", 0x300 },
		{ "D__per_cpu_offset", 0x400 },
		{ "T_stext", 0x500 },
		{ "dmem_section", 0x7effffff },
		{ "b__bss_page", 0x700 },
		{ NULL, 0 },
	};

	*state = make(symbols, BASE, MEMORY_BYTES);
	return 0;
}

static int find(struct fixture *f, const char *name, uint64_t *ret)
{
	*ret = TOUCHED;
	return kallsyms_find(&f->m.memory, f->note, name, ret);
}

static void is_at(struct fixture *f, const char *name, uint64_t addr)
{
	uint64_t ret;
	int r = find(f, name, &ret);

	if (r || ret != addr)
		fail_msg("'%s': %d, 0x%llx", name, r, (unsigned long long)ret);
}

static void fails(struct fixture *f, const char *name, int r)
{
	uint64_t ret;

	assert_int_equal(find(f, name, &ret), r);
	assert_int_equal(ret, TOUCHED);
}

/* The table @key is somewhere else: of two lines in the note the first counts. */
static void move_table(struct fixture *f, const char *key, uint64_t addr)
{
	char *was = f->note;

	f->note = xasprintf("SYMBOL(kallsyms_%s)=%llx\n%s", key, (unsigned long long)addr, was);
	free(was);
}

static void set_nr(struct fixture *f, uint32_t nr)
{
	sample_memory_put(&f->m, TABLES + KALLSYMS_NUM_SYMS, &nr, sizeof(nr));
}

static void set_token(struct fixture *f, unsigned int token, uint16_t at)
{
	sample_memory_put(&f->m, TABLES + KALLSYMS_TOKEN_INDEX + token * sizeof(at), &at, sizeof(at));
}

static void names_are_whole_and_without_their_type(void **state)
{
	struct fixture *f = *state;

	is_at(f, "_first", BASE);
	is_at(f, "__per_cpu_offset", BASE + 0x400);
	is_at(f, "__per_cpu_offse", BASE + 0x100);
	is_at(f, "_stext", BASE + 0x500);
	is_at(f, "mem_section", UINT64_MAX);
	is_at(f, "__bss_page", BASE + 0x700);
	fails(f, "T_stext", -ENOENT);
	fails(f, "stext", -ENOENT);
	fails(f, "__per_cpu", -ENOENT);
	fails(f, "__pEr_cpu_offset", -ENOENT);	/* within a token */
	fails(f, "", -ENOENT);
}

/* Thousands of names, over many pages, in pieces of every kind. */
static void any_view_shows_them(void **state)
{
	static const size_t views[] = { 1, 7, 100, 4095, 4096, 4097, 5000, 65536, 1u << 20 };
	static struct sample_symbol symbols[NR_FILLERS + 1];
	static char name[NR_FILLERS][24];
	struct fixture *f;

	for (int i = 0; i < NR_FILLERS; i++) {
		snprintf(name[i], sizeof(name[i]), "t__page%doffset", i * 7919);
		symbols[i] = (struct sample_symbol){ name[i], i * 16 };
	}
	f = make(symbols, BASE, MEMORY_BYTES);
	*state = f;
	assert_true(f->len > KALLSYMS_NAMES + 2 * 4096);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		f->m.memory.max_bytes = views[i];
		is_at(f, name[0] + 1, BASE);
		is_at(f, name[NR_FILLERS / 2] + 1, BASE + NR_FILLERS / 2 * 16);
		is_at(f, name[NR_FILLERS - 1] + 1, BASE + (NR_FILLERS - 1) * 16);
		fails(f, "absent", -ENOENT);
	}
	/* what follows the page with the last of them is not there */
	f->m.hole = (TABLES + f->len) / 4096 * 4096 + 4096;
	is_at(f, name[NR_FILLERS - 1] + 1, BASE + (NR_FILLERS - 1) * 16);
	fails(f, "absent", -ENOENT);
}

static void long_names_have_two_bytes_of_length(void **state)
{
	static const size_t lengths[] = { 126, 127, 128, 129, 255, 256, 257, 512 };
	char name[16][600];
	struct sample_symbol symbols[16] = { { NULL, 0 } };
	struct fixture *f;
	size_t nr = 0;

	for (; nr < ARRAY_SIZE(lengths); nr++) {
		memset(name[nr], 'x', lengths[nr]);
		name[nr][lengths[nr]] = '\0';
		symbols[nr] = (struct sample_symbol){ name[nr], (int32_t)nr };
	}
	symbols[nr] = (struct sample_symbol){ "Tbehind", 0x1000 };
	f = make(symbols, BASE, MEMORY_BYTES);
	*state = f;
	for (size_t i = 0; i < nr; i++)
		is_at(f, name[i] + 1, BASE + i);
	is_at(f, "behind", BASE + 0x1000);
}

/* With KALLSYMS_ABSOLUTE_PERCPU: -1 is the base itself. */
static void negative_offsets_count_from_one_below(void **state)
{
	static const struct sample_symbol symbols[] = {
		{ "A__per_cpu_start", 0 }, { "T_stext", -1 }, { "Tnext", -2 }, { "Dfar", -0x1000001 },
		{ "Blast", -0x7f000000 }, { NULL, 0 },
	};
	struct fixture *f = make(symbols, BASE, MEMORY_BYTES);

	*state = f;
	is_at(f, "_stext", BASE);
	is_at(f, "next", BASE + 1);
	is_at(f, "far", BASE + 0x1000000);
	is_at(f, "last", UINT64_MAX);
}

static void an_address_of_no_kernel_makes_no_sense(void **state)
{
	static const struct sample_symbol symbols[] = {
		{ "Tplain", 0x1000 }, { "Tnegative", -0x1001 }, { NULL, 0 },
	};
	struct fixture *f = make(symbols, 0xffff7fffffff0000ull, MEMORY_BYTES);
	uint64_t base = UINT64_MAX;

	*state = f;
	fails(f, "plain", -EBADMSG);
	fails(f, "negative", -EBADMSG);
	/* around the end of all addresses */
	sample_memory_put(&f->m, TABLES + KALLSYMS_BASE, &base, sizeof(base));
	fails(f, "plain", -EBADMSG);
	fails(f, "negative", -EBADMSG);
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char *const keys[] = { "names", "num_syms", "token_table", "token_index", "offsets",
					    "relative_base" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		AUTO_FREE char *key = xasprintf("SYMBOL(kallsyms_%s)", keys[i]);

		*strstr(f->note, key) = 'X';
		fails(f, "_stext", -ENOENT);
		assert_int_equal(f->m.views, 0);
		free(f->note);
		f->note = sample_kallsyms_note(TABLES);
	}
	is_at(f, "_stext", BASE + 0x500);
	set_nr(f, 5);		/* it is the sixth */
	is_at(f, "__per_cpu_offset", BASE + 0x400);
	fails(f, "_stext", -ENOENT);
	set_nr(f, 0);
	fails(f, "_first", -ENOENT);
}

/* --- what no kernel has --- */

static void too_many_symbols_are_not_looked_at(void **state)
{
	static const uint32_t numbers[] = { UINT32_MAX, 1u << 31, (4u << 20) + 1 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		set_nr(f, numbers[i]);
		f->m.views = 0;
		fails(f, "_first", -EBADMSG);
		assert_true(f->m.views < 8);
	}
	set_nr(f, 4u << 20);
	is_at(f, "_first", BASE);
}

static void tokens_stand_in_their_table(void **state)
{
	struct fixture *f = *state;
	uint16_t last;

	memcpy(&last, f->m.bytes + KALLSYMS_TOKEN_INDEX + 255 * 2, sizeof(last));
	set_token(f, 1, last);
	is_at(f, "_first", BASE);
	set_token(f, 1, (uint16_t)(last + 1));
	fails(f, "_first", -EBADMSG);
	set_token(f, 1, UINT16_MAX);
	fails(f, "_first", -EBADMSG);
	set_token(f, 255, UINT16_MAX);
	fails(f, "_first", -EBADMSG);
}

/* The whole table is one token without end: it ends with what was read. */
static void a_token_without_end_ends(void **state)
{
	const uint64_t table = TABLES + 0x8000;
	struct fixture *f = *state;

	memset(f->m.bytes + 0x8000, 'x', 0x4000);
	for (unsigned int i = 0; i < 256; i++)
		set_token(f, i, (uint16_t)(i < 255 ? 8000 : 8192 - 64));
	move_table(f, "token_table", table);
	fails(f, "_first", -ENOENT);
	fails(f, "xxx", -ENOENT);
	/* one byte more than ever is read */
	set_token(f, 255, 8192 - 63);
	fails(f, "xxx", -EBADMSG);
}

static void names_that_run_off_are_faults(void **state)
{
	struct fixture *f = *state;
	unsigned char *end = f->m.bytes + MEMORY_BYTES;

	/* nothing but empty names to the end, and behind */
	set_nr(f, MEMORY_BYTES);
	fails(f, "absent", -EFAULT);
	is_at(f, "_stext", BASE + 0x500);
	/* the last name is cut short: while it is compared, while it is stepped over, in its length */
	memcpy(end - 6, "\x07Tabse", 6);
	fails(f, "absent", -EFAULT);
	fails(f, "other", -EFAULT);
	memcpy(end - 6, "\0\0\0\0\0\x80", 6);
	fails(f, "absent", -EFAULT);
}

/* KSYM_NAME_LEN is 512 with all that belongs to a name. */
static void names_longer_than_any_make_no_sense(void **state)
{
	struct fixture *f = *state;

	f->m.bytes[KALLSYMS_NAMES] = 0x81;
	f->m.bytes[KALLSYMS_NAMES + 1] = 4;		/* 513 */
	fails(f, "absent", -EBADMSG);
	f->m.bytes[KALLSYMS_NAMES] = 0x80;		/* 512: others are inside */
	set_nr(f, 1);
	fails(f, "absent", -ENOENT);
}

/* Each byte stands for 8 KiB: only as much is unfolded as a name needs. */
static void names_are_not_unfolded_for_nothing(void **state)
{
	static const struct sample_symbol none[] = { { NULL, 0 } };
	const size_t bytes = 8u << 20;
	struct fixture *f = make(none, BASE, bytes);

	*state = f;
	memset(f->m.bytes + 0x4000, 'x', bytes - 0x4000);
	for (unsigned int i = 0; i < 256; i++)
		set_token(f, i, (uint16_t)(i < 255 ? 0 : 8192 - 64));
	move_table(f, "token_table", TABLES + 0x4000);
	move_table(f, "names", TABLES + 0x8000);
	set_nr(f, 4u << 20);
	alarm(20);
	fails(f, "xxy", -EFAULT);
	alarm(0);
}

static void tables_that_cannot_be_read_are_faults(void **state)
{
	static const char *const keys[] = { "names", "num_syms", "token_table", "token_index", "offsets",
					    "relative_base" };
	static const uint64_t places[] = { 0, TABLES - 1, TABLES + MEMORY_BYTES - 1, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (size_t k = 0; k < ARRAY_SIZE(places); k++) {
			struct fixture *f;

			set_up((void **)&f);
			move_table(f, keys[i], places[k]);
			fails(f, "_first", -EFAULT);
			tear_down((void **)&f);
		}
}

static void the_readers_error_is_handed_on(void **state)
{
	struct fixture *f = *state;
	unsigned int views;

	f->m.memory.max_bytes = 4096;
	is_at(f, "_stext", BASE + 0x500);
	views = f->m.views;
	assert_true(views >= 6);
	f->m.broken = -ESRCH;
	for (f->m.broken_from = 0; f->m.broken_from < views; f->m.broken_from++) {
		f->m.views = 0;
		fails(f, "_stext", -ESRCH);
		assert_int_equal(f->m.views, f->m.broken_from + 1);
	}
	f->m.views = 0;
	is_at(f, "_stext", BASE + 0x500);
}

#define SAMPLE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define OWN_TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SAMPLE_TEST(names_are_whole_and_without_their_type),
		OWN_TEST(any_view_shows_them),
		OWN_TEST(long_names_have_two_bytes_of_length),
		OWN_TEST(negative_offsets_count_from_one_below),
		OWN_TEST(an_address_of_no_kernel_makes_no_sense),
		SAMPLE_TEST(what_is_not_there_is_not_found),
		SAMPLE_TEST(too_many_symbols_are_not_looked_at),
		SAMPLE_TEST(tokens_stand_in_their_table),
		SAMPLE_TEST(a_token_without_end_ends),
		SAMPLE_TEST(names_that_run_off_are_faults),
		SAMPLE_TEST(names_longer_than_any_make_no_sense),
		OWN_TEST(names_are_not_unfolded_for_nothing),
		cmocka_unit_test(tables_that_cannot_be_read_are_faults),
		SAMPLE_TEST(the_readers_error_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
