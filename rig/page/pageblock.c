// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "page/pageblock.h"

#define MAX_MAP_BYTES 1024u	/* of one section: 512 MiB of the smallest pageblocks that there are */

static uint64_t map_bytes(const struct page_layout *l)
{
	return l->pages_per_section / LAYOUT_PAGEBLOCK_PAGES * l->pageblocks.bits / 8;
}

bool pageblock_known(const struct page_layout *l)
{
	const struct layout_pageblocks *p = &l->pageblocks;

	return p->there && l->section_usage.has && l->pages_per_section % LAYOUT_PAGEBLOCK_PAGES == 0 &&
	       (p->bits == 4 || p->bits == 8) && p->type_bits && p->type_bits <= 3 && p->isolate_bit < p->bits &&
	       map_bytes(l) && map_bytes(l) <= MAX_MAP_BYTES;
}

static enum pageblock_type type_of(const struct layout_pageblocks *p, const unsigned char *map, uint64_t index)
{
	unsigned int bit = (unsigned int)(index * p->bits), bits = map[bit / 8] >> bit % 8;

	if (p->isolate_bit >= 0 && bits >> p->isolate_bit & 1)
		return PAGEBLOCK_ISOLATE;
	return (enum pageblock_type)p->type[bits & ((1u << p->type_bits) - 1)];
}

void pageblock_append(struct pageblock_map *m, uint64_t pfn, uint64_t nr, enum pageblock_type type)
{
	struct pageblock_run *last = m->nr ? &m->run[m->nr - 1] : NULL;

	if (last && last->pfn + last->nr == pfn && last->type == type) {
		last->nr += nr;
		return;
	}
	GROW(m->run, m->nr, m->cap);
	m->run[m->nr++] = (struct pageblock_run){ pfn, nr, type };
}

void pageblock_map_deinit(struct pageblock_map *m)
{
	free(m->run);
	*m = (struct pageblock_map){ 0 };
}

/* Pageblocks of one section from @pfn on; bits that cannot be read have no name. */
static int read_section(struct memmap *m, uint64_t pfn, uint64_t end, struct pageblock_map *ret)
{
	const struct page_layout *l = m->layout;
	unsigned char map[MAX_MAP_BYTES];
	struct section_info s;
	int r = memmap_section(m, pfn / l->pages_per_section, &s);
	bool readable;

	if (r < 0 || !s.usage || !(s.mem_map >> l->section_bits.has_mem_map & 1))
		return r;
	r = kernel_memory_copy(m->memory, s.usage + l->pageblocks.offset, map, map_bytes(l));
	if (r < 0 && r != -EFAULT)
		return r;
	readable = r == 0;
	for (; pfn < end; pfn += LAYOUT_PAGEBLOCK_PAGES) {
		uint64_t index = pfn % l->pages_per_section / LAYOUT_PAGEBLOCK_PAGES;

		pageblock_append(ret, pfn, LAYOUT_PAGEBLOCK_PAGES,
				 readable ? type_of(&l->pageblocks, map, index) : PAGEBLOCK_NR_TYPES);
	}
	return 0;
}

int pageblock_read(struct memmap *m, uint64_t start, uint64_t end, struct pageblock_map *ret)
{
	uint64_t block = LAYOUT_PAGEBLOCK_PAGES, section = m->layout->pages_per_section, stop;
	int r = 0;

	for (uint64_t pfn = (start + block - 1) / block * block; pfn < end && !r; pfn = stop) {
		stop = (pfn / section + 1) * section;
		stop = stop < end ? stop : end;
		r = read_section(m, pfn, stop, ret);
	}
	return r;
}

const char *pageblock_type_name(enum pageblock_type type)
{
	static const char *const names[] = {
		[PAGEBLOCK_UNMOVABLE] = "unmovable", [PAGEBLOCK_MOVABLE] = "movable",
		[PAGEBLOCK_RECLAIMABLE] = "reclaimable", [PAGEBLOCK_HIGHATOMIC] = "highatomic",
		[PAGEBLOCK_CMA] = "cma", [PAGEBLOCK_ISOLATE] = "isolate",
		[PAGEBLOCK_NR_TYPES] = "no type of this kernel",
	};

	return names[type];
}
