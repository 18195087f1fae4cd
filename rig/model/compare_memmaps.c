// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel's page tables have for struct pages: nothing without a section, and for each section what is to hold it. */
#include <inttypes.h>
#include <stdio.h>

#include "model/compare.h"

/* Sections ascend, and so do the parts of the memmap that are asked for: @at is where to go on. */
static bool is_used(const struct check *c, uint64_t first, uint64_t end, size_t *at)
{
	const struct page_layout *l = c->m->layout;
	uint64_t bytes = (uint64_t)l->pages_per_section * l->page_bytes;
	const struct section_run *r = c->s->section;

	while (*at < c->s->nr_sections && (!(r[*at].marks >> l->section_bits.has_mem_map & 1) ||
					   (r[*at].first + r[*at].nr) * bytes <= first << LAYOUT_PAGE_SHIFT))
		++*at;
	return *at < c->s->nr_sections && r[*at].first * bytes < end << LAYOUT_PAGE_SHIFT;
}

/*
 * vmemmap_free() takes away what is mapped for a section, at the latest with the last section that has a struct page
 * in the same large page.
 */
static void compare_residue(const struct check *c)
{
	const uint64_t large = 1u << (21 - LAYOUT_PAGE_SHIFT);
	const struct mapping_list *l = &c->s->memmap_map, *was = &c->m->base->memmap_map;
	const struct page_layout *layout = c->m->layout;
	uint64_t done = 0;
	size_t section = 0;

	for (size_t i = 0; i < l->nr; i++) {
		uint64_t at = l->v[i].page / large * large, end = l->v[i].page + l->v[i].nr;

		for (at = at > done ? at : done; at < end; at += large) {
			uint64_t pfn = (at << LAYOUT_PAGE_SHIFT) / layout->page_bytes;
			size_t k = mapping_find(was, at);

			if (!is_used(c, at, at + large, &section) && (k == was->nr || was->v[k].page >= at + large))
				check_pages(c, "memmap.residue", pfn, (large << LAYOUT_PAGE_SHIFT) / layout->page_bytes,
				       "nothing is mapped for struct pages of sections that have none",
				       "memory is mapped there");
			done = at + large;
		}
	}
}

/* What the struct pages of a stretch of memory are to lie in, and which do not. */
struct place {
	struct model_range in;		/* empty: RAM that is online */
	const char *expected;
	uint64_t first, nr;		/* pfns whose struct pages lie elsewhere; nr 0: none */
	uint64_t where;			/* the first of them */
};

static bool is_persistent(const struct model *m, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		if ((d->kind == MODEL_NVDIMM || d->kind == MODEL_VIRTIO_PMEM || d->kind == MODEL_E820_PMEM) &&
		    start < d->start_pfn + d->nr_pages && end > d->start_pfn)
			return true;
	}
	return false;
}

/* Boot's memory, or a block that is online: [@start, @end) lies in one memory block. */
static bool is_ram(const struct model *m, uint64_t start, uint64_t end)
{
	const struct model_block *b = model_block_find(m, (uint32_t)(start / m->block_pages), NULL);

	return b ? b->class == PAGE_ONLINE : !is_persistent(m, start, end);
}

static bool is_all_ram(const struct model *m, uint64_t start, uint64_t end)
{
	uint64_t stop;

	for (; start < end; start = stop) {
		stop = (start / m->block_pages + 1) * m->block_pages;
		stop = stop < end ? stop : end;
		if (!is_ram(m, start, stop))
			return false;
	}
	return true;
}

/* Where only a part of a section is to have a memmap, x86 takes pages of RAM, whoever offers others. */
static bool is_in_place(const struct model *m, const struct place *place, bool whole, uint64_t start, uint64_t end)
{
	if (start >= place->in.start && end <= place->in.end)
		return true;
	return (!whole || place->in.start == place->in.end) && is_all_ram(m, start, end);
}

/* The struct pages of [@start, @end), of one section: whole pages of them only, which no other memory has a part in. */
static void look_at_section(const struct check *c, uint64_t start, uint64_t end, struct place *place)
{
	uint64_t bytes = c->m->layout->page_bytes, page = 1u << LAYOUT_PAGE_SHIFT;
	uint64_t at = (start * bytes + page - 1) / page, stop = end * bytes / page;
	const struct mapping_list *l = &c->s->memmap_map;
	bool whole = end - start == c->m->layout->pages_per_section;

	for (size_t i = mapping_find(l, at); i < l->nr && l->v[i].page < stop; i++) {
		const struct mapping *map = &l->v[i];
		uint64_t first = map->page > at ? map->page : at;
		uint64_t last = map->page + map->nr < stop ? map->page + map->nr : stop;
		uint64_t to = map->pfn + (first - map->page);

		if (is_in_place(c->m, place, whole, to, to + (last - first)))
			continue;
		if (!place->nr) {
			place->first = first * page / bytes;
			place->where = to;
		}
		place->nr += (last - first) * page / bytes;
	}
}

/* The memmap of an early section is of boot, whatever is in the section now. */
static void compare_place(const struct check *c, uint64_t start, uint64_t end, struct place *place)
{
	uint64_t pages = c->m->layout->pages_per_section, stop;
	char seen[64];

	for (; start < end; start = stop) {
		stop = (start / pages + 1) * pages;
		stop = stop < end ? stop : end;
		if (!model_early_section(c->m, start / pages))
			look_at_section(c, start, stop, place);
	}
	if (!place->nr)
		return;
	snprintf(seen, sizeof(seen), "the first lie in pfn 0x%" PRIx64, place->where);
	check_pages(c, "memmap.place", place->first, place->nr, place->expected, seen);
}

static void compare_blocks(const struct check *c, const struct model_device *d)
{
	for (size_t i = 0; i < d->nr_blocks; i++) {
		const struct model_block *b = &d->block[i];
		uint64_t start = b->id * c->m->block_pages;
		struct place place = { .expected = "struct pages of memory: in RAM that is online" };

		if (b->hosted_pages)
			place = (struct place){
				.in = { start, start + b->hosted_pages },
				.expected = "struct pages of a block that holds its own memmap: at its start",
			};
		compare_place(c, start, start + c->m->block_pages, &place);
	}
}

static void compare_namespace(const struct check *c, const struct model_namespace *ns)
{
	struct place place = { .expected = "struct pages of a namespace with map=mem: in RAM that is online" };

	if (!model_namespace_has_memmap(c->m, ns))
		return;
	if (ns->map_dev)
		place = (struct place){
			.in = { ns->start_pfn + MODEL_INFO_BLOCK_PAGES, ns->data_pfn },
			.expected = "struct pages of a namespace with map=dev: between its info block and its data",
		};
	compare_place(c, ns->start_pfn, ns->end_pfn, &place);
}

void compare_memmaps(const struct check *c)
{
	if (!c->m->base->memmap_map.nr || !c->s->memmap_map.nr || !c->s->nr_sections)
		return;
	compare_residue(c);
	for (size_t i = 0; i < c->m->nr_devices; i++)
		compare_blocks(c, &c->m->device[i]);
	for (size_t i = 0; i < c->m->nr_namespaces; i++)
		compare_namespace(c, &c->m->namespace[i]);
}
