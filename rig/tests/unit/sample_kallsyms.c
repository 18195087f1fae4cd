// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_kallsyms.h"

#define FIRST_WORD 0x80u

static const char *const words[] = SAMPLE_KALLSYMS_WORDS;

static void make_tokens(unsigned char *tables)
{
	unsigned char *text = tables + KALLSYMS_TOKEN_TABLE;

	for (size_t i = 0; i < 256; i++) {
		uint16_t at = (uint16_t)(text - tables - KALLSYMS_TOKEN_TABLE);

		memcpy(tables + KALLSYMS_TOKEN_INDEX + i * sizeof(at), &at, sizeof(at));
		if (i >= FIRST_WORD && i < FIRST_WORD + ARRAY_SIZE(words))
			text = (unsigned char *)stpcpy((char *)text, words[i - FIRST_WORD]);
		else if (i > ' ' && i < 127)
			*text++ = (unsigned char)i;
		text++;
	}
}

/* The longest tokens that fit, one by one. */
static size_t pack(const char *name, unsigned char *to)
{
	size_t nr = 0;

	while (*name) {
		size_t best = 1;

		to[nr] = (unsigned char)*name;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (strlen(words[i]) > best && !strncmp(name, words[i], strlen(words[i]))) {
				best = strlen(words[i]);
				to[nr] = (unsigned char)(FIRST_WORD + i);
			}
		name += best;
		nr++;
	}
	return nr;
}

unsigned char *sample_kallsyms_make(const struct sample_symbol *symbols, uint64_t base, size_t *len)
{
	size_t room = KALLSYMS_NAMES, at = KALLSYMS_NAMES;
	unsigned char *tables;
	uint32_t nr = 0;

	while (symbols[nr].name)
		room += strlen(symbols[nr++].name) + 2;
	if (KALLSYMS_OFFSETS + nr * 4 > KALLSYMS_NAMES)
		abort();
	tables = xcalloc(1, room);
	memcpy(tables + KALLSYMS_NUM_SYMS, &nr, sizeof(nr));
	memcpy(tables + KALLSYMS_BASE, &base, sizeof(base));
	make_tokens(tables);
	for (uint32_t i = 0; i < nr; i++) {
		AUTO_FREE unsigned char *packed = xcalloc(1, strlen(symbols[i].name) + 1);
		size_t tokens = pack(symbols[i].name, packed);

		if (tokens > 127) {
			tables[at++] = (unsigned char)(tokens | 0x80);
			tables[at++] = (unsigned char)(tokens >> 7);
		} else {
			tables[at++] = (unsigned char)tokens;
		}
		memcpy(tables + at, packed, tokens);
		at += tokens;
		memcpy(tables + KALLSYMS_OFFSETS + i * 4, &symbols[i].offset, 4);
	}
	*len = at;
	return tables;
}

char *sample_kallsyms_note(uint64_t addr)
{
	return xasprintf("SYMBOL(kallsyms_names)=%llx\n"
			 "SYMBOL(kallsyms_num_syms)=%llx\n"
			 "SYMBOL(kallsyms_token_table)=%llx\n"
			 "SYMBOL(kallsyms_token_index)=%llx\n"
			 "SYMBOL(kallsyms_offsets)=%llx\n"
			 "SYMBOL(kallsyms_relative_base)=%llx\n",
			 addr + KALLSYMS_NAMES + 0ull, addr + KALLSYMS_NUM_SYMS + 0ull,
			 addr + KALLSYMS_TOKEN_TABLE + 0ull, addr + KALLSYMS_TOKEN_INDEX + 0ull,
			 addr + KALLSYMS_OFFSETS + 0ull, addr + KALLSYMS_BASE + 0ull);
}
