// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file is a tree of letters, all numbers big-endian: magic, version, root; then nodes, each with what the
 * flags in the offset that leads to it say: a prefix, a table of children by their letter, values.  Here the
 * root has a child for the first letter of each name, whose prefix is the rest.
 */
#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "image/builtin_index.h"

#define MAGIC		0xb007f457u
#define VERSION		0x00020001u
#define HAS_PREFIX	0x80000000u
#define HAS_VALUES	0x40000000u
#define HAS_CHILDREN	0x20000000u
#define ROOT_OFFSET	12u		/* behind the header */

static void put_u32(FILE *f, uint32_t value)
{
	value = htobe32(value);
	fwrite(&value, sizeof(value), 1, f);
}

/* One value, which says nothing: that it is there is the answer. */
static void put_leaf(FILE *f, const char *prefix)
{
	fputs(prefix, f);
	fputc('\0', f);
	put_u32(f, 1);
	put_u32(f, 0);	/* priority */
	fputc('\0', f);
}

static uint32_t leaf_bytes(const char *prefix)
{
	return (uint32_t)strlen(prefix) + 1 + 4 + 4 + 1;
}

char *builtin_index_make(const char *const *names, size_t nr_names, size_t *len)
{
	unsigned char first = (unsigned char)names[0][0], last = (unsigned char)names[nr_names - 1][0];
	uint32_t leaf = ROOT_OFFSET + 2 + 4 * (last - first + 1u);
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	size_t i = 0;

	if (!f)
		abort();
	put_u32(f, MAGIC);
	put_u32(f, VERSION);
	put_u32(f, ROOT_OFFSET | HAS_CHILDREN);
	fputc(first, f);
	fputc(last, f);
	for (unsigned int letter = first; letter <= last; letter++) {
		bool is_there = (unsigned char)names[i][0] == letter;

		put_u32(f, is_there ? leaf | HAS_PREFIX | HAS_VALUES : 0);
		leaf += is_there ? leaf_bytes(names[i++] + 1) : 0;
	}
	assert(i == nr_names);
	for (i = 0; i < nr_names; i++)
		put_leaf(f, names[i] + 1);
	fclose(f);
	return text;
}
