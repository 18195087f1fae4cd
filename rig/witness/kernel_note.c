// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "page/vmcoreinfo.h"
#include "witness/kernel_note.h"

#define HEADS		1024
#define NOTE_NAME	"VMCOREINFO"

/* struct new_utsname: texts of 65 bytes, release is the third */
#define UTSNAME_RELEASE	(2 * 65)

struct search {
	const struct guest_memory *memory;
	struct kernel_space *space;
	struct kernel_note *found;
	unsigned int nr_notes;
	char why[160];		/* the last note does not hold together */
};

static bool is_note_head(const unsigned char *bytes)
{
	Elf64_Nhdr n;

	memcpy(&n, bytes, sizeof(n));
	return n.n_namesz == sizeof(NOTE_NAME) && n.n_descsz &&
	       n.n_descsz <= VMCOREINFO_MAX_BYTES &&
	       !memcmp(bytes + sizeof(n), NOTE_NAME, sizeof(NOTE_NAME));
}

/* 1 and the text when a note is at @gpa, else 0 or what stops everything */
static int read_note(const struct guest_memory *memory, uint64_t gpa, char **ret)
{
	unsigned char bytes[PAGE_HEAD_BYTES + VMCOREINFO_MAX_BYTES];
	struct memory_piece piece = { gpa, PAGE_HEAD_BYTES };
	Elf64_Nhdr n;
	int r = memory->read(memory->arg, &piece, 1, bytes);

	if (r < 0 || !is_note_head(bytes))
		return r == -EFAULT ? 0 : r;
	memcpy(&n, bytes, sizeof(n));
	piece.len = PAGE_HEAD_BYTES + n.n_descsz;
	r = memory->read(memory->arg, &piece, 1, bytes);
	if (r < 0)
		return r == -EFAULT ? 0 : r;
	*ret = vmcoreinfo_find(bytes, piece.len);
	return *ret != NULL;
}

/* The tables as the note has them; false: it does not, and why */
static bool set_tables(struct search *s, const char *text, uint64_t *top)
{
	int64_t phys_base, five_levels = 0, sme_mask = 0;
	uint64_t root;

	if (!vmcoreinfo_address(text, "SYMBOL(init_top_pgt)", top) || *top < START_KERNEL_MAP ||
	    !vmcoreinfo_number(text, "NUMBER(phys_base)", &phys_base)) {
		snprintf(s->why, sizeof(s->why),
			 "it has no SYMBOL(init_top_pgt) or no NUMBER(phys_base)");
		return false;
	}
	vmcoreinfo_number(text, "NUMBER(pgtable_l5_enabled)", &five_levels);
	vmcoreinfo_number(text, "NUMBER(sme_mask)", &sme_mask);
	if (sme_mask) {
		snprintf(s->why, sizeof(s->why), "the guest's memory is encrypted");
		return false;
	}
	root = *top - START_KERNEL_MAP + (uint64_t)phys_base;
	if (root % GUEST_PAGE_BYTES) {
		snprintf(s->why, sizeof(s->why), "its tables would be at 0x%" PRIx64, root);
		return false;
	}
	page_tables_init(&s->space->tables, s->memory, root, five_levels ? 5 : 4);
	return true;
}

/* 1: it holds together; 0: it does not, and why; else what stops everything */
static int judge(struct search *s, const char *text, char *release, size_t size)
{
	struct kernel_memory kernel = kernel_space_memory(s->space);
	uint64_t top, gpa, len, uts;
	char said[65] = "";
	int64_t offset;
	int r;

	if (!set_tables(s, text, &top))
		return 0;
	r = page_tables_translate(&s->space->tables, top, &gpa, &len);
	if (r < 0 && r != -EFAULT && r != -EBADMSG)
		return r;
	if (r < 0 || gpa != s->space->tables.root) {
		snprintf(s->why, sizeof(s->why), "its page tables do not map themselves");
		return 0;
	}
	if (!vmcoreinfo_text(text, "OSRELEASE", release, size)) {
		snprintf(s->why, sizeof(s->why), "it has no OSRELEASE");
		return 0;
	}
	/* OFFSET(uts_namespace.name) since v5.11: older kernels have told enough */
	if (!vmcoreinfo_address(text, "SYMBOL(init_uts_ns)", &uts) ||
	    !vmcoreinfo_number(text, "OFFSET(uts_namespace.name)", &offset))
		return 1;
	r = kernel_memory_copy(&kernel, uts + (uint64_t)offset + UTSNAME_RELEASE, said,
			       sizeof(said));
	if (r < 0 && r != -EFAULT)
		return r;
	if (r < 0 || strncmp(said, release, sizeof(said))) {
		snprintf(s->why, sizeof(s->why), "the kernel there is not the '%s' that it names",
			 release);
		return 0;
	}
	return 1;
}

/* 1: this is the one */
static int try_note(struct search *s, uint64_t gpa)
{
	AUTO_FREE char *text = NULL;
	char release[sizeof(s->found->release)];
	int r = read_note(s->memory, gpa, &text);

	if (r <= 0)
		return r;
	s->nr_notes++;
	r = judge(s, text, release, sizeof(release));
	if (r <= 0)
		return r;
	*s->found = (struct kernel_note){ .gpa = gpa, .text = TAKE_PTR(text) };
	strcpy(s->found->release, release);
	return 1;
}

static int out_of_time(const struct search *s, struct rig_err *err)
{
	return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT,
			   "the search for VMCOREINFO in the guest's memory took too long, %u notes in",
			   s->nr_notes);
}

static int not_found(const struct search *s, struct rig_err *err)
{
	if (!s->nr_notes)
		return rig_err_set(err, RIG_KERNEL, ENOENT,
				   "no VMCOREINFO note in the guest's memory: a kernel without "
				   "CONFIG_CRASH_CORE (CONFIG_VMCORE_INFO), or not booted far enough");
	return rig_err_set(err, RIG_KERNEL, ENOENT,
			   "none of %u VMCOREINFO notes in the guest's memory holds together: of the "
			   "last one, %s", s->nr_notes, s->why);
}

int kernel_note_find(const struct guest_memory *memory, uint64_t hint, uint64_t until_ns,
		     struct kernel_space *space, struct kernel_note *ret, struct rig_err *err)
{
	struct kernel_note found;
	struct search s = { .memory = memory, .space = space, .found = &found };
	struct page_head head[HEADS];
	int r = hint ? try_note(&s, hint) : 0;

	for (uint64_t gpa = 0; !r && gpa != GUEST_MEMORY_END; ) {
		int nr = memory->heads(memory->arg, &gpa, head, HEADS);

		r = nr < 0 ? nr : 0;
		for (int i = 0; i < nr && !r; i++) {
			if (!is_note_head(head[i].bytes))
				continue;
			r = clock_ns() > until_ns ? -ETIMEDOUT : try_note(&s, head[i].gpa);
		}
		if (r == -ETIMEDOUT || (!r && clock_ns() > until_ns))
			return out_of_time(&s, err);
	}
	if (!r)
		return not_found(&s, err);
	if (r < 0)
		return memory->explain(memory->arg, r, err);
	*ret = found;
	return 0;
}

void kernel_note_deinit(struct kernel_note *n)
{
	free(n->text);
	*n = (struct kernel_note){ 0 };
}
