/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_kallsyms: the tables that a kernel carries of its own symbols, packed as scripts/kallsyms does it.
 *
 * Tokens are the printable characters as themselves and, from 0x80 on, the words of
 * SAMPLE_KALLSYMS_WORDS; all others are empty.
 */
#ifndef TEST_SAMPLE_KALLSYMS_H
#define TEST_SAMPLE_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_KALLSYMS_WORDS { "D__per_cpu_", "T_", "__", "offset", "page" }

/* Where the tables are, from their start; names come last and end with them. */
#define KALLSYMS_NUM_SYMS	0x0000u
#define KALLSYMS_BASE		0x0008u
#define KALLSYMS_TOKEN_INDEX	0x0100u
#define KALLSYMS_TOKEN_TABLE	0x0400u
#define KALLSYMS_OFFSETS	0x1000u
#define KALLSYMS_NAMES		0x2000u

struct sample_symbol {
	const char *name;	/* with its type in front: "T_stext" */
	int32_t offset;
};

/**
 * sample_kallsyms_make() - the tables of @symbols, up to one without name, relative to @base
 * Returns their bytes, *@len of them; free() them.
 */
unsigned char *sample_kallsyms_make(const struct sample_symbol *symbols, uint64_t base, size_t *len);

/** sample_kallsyms_note() - what VMCOREINFO says of tables at @addr; caller frees */
char *sample_kallsyms_note(uint64_t addr);

#endif
