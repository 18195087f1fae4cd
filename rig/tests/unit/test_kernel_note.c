// SPDX-License-Identifier: GPL-2.0-or-later
/* The note for crash dumps in a guest's memory: the right one among copies, halves and nonsense. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "page/vmcoreinfo.h"
#include "sample_guest.h"
#include "witness/kernel_note.h"

#define SOON_ENOUGH clock_in_ms(10000)

struct fixture {
	struct sample_guest g;
	struct kernel_space space;
	struct kernel_note note;
	struct rig_err err;
};

static int setup_levels(void **state, unsigned int levels)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	sample_guest_init(&f->g, levels);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_levels(state, 4);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	kernel_note_deinit(&f->note);
	sample_guest_deinit(&f->g);
	free(f);
	return 0;
}

static int find(struct fixture *f, uint64_t hint)
{
	kernel_note_deinit(&f->note);
	return kernel_note_find(&f->g.memory, hint, SOON_ENOUGH, &f->space, &f->note, &f->err);
}

static void is_found(struct fixture *f, uint64_t hint)
{
	uint64_t gpa, len;

	if (find(f, hint) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(f->note.gpa, GUEST_NOTE);
	assert_string_equal(f->note.release, GUEST_RELEASE);
	assert_non_null(strstr(f->note.text, "OSRELEASE=" GUEST_RELEASE "\n"));
	/* the tables are set by it */
	assert_int_equal(page_tables_translate(&f->space.tables, GUEST_UTS_VA, &gpa, &len), 0);
	assert_int_equal(gpa, GUEST_UTS);
}

static void is_not_found(struct fixture *f, const char *why)
{
	assert_int_equal(find(f, 0), -ENOENT);
	assert_int_equal(f->err.cause, RIG_KERNEL);
	if (!strstr(f->err.text, why))
		fail_msg("expected '%s' in '%s'", why, f->err.text);
}

/* The note with one line replaced: the first character of @from up to the line's end. */
static void spoil(struct fixture *f, uint64_t gpa, const char *from, const char *to)
{
	AUTO_FREE char *text = sample_guest_note_text(&f->g), *spoilt = NULL;
	char *at = strstr(text, from);

	assert_non_null(at);
	spoilt = xasprintf("%.*s%s%s", (int)(at - text), text, to, strchr(at, '\n'));
	memset(f->g.ram + gpa, 0, 4096);
	sample_guest_note(&f->g, gpa, spoilt);
}

static void it_is_found_with_a_hint_and_without(void **state)
{
	struct fixture *f = *state;

	is_found(f, 0);
	is_found(f, GUEST_NOTE);
	/* a hint is tried, not believed */
	is_found(f, GUEST_TOP);
	is_found(f, GUEST_NOTE + 4096);
	is_found(f, 1ull << 60);
	is_found(f, 12345);
}

static void five_levels_too(void **state)
{
	(void)state;
	for (unsigned int levels = 4; levels <= 5; levels++) {
		void *five;
		struct fixture *f;

		setup_levels(&five, levels);
		f = five;
		is_found(f, 0);
		assert_int_equal(f->space.tables.levels, levels);
		/* the other number leads nowhere */
		spoil(f, GUEST_NOTE, "NUMBER(pgtable_l5_enabled)",
		      levels == 4 ? "NUMBER(pgtable_l5_enabled)=1" : "NUMBER(pgtable_l5_enabled)=0");
		is_not_found(f, "do not map themselves");
		teardown(&five);
	}
}

static void copies_do_not_count(void **state)
{
	struct fixture *f = *state;

	/* lower in memory, so looked at before: of another kernel, of another place, half written */
	spoil(f, 0x1000, "OSRELEASE", "OSRELEASE=6.12.0-other");
	spoil(f, 0x2000, "NUMBER(phys_base)", "NUMBER(phys_base)=0");
	spoil(f, 0x3000, "SYMBOL(init_top_pgt)", "SYMBOL(init_top_pgt)=ffffffff80400008");
	spoil(f, 0x4000, "SYMBOL(init_top_pgt)", "SYMBOL(init_top_pgt)=ffff888000600000");
	spoil(f, 0x5000, "OSRELEASE", "X=1");
	spoil(f, 0x6000, "SYMBOL(init_uts_ns)", "SYMBOL(init_uts_ns)=ffff800000000000");
	sample_guest_note(&f->g, 0x7000, "nonsense");
	is_found(f, 0);
	is_found(f, 0x1000);
}

static void what_does_not_hold_together_is_an_error(void **state)
{
	struct fixture *f = *state;
	static const struct { const char *from, *to, *why; } cases[] = {
		{ "OSRELEASE", "OSRELEASE=6.12.0-other", "is not the '6.12.0-other' that it names" },
		{ "OSRELEASE", "X=1", "no OSRELEASE" },
		{ "NUMBER(phys_base)", "X=1", "no NUMBER(phys_base)" },
		{ "NUMBER(phys_base)", "NUMBER(phys_base)=-1", "tables would be at" },
		{ "NUMBER(phys_base)", "NUMBER(phys_base)=-9223372036854775808", "do not map themselves" },
		{ "SYMBOL(init_top_pgt)", "SYMBOL(init_top_pgt)=0", "no SYMBOL(init_top_pgt)" },
		{ "SYMBOL(init_top_pgt)", "SYMBOL(init_top_pgt)=fffffffffffff000", "do not map themselves" },
		{ "OFFSET(uts_namespace.name)", "OFFSET(uts_namespace.name)=99999999999", "is not the" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		spoil(f, GUEST_NOTE, cases[i].from, cases[i].to);
		is_not_found(f, cases[i].why);
	}
	spoil(f, GUEST_NOTE, "KERNELOFFSET", "NUMBER(sme_mask)=140737488355328");
	is_not_found(f, "encrypted");
	memset(f->g.ram + GUEST_NOTE, 0, 4096);
	is_not_found(f, "no VMCOREINFO note");
	/* kernels before v5.11 do not say where the release is */
	spoil(f, GUEST_NOTE, "OFFSET(uts_namespace.name)", "X=1");
	is_found(f, 0);
}

static void heads_of_notes_are_checked(void **state)
{
	struct fixture *f = *state;
	Elf64_Nhdr *n = (Elf64_Nhdr *)(void *)(f->g.ram + GUEST_NOTE);
	Elf64_Nhdr right = *n;

	n->n_descsz = UINT32_MAX;
	is_not_found(f, "no VMCOREINFO note");
	n->n_descsz = 0;
	is_not_found(f, "no VMCOREINFO note");
	n->n_descsz = VMCOREINFO_MAX_BYTES + 1;
	is_not_found(f, "no VMCOREINFO note");
	*n = right;
	n->n_namesz = 12;
	is_not_found(f, "no VMCOREINFO note");
	*n = right;
	/* more than the text: what is behind its end does not count */
	n->n_descsz = VMCOREINFO_MAX_BYTES;
	is_found(f, 0);
	/* one at the end of RAM says more than there is */
	memcpy(f->g.ram + GUEST_RAM_BYTES - 4096, n, 4096);
	*n = (Elf64_Nhdr){ 0 };
	is_not_found(f, "no VMCOREINFO note");
}

static void searches_have_an_end(void **state)
{
	struct fixture *f = *state;

	f->g.broken = -EPERM;
	assert_int_equal(find(f, 0), -EPERM);
	assert_string_equal(f->err.text, "the sample is broken");
	assert_int_equal(find(f, GUEST_NOTE), -EPERM);
	f->g.broken = 0;
	memset(f->g.ram + GUEST_NOTE, 0, 4096);
	assert_int_equal(kernel_note_find(&f->g.memory, 0, clock_ns() - 1, &f->space, &f->note, &f->err),
			 -ETIMEDOUT);
	assert_int_equal(f->err.cause, RIG_TIMEOUT);
}

/* Every page a note that leads into tables of garbage: many, but each ends. */
static void a_guest_full_of_notes_ends(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *text = sample_guest_note_text(&f->g);

	for (uint64_t gpa = 0; gpa + 4096 <= GUEST_RAM_BYTES; gpa += 4096)
		sample_guest_note(&f->g, gpa, text);
	is_not_found(f, "none of 4096 VMCOREINFO notes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_found_with_a_hint_and_without, setup, teardown),
		cmocka_unit_test(five_levels_too),
		cmocka_unit_test_setup_teardown(copies_do_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_hold_together_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(heads_of_notes_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(searches_have_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_guest_full_of_notes_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
