// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>

#include "witness/page_tables.h"

/* Intel SDM volume 3, 4.5: bits of an entry */
#define ENTRY_PRESENT	(1ull << 0)
#define ENTRY_LARGE	(1ull << 7)	/* of levels 1 and 2; in level 0 it is PAT */
#define ENTRY_ADDR	0x000ffffffffff000ull

#define PAGE_SHIFT	12
#define LEVEL_SHIFT	9

static unsigned int shift_of(unsigned int level)
{
	return PAGE_SHIFT + level * LEVEL_SHIFT;
}

void page_tables_forget(struct page_tables *t)
{
	for (unsigned int i = 0; i < PAGE_TABLES_MAX_LEVELS; i++)
		t->last[i].gpa = GUEST_MEMORY_END;
}

void page_tables_init(struct page_tables *t, const struct guest_memory *memory, uint64_t root,
		      unsigned int levels)
{
	t->memory = memory;
	t->root = root;
	t->levels = levels;
	page_tables_forget(t);
}

/* All bits above the highest that is translated are like it. */
static bool is_canonical(const struct page_tables *t, uint64_t addr)
{
	unsigned int unused = 64 - shift_of(t->levels);

	return (uint64_t)((int64_t)(addr << unused) >> unused) == addr;
}

static int load_table(struct page_tables *t, unsigned int level, uint64_t gpa)
{
	const struct memory_piece piece = { gpa, sizeof(t->last[level].entry) };
	int r;

	if (t->last[level].gpa == gpa)
		return 0;
	t->last[level].gpa = GUEST_MEMORY_END;
	r = t->memory->read(t->memory->arg, &piece, 1, t->last[level].entry);
	if (r < 0)
		return r == -EFAULT ? -EBADMSG : r;
	t->last[level].gpa = gpa;
	return 0;
}

int page_tables_translate(struct page_tables *t, uint64_t addr, uint64_t *gpa, uint64_t *len)
{
	uint64_t table = t->root;

	if (!is_canonical(t, addr))
		return -EFAULT;
	for (unsigned int level = t->levels; level--; ) {
		uint64_t entry, offset_mask = (1ull << shift_of(level)) - 1;
		int r = load_table(t, level, table);

		if (r < 0)
			return r;
		entry = t->last[level].entry[addr >> shift_of(level) & (PAGE_TABLE_ENTRIES - 1)];
		if (!(entry & ENTRY_PRESENT))
			return -EFAULT;
		table = entry & ENTRY_ADDR;
		if (level && !(entry & ENTRY_LARGE))
			continue;
		if (level > 2)	/* no pages of 512 GiB */
			return -EBADMSG;
		*gpa = (table & ~offset_mask) | (addr & offset_mask);
		*len = offset_mask + 1 - (addr & offset_mask);
		return 0;
	}
	return -EFAULT;	/* no levels, no pages */
}
