/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_note: VMCOREINFO in a guest's memory, and what it ties together.  Level 4, of witness.
 *
 * The kernel keeps the note at the start of pages of its own (vmcoreinfo_note), so the search looks
 * at the first bytes of each page.  Copies of notes lie about as well: the one counts whose page
 * tables map themselves to where it says and lead to the release that it names.
 */
#ifndef RIG_WITNESS_KERNEL_NOTE_H
#define RIG_WITNESS_KERNEL_NOTE_H

#include "base/err.h"
#include "witness/kernel_space.h"

struct kernel_note {
	uint64_t gpa;
	char *text;		/* owned */
	char release[65];	/* as uname -r */
};

/**
 * kernel_note_find() - find the note of the running kernel and set the tables of @space by it
 * @hint: where it was before, tried first; 0: none
 * Errors: RIG_KERNEL -ENOENT, RIG_TIMEOUT -ETIMEDOUT, and those of the memory.
 */
int kernel_note_find(const struct guest_memory *memory, uint64_t hint, uint64_t until_ns,
		     struct kernel_space *space, struct kernel_note *ret, struct rig_err *err)
	RIG_CHECKED;
void kernel_note_deinit(struct kernel_note *n);

#endif
