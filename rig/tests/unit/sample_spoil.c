// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to a detail of a snapshot, for those who make it wrong. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample_machine.h"

void sample_know_zones(struct page_layout *l)
{
	l->zone_start_pfn.has = l->zone_spanned.has = l->zone_present.has = l->zone_managed.has = true;
	l->zone_present_early.has = l->zone_cma.has = l->zone_isolated.has = l->zone_contiguous.has = true;
	l->zone_initialized.has = l->zone_pgdat.has = true;
	l->usage_subsection_map.has = true;
}

static void *copy(const void *from, size_t nr, size_t size)
{
	void *to = xcalloc(nr ? nr : 1, size);

	memcpy(to, from, nr * size);
	return to;
}

/* What the agent alone can read, /proc/kpageflags and the fields that the kernel exports, is not seen. */
void sample_see_outside(struct snapshot *s)
{
	struct outside_view *o = &s->outside;

	for (size_t i = 0; i < s->pages.nr; i++) {
		struct page_run run = s->pages.run[i];

		run.kpageflags = 0;
		run.has_kpageflags = false;
		page_map_append(&o->pages, &run);
	}
	for (size_t i = 0; i < s->pageblocks.nr; i++)
		pageblock_append(&o->pageblocks, s->pageblocks.run[i].pfn, s->pageblocks.run[i].nr,
				 s->pageblocks.run[i].type);
	o->section = copy(s->section, s->nr_sections, sizeof(*s->section));
	o->nr_sections = s->nr_sections;
	o->node = copy(s->node, s->nr_nodes, sizeof(*s->node));
	o->nr_nodes = s->nr_nodes;
	o->there = true;
}

#define SWAP(a, b) do { __typeof__(a) swap_ = (a); (a) = (b); (b) = swap_; } while (0)

void sample_swap_witnesses(struct snapshot *s)
{
	struct outside_view *o = &s->outside;

	SWAP(s->pages, o->pages);
	SWAP(s->faults, o->faults);
	SWAP(s->pageblocks, o->pageblocks);
	SWAP(s->section, o->section);
	SWAP(s->nr_sections, o->nr_sections);
	SWAP(s->node, o->node);
	SWAP(s->nr_nodes, o->nr_nodes);
}

/* A border between two runs at @pfn; index of the run that begins there. */
static size_t cut(struct page_map *m, uint64_t pfn)
{
	size_t i = 0;

	while (i < m->nr && m->run[i].pfn + m->run[i].nr <= pfn)
		i++;
	if (i == m->nr || m->run[i].pfn >= pfn)
		return i;
	GROW(m->run, m->nr, m->cap);
	memmove(&m->run[i + 1], &m->run[i], (m->nr++ - i) * sizeof(*m->run));
	m->run[i].nr = pfn - m->run[i].pfn;
	m->run[i + 1].nr -= m->run[i].nr;
	m->run[i + 1].pfn = pfn;
	return i + 1;
}

struct page_run *sample_page(struct snapshot *s, uint64_t pfn, uint64_t nr)
{
	size_t i = cut(&s->pages, pfn);

	assert(cut(&s->pages, pfn + nr) == i + 1);
	return &s->pages.run[i];
}

void sample_page_remove(struct snapshot *s, uint64_t pfn, uint64_t nr)
{
	size_t from = cut(&s->pages, pfn), to = cut(&s->pages, pfn + nr);

	memmove(&s->pages.run[from], &s->pages.run[to], (s->pages.nr - to) * sizeof(*s->pages.run));
	s->pages.nr -= to - from;
}

void sample_page_replace(struct snapshot *s, const struct page_run *run)
{
	size_t i;

	sample_page_remove(s, run->pfn, run->nr);
	i = cut(&s->pages, run->pfn);
	GROW(s->pages.run, s->pages.nr, s->pages.cap);
	memmove(&s->pages.run[i + 1], &s->pages.run[i], (s->pages.nr++ - i) * sizeof(*run));
	s->pages.run[i] = *run;
}

struct zone_count *sample_zone(struct snapshot *s, unsigned int nid, const char *name)
{
	for (size_t i = 0; i < s->nr_zones; i++)
		if (s->zone[i].node == nid && !strcmp(s->zone[i].name, name))
			return &s->zone[i];
	abort();
}

struct zone_count *sample_node_zone(struct snapshot *s, unsigned int nid, const char *name)
{
	for (size_t i = 0; i < s->nr_nodes; i++)
		for (size_t k = 0; s->node[i].node == nid && k < s->node[i].nr; k++)
			if (!strcmp(s->node[i].zone[k].name, name))
				return &s->node[i].zone[k];
	abort();
}

struct block_info *sample_block(struct snapshot *s, uint32_t id)
{
	for (size_t i = 0; i < s->nr_blocks; i++)
		if (s->block[i].id == id)
			return &s->block[i];
	abort();
}
