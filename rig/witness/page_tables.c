// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>

#include "witness/page_tables.h"

/* Intel SDM volume 3, 4.5: bits of an entry */
#define ENTRY_PRESENT	(1ull << 0)
#define ENTRY_WRITABLE	(1ull << 1)
#define ENTRY_USER	(1ull << 2)
#define ENTRY_WRITE_THROUGH (1ull << 3)
#define ENTRY_NO_CACHE	(1ull << 4)
#define ENTRY_LARGE	(1ull << 7)	/* of levels 1 and 2 */
#define ENTRY_PAT_SMALL	(1ull << 7)	/* of level 0 */
#define ENTRY_PAT_LARGE	(1ull << 12)	/* of levels 1 and 2 */
#define ENTRY_NO_EXECUTE (1ull << 63)
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

/* No entry of any level allows more than all of them do; the memory type is the last one's. */
static unsigned int narrowed(unsigned int attributes, uint64_t entry)
{
	if (!(entry & ENTRY_WRITABLE))
		attributes &= ~MAPPING_WRITABLE;
	if (entry & ENTRY_NO_EXECUTE)
		attributes &= ~MAPPING_EXECUTABLE;
	if (!(entry & ENTRY_USER))
		attributes &= ~MAPPING_USER;
	return attributes;
}

/* PAT entry 0 is write-back, also when the processor came up */
static bool is_cached(uint64_t entry, unsigned int level)
{
	return !(entry & (ENTRY_WRITE_THROUGH | ENTRY_NO_CACHE | (level ? ENTRY_PAT_LARGE : ENTRY_PAT_SMALL)));
}

int page_tables_look(struct page_tables *t, uint64_t addr, struct page_mapping *ret)
{
	unsigned int attributes = MAPPING_WRITABLE | MAPPING_EXECUTABLE | MAPPING_USER;
	uint64_t table = t->root;

	*ret = (struct page_mapping){ .len = 1 };
	if (!is_canonical(t, addr))
		return 0;
	for (unsigned int level = t->levels; level--; ) {
		uint64_t entry, offset_mask = (1ull << shift_of(level)) - 1;
		int r = load_table(t, level, table);

		if (r < 0)
			return r;
		entry = t->last[level].entry[addr >> shift_of(level) & (PAGE_TABLE_ENTRIES - 1)];
		ret->len = offset_mask + 1 - (addr & offset_mask);
		if (!(entry & ENTRY_PRESENT))
			return 0;
		attributes = narrowed(attributes, entry);
		table = entry & ENTRY_ADDR;
		if (level && !(entry & ENTRY_LARGE))
			continue;
		if (level > 2)	/* no pages of 512 GiB */
			return -EBADMSG;
		ret->mapped = true;
		ret->gpa = (table & ~offset_mask) | (addr & offset_mask);
		ret->attributes = attributes | (is_cached(entry, level) ? 0 : MAPPING_UNCACHED);
		return 0;
	}
	return 0;	/* no levels, no pages */
}

int page_tables_translate(struct page_tables *t, uint64_t addr, uint64_t *gpa, uint64_t *len)
{
	struct page_mapping m;
	int r = page_tables_look(t, addr, &m);

	if (r < 0)
		return r;
	if (!m.mapped)
		return -EFAULT;
	*gpa = m.gpa;
	*len = m.len;
	return 0;
}
