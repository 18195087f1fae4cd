// SPDX-License-Identifier: GPL-2.0-or-later
/* What the page tables of a right kernel map: what sections say that there is, and memmaps for it. */
#include "base/clean.h"
#include "sample_machine.h"
#include "sample_scene.h"

#define SECTION_PAGES	SAMPLE_BLOCK_PAGES
#define SUBSECTION	512ull
#define MEMMAP_PAGES	(SECTION_PAGES * 64 / 4096)	/* of a section, as many as one large page has */
#define MEMMAP_PFN	0x40000ull			/* anywhere in boot RAM */

/* Where the memmap of section @nr is, which no other may be put in */
static uint64_t memmap_of(const struct sample *s, uint64_t nr)
{
	const struct model *m = &s->model;
	uint64_t pfn = nr * SECTION_PAGES;
	bool hosted = s->scene && s->scene->hosted && pfn >= SAMPLE_D0_PFN;

	for (size_t i = 0; i < m->nr_namespaces; i++) {
		const struct model_namespace *ns = &m->namespace[i];

		if (ns->map_dev && pfn >= ns->start_pfn && pfn < ns->end_pfn)
			return ns->start_pfn + MODEL_INFO_BLOCK_PAGES + (pfn - ns->start_pfn) * 64 / 4096;
	}
	return hosted ? pfn : MEMMAP_PFN + nr * MEMMAP_PAGES;
}

static void add_section(const struct sample *s, struct snapshot *r, uint64_t nr, uint64_t subsections)
{
	const struct mapping memmap = { nr * MEMMAP_PAGES, MEMMAP_PAGES, memmap_of(s, nr), MAPPING_WRITABLE };

	mapping_append(&r->memmap_map, &memmap);
	for (uint64_t i = 0; i < SECTION_PAGES / SUBSECTION; i++) {
		uint64_t pfn = nr * SECTION_PAGES + i * SUBSECTION;

		if (subsections >> i & 1)
			mapping_append(&r->direct_map, &(struct mapping){ pfn, SUBSECTION, pfn, MAPPING_WRITABLE });
	}
}

void sample_add_mappings(const struct sample *s, struct snapshot *r)
{
	mapping_list_deinit(&r->direct_map);
	mapping_list_deinit(&r->memmap_map);
	for (size_t i = 0; i < r->nr_sections; i++)
		for (uint64_t k = 0; k < r->section[i].nr; k++)
			add_section(s, r, r->section[i].first + k, r->section[i].subsections);
}

void sample_map(struct mapping_list *l, const struct mapping *m)
{
	struct mapping_list old = *l;

	*l = (struct mapping_list){ 0 };
	for (size_t i = 0; i < old.nr; i++) {
		struct mapping before = old.v[i], behind = before;
		uint64_t end = before.page + before.nr;

		if (end > m->page && before.page < m->page + m->nr) {
			before.nr = m->page > before.page ? m->page - before.page : 0;
			behind.page = m->page + m->nr < end ? m->page + m->nr : end;
		} else {
			behind.page = end;
		}
		behind.nr = end - behind.page;
		behind.pfn += behind.page - old.v[i].page;
		if (before.nr)
			mapping_append(l, &before);
		if (behind.nr)
			mapping_append(l, &behind);
	}
	mapping_list_deinit(&old);
	if (m->pfn == SAMPLE_UNMAPPED)
		return;
	/* in its place */
	old = *l;
	*l = (struct mapping_list){ 0 };
	for (size_t i = 0; i <= old.nr; i++) {
		if ((i == old.nr || old.v[i].page > m->page) && (!i || old.v[i - 1].page < m->page))
			mapping_append(l, m);
		if (i < old.nr)
			mapping_append(l, &old.v[i]);
	}
	mapping_list_deinit(&old);
}
