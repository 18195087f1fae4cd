// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "page/memmap.h"
#include "page/vmcoreinfo.h"

#define PAGE_SHIFT	12
#define PHYS_BITS	52		/* five-level tables reach no further */
#define POINTER_BYTES	sizeof(uint64_t)
#define NOTHING		UINT64_MAX	/* looked up last */

static bool word_within(const struct layout_field *f, uint32_t bytes)
{
	return f->has && f->size == sizeof(uint64_t) && f->offset <= bytes - sizeof(uint64_t);
}

/* Sub-sections are known, and one word holds their map. */
static bool subsections_known(const struct page_layout *l)
{
	return l->section_usage.has && word_within(&l->section_usage, l->section_bytes) &&
	       l->pages_per_subsection && l->pages_per_section % l->pages_per_subsection == 0 &&
	       l->pages_per_section / l->pages_per_subsection <= 64;
}

bool memmap_layout_known(const struct page_layout *l)
{
	return l->page_bytes >= 32 && l->page_bytes <= 256 && l->pages_per_section &&
	       l->section_bytes >= sizeof(uint64_t) && l->section_bytes <= 256 &&
	       word_within(&l->section_mem_map, l->section_bytes) &&
	       (!l->section_usage.has || subsections_known(l)) &&
	       l->section_bits.last <= PAGE_SHIFT && l->section_bits.has_mem_map < PAGE_SHIFT &&
	       l->section_bits.early < PAGE_SHIFT;
}

static uint64_t sections_per_root(const struct page_layout *l)
{
	return MEMMAP_ROOT_BYTES / l->section_bytes;
}

/* The note does not say how the array is made, but its length does: see below. */
bool memmap_table_from_note(const char *vmcoreinfo, const struct page_layout *l,
			    struct memmap_table *ret)
{
	uint64_t max = (1ull << (PHYS_BITS - PAGE_SHIFT)) / l->pages_per_section, addr;
	int64_t nr;

	if (!vmcoreinfo_address(vmcoreinfo, "SYMBOL(mem_section)", &addr) || !addr ||
	    !vmcoreinfo_number(vmcoreinfo, "LENGTH(mem_section)", &nr) || nr <= 0 ||
	    (uint64_t)nr > max)
		return false;
	*ret = (struct memmap_table){
		.addr = addr, .nr = (uint64_t)nr,
		/* as many pages of sections would be for more memory than there can be */
		.plain = (uint64_t)nr > max / sections_per_root(l),
	};
	return true;
}

void memmap_init(struct memmap *m, const struct kernel_memory *memory, const struct page_layout *l,
		 const struct memmap_table *table)
{
	m->memory = memory;
	m->layout = l;
	m->table = *table;
	m->root_nr = NOTHING;
	m->section_nr = NOTHING;
}

/* What cannot be read is as good as zero, unless nothing can be read at all. */
static int copy_or_zero(const struct memmap *m, uint64_t addr, void *buf, size_t len)
{
	int r = kernel_memory_copy(m->memory, addr, buf, len);

	if (r == -EFAULT)
		memset(buf, 0, len);
	return r == -EFAULT ? 0 : r;
}

static int load_root(struct memmap *m, uint64_t nr)
{
	uint64_t addr = m->table.addr;
	int r = 0;

	if (m->root_nr == nr)
		return 0;
	m->root_nr = NOTHING;
	memset(m->root, 0, sizeof(m->root));
	if (m->table.plain) {
		addr += nr * MEMMAP_ROOT_BYTES;
	} else {
		addr += nr * POINTER_BYTES;
		r = nr < m->table.nr ? copy_or_zero(m, addr, &addr, POINTER_BYTES) : 0;
		if (nr >= m->table.nr)
			addr = 0;
	}
	if (!r && addr)
		r = copy_or_zero(m, addr, m->root, sizeof(m->root));
	if (!r)
		m->root_nr = nr;
	return r;
}

static uint64_t word_at(const unsigned char *section, const struct layout_field *f)
{
	uint64_t word = 0;

	memcpy(&word, section + f->offset, sizeof(word));
	return word;
}

static int load_section(struct memmap *m, uint64_t nr)
{
	const struct page_layout *l = m->layout;
	const unsigned char *raw;
	struct section_info s;
	int r;

	if (m->section_nr == nr)
		return 0;
	m->section_nr = NOTHING;
	r = load_root(m, nr / sections_per_root(l));
	if (r < 0)
		return r;
	raw = m->root + nr % sections_per_root(l) * l->section_bytes;
	s = (struct section_info){ .mem_map = word_at(raw, &l->section_mem_map) };
	if (!l->section_usage.has)
		s.subsections = s.mem_map ? UINT64_MAX : 0;
	else if ((s.usage = word_at(raw, &l->section_usage)) &&
		 (r = copy_or_zero(m, s.usage + l->usage_subsection_map.offset, &s.subsections,
				   sizeof(s.subsections))) < 0)
		return r;
	m->section = s;
	m->section_nr = nr;
	return 0;
}

int memmap_section(struct memmap *m, uint64_t nr, struct section_info *ret)
{
	int r = load_section(m, nr);

	if (!r)
		*ret = m->section;
	return r;
}

/* The last root that is there, below @end; *ret one behind it, 0 for none. */
static int end_root(struct memmap *m, uint64_t end, uint64_t *ret)
{
	uint64_t pointers[512], first;

	for (; end; end = first) {
		int r;

		first = (end - 1) / 512 * 512;
		r = copy_or_zero(m, m->table.addr + first * POINTER_BYTES, pointers,
				 (end - first) * POINTER_BYTES);
		if (r < 0)
			return r;
		for (; end > first; end--)
			if (pointers[end - 1 - first]) {
				*ret = end;
				return 0;
			}
	}
	*ret = 0;
	return 0;
}

static int end_in_root(struct memmap *m, uint64_t root, uint64_t *ret)
{
	const struct page_layout *l = m->layout;
	uint64_t n = sections_per_root(l);
	int r = load_root(m, root);

	while (!r && n && !word_at(m->root + (n - 1) * l->section_bytes, &l->section_mem_map))
		n--;
	*ret = n;
	return r;
}

int memmap_end_section(struct memmap *m, uint64_t *ret)
{
	uint64_t per_root = sections_per_root(m->layout), n = 0;
	uint64_t root = m->table.plain ? m->table.nr / per_root : m->table.nr;

	while (root) {
		int r = m->table.plain ? 0 : end_root(m, root, &root);

		if (r < 0)
			return r;
		if (!root)
			break;
		r = end_in_root(m, --root, &n);
		if (r < 0)
			return r;
		if (n)
			break;
	}
	*ret = n ? root * per_root + n : 0;
	return 0;
}

/* The address part has the memmap's place, which KASLR moves: only its presence matters. */
static uint64_t marks_of(const struct memmap *m, const struct section_info *s)
{
	uint64_t marks = s->mem_map & ((1ull << m->layout->section_bits.last) - 1);

	return s->mem_map && !marks ? SECTION_RESIDUE : marks;
}

ssize_t memmap_sections(struct memmap *m, uint64_t start, uint64_t end, size_t max,
			struct section_run **ret)
{
	struct section_run *run = NULL, *last;
	size_t nr = 0, cap = 0;

	for (uint64_t i = start; i < end; i++) {
		struct section_run one = { .first = i, .nr = 1 };
		int r = load_section(m, i);

		one.marks = marks_of(m, &m->section);
		one.subsections = m->section.subsections;
		last = nr ? &run[nr - 1] : NULL;
		if (r || (nr == max && one.marks)) {
			free(run);
			return r ? r : -E2BIG;
		}
		if (last && one.marks && last->first + last->nr == i && last->marks == one.marks &&
		    last->subsections == one.subsections) {
			last->nr++;
		} else if (one.marks) {
			GROW(run, nr, cap);
			run[nr++] = one;
		}
	}
	*ret = run;
	return (ssize_t)nr;
}

/* One behind the sub-sections from @pfn on that are there, or not, as @there says. */
static uint64_t subsections_end(const struct page_layout *l, uint64_t map, uint64_t pfn, bool there)
{
	uint64_t pages = l->section_usage.has ? l->pages_per_subsection : l->pages_per_section;
	uint64_t bits = l->pages_per_section / pages;
	uint64_t first = pfn / l->pages_per_section * l->pages_per_section;
	uint64_t i = (pfn - first) / pages;

	while (i < bits && (map >> i & 1) == there)
		i++;
	return first + i * pages;
}

/* An early section has its whole memmap, whatever the sub-section map says. */
static uint64_t valid_subsections(const struct page_layout *l, const struct section_info *s)
{
	if (!(s->mem_map >> l->section_bits.has_mem_map & 1))
		return 0;
	return s->mem_map >> l->section_bits.early & 1 ? UINT64_MAX : s->subsections;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int memmap_next(struct memmap *m, uint64_t pfn, uint64_t end, struct memmap_chunk *ret)
{
	const struct page_layout *l = m->layout;
	uint64_t map, stop;
	int r;

	for (; pfn < end; pfn = stop) {
		r = load_section(m, pfn / l->pages_per_section);
		if (r < 0)
			return r;
		map = valid_subsections(l, &m->section);
		stop = subsections_end(l, map, pfn, true);
		if (stop <= pfn) {
			stop = subsections_end(l, map, pfn, false);
			continue;
		}
		stop = smaller(smaller(stop, end), pfn + m->memory->max_bytes / l->page_bytes);
		*ret = (struct memmap_chunk){
			.pfn = pfn, .nr = stop - pfn,
			.addr = (m->section.mem_map & ~((1ull << l->section_bits.last) - 1)) +
				pfn * l->page_bytes,
		};
		return 1;
	}
	return 0;
}

int memmap_read(struct memmap *m, const struct memmap_chunk *c, memmap_show_fn *show, void *arg,
		struct page_map *faults)
{
	struct page_run fault = { .pfn = c->pfn, .nr = c->nr };
	struct memmap_chunk low = *c, high = *c;
	const void *raw;
	int r = m->memory->view(m->memory->arg, c->addr, c->nr * m->layout->page_bytes, &raw);

	if (!r)
		show(arg, c, raw);
	else if (r == -EFAULT && c->nr == 1)
		page_map_append(faults, &fault);
	if (r != -EFAULT || c->nr == 1)
		return r == -EFAULT ? 0 : r;
	low.nr = c->nr / 2;
	high.pfn += low.nr;
	high.nr -= low.nr;
	high.addr += low.nr * m->layout->page_bytes;
	r = memmap_read(m, &low, show, arg, faults);
	return r < 0 ? r : memmap_read(m, &high, show, arg, faults);
}
