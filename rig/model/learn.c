// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a snapshot tells that the model cannot know: choices that are the kernel's own.  What is
 * taken from it here is judged elsewhere by what must follow from it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare_page.h"
#include "model/span.h"

static bool run_is_offline(const struct model *m, const struct page_run *run)
{
	if (m->raw)
		return run->state.type >= 0 && !strcmp(page_type_name(m->layout, run->state.type), "offline");
	return page_run_is_offline(run);
}

/* A unit is one or the other as a whole: what most of its pages are; the others will be found wrong. */
static bool unit_is_offline(const struct model *m, const struct page_map *map, uint64_t start, uint64_t end)
{
	const struct page_run *run = page_map_find(map, start);
	uint64_t offline = 0;

	for (; run && run < map->run + map->nr && run->pfn < end; run++) {
		uint64_t first = run->pfn < start ? start : run->pfn;
		uint64_t last = run->pfn + run->nr > end ? end : run->pfn + run->nr;

		offline += run_is_offline(m, run) ? last - first : 0;
	}
	return offline > (end - start) / 2;
}

static enum unit_state next_state(enum unit_state was, bool offline, bool turned)
{
	if (!offline)
		return UNIT_PLUGGED;
	if (was == UNIT_PLUGGED)
		return UNIT_UNPLUGGED;
	if (turned)
		return UNIT_UNTOLD;
	return was == UNIT_FRESH ? UNIT_NEVER_ONLINE : was;
}

static void learn_units(struct model *m, const struct page_map *map)
{
	for (size_t i = 0; i < m->nr_devices; i++) {
		struct model_device *d = &m->device[i];

		for (size_t k = 0; k < d->nr_blocks; k++) {
			struct model_block *b = &d->block[k];
			uint64_t pfn = (uint64_t)b->id * m->block_pages;

			for (size_t u = 0; u < b->nr_units; u++, pfn += d->unit_pages)
				/* what it was when it was offlined stays */
				if (b->class == PAGE_ONLINE || b->unit[u] == UNIT_FRESH)
					b->unit[u] = next_state(b->unit[u],
								unit_is_offline(m, map, pfn, pfn + d->unit_pages),
								d->grew && d->shrank);
		}
		d->grew = d->shrank = false;
	}
}

/* The first page of an online block is marked where it holds the block's memmap. */
static bool hosts_memmap(const struct model *m, const struct page_run *run)
{
	uint64_t mark = layout_flag_mask(m->layout, "vmemmap_self_hosted") |
			layout_flag_mask(m->layout, "owner_priv_1");

	if (!m->raw)
		return run->has_kpageflags && run->kpageflags >> KPF_OWNER_PRIVATE & 1;
	return (run->state.flags & ~layout_flag_mask(m->layout, "reserved")) == mark && run->state.refcount == 1;
}

/* One whose onlining was vetoed has been initialised like any other, which struct pages alone show. */
static bool shows_hosting(const struct model *m, const struct model_block *b)
{
	return b->class == PAGE_ONLINE || b->class == PAGE_OFFLINED || (b->class == PAGE_VETOED && m->raw);
}

static enum model_sight hosting_of(const struct model *m, const struct snapshot *s, const struct model_block *b)
{
	const struct memory_block *seen = snapshot_memory_block(s, b->id);
	const struct page_run *run;

	if (seen && !seen->lost)
		return seen->hosting ? SIGHT_YES : SIGHT_NO;
	run = shows_hosting(m, b) ? page_map_find(&s->pages, (uint64_t)b->id * m->block_pages) : NULL;
	return !run ? SIGHT_NONE : hosts_memmap(m, run) ? SIGHT_YES : SIGHT_NO;
}

static void learn_hosting(struct model *m, const struct snapshot *s)
{
	if (m->hosting_each != SIGHT_NONE)
		return;
	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; m->device[i].self_hosted && m->device[i].nr_blocks > 1 &&
			     k < m->device[i].nr_blocks && m->hosting_each == SIGHT_NONE; k++)
			m->hosting_each = hosting_of(m, s, &m->device[i].block[k]);
	for (size_t i = 0; i < m->nr_devices && m->hosting_each != SIGHT_NONE; i++)
		model_host_memmaps(m, &m->device[i]);
}

static uint64_t section_up(const struct model *m, uint64_t pfn)
{
	uint64_t section = m->raw ? m->layout->pages_per_section : m->block_pages;

	return (pfn + section - 1) / section * section;
}

/* 7170130e4c72 ("x86/mm/init: ... to not increase max_pfn ..."), in v6.15 and in stable kernels */
static void learn_end(struct model *m, const struct snapshot *s)
{
	uint64_t end = section_up(m, m->device_end);

	if (end <= m->max_pages)
		return;
	if (m->device_raises_end == SIGHT_NONE)
		m->device_raises_end = s->kpageflags_pages >= end ? SIGHT_YES : SIGHT_NO;
	if (m->device_raises_end == SIGHT_YES)
		m->max_pages = end;
}

/* Stable kernels of v6.12 count what is really there, those before count it as if nothing were shared. */
static void learn_counting(struct model *m, const struct snapshot *s)
{
	uint64_t counted;

	if (m->shared_tails_counted != SIGHT_NONE || !m->raw || !m->base->has_memmap_pages)
		return;
	counted = s->memmap_pages + m->boot_device_memmap - m->base->memmap_pages;
	if (model_memmap_pages(m) == counted)
		return;		/* nothing is shared, or it does not count */
	m->shared_tails_counted = SIGHT_YES;
	if (model_memmap_pages(m) != counted)
		m->shared_tails_counted = SIGHT_NONE;
}

/* They go by N_NORMAL_MEMORY, and where nodes have a notifier of their own, by N_MEMORY. */
static void learn_slab_nodes(struct model *m, const struct snapshot *s)
{
	uint64_t normal, seen, movable;

	if (m->slab_of_movable != SIGHT_NONE || !counters_number(&s->counters, "kernel/slab_nodes", "", &seen) ||
	    !model_normal_nodes(m, &normal))
		return;
	movable = model_nodes_with_memory(m) & ~normal;
	if (movable)
		m->slab_of_movable = seen & movable ? SIGHT_YES : SIGHT_NO;
}

void model_learn(struct model *m, const struct snapshot *s)
{
	learn_units(m, &s->pages);
	learn_hosting(m, s);
	learn_end(m, s);
	learn_counting(m, s);
	learn_slab_nodes(m, s);
}
