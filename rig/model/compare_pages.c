// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare_pages.h"

/* include/uapi/linux/kernel-page-flags.h and the kernel-internal ones of fs/proc/page.c */
enum {
	KPF_BUDDY = 10, KPF_NOPAGE = 20, KPF_OFFLINE = 23, KPF_RESERVED = 32,
};

/* 4 MiB on x86-64, whatever the kernel calls the limit */
#define MAX_BUDDY_ORDER 10

/* Flags that stable_page_flags() copies bit by bit, whatever the page is. */
static const struct { const char *flag; int kpf; } copied[] = {
	{ "locked", 0 }, { "referenced", 2 }, { "dirty", 4 }, { "lru", 5 }, { "active", 6 },
	{ "writeback", 8 }, { "unevictable", 18 }, { "reserved", KPF_RESERVED }, { "mlocked", 33 },
};

struct page_check {
	struct model *m;
	const struct model_device *device;
	const struct model_block *block;
	const char *step;
	struct findings *out;
	uint64_t chunk_end;	/* of the free chunk whose head was seen last; raw and online only */
};

static void report(const struct page_check *c, const char *invariant, const struct page_run *run,
		   const char *expected)
{
	struct finding f = { .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = run->pfn,
			     .nr_pfns = run->nr };

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s page: %s", page_class_name(c->block->class), expected);
	if (c->m->raw)
		page_state_text(c->m->layout, &run->state, f.seen, sizeof(f.seen));
	if (run->has_kpageflags) {
		size_t at = strlen(f.seen);

		snprintf(f.seen + at, sizeof(f.seen) - at, "%skpageflags=0x%" PRIx64, at ? " " : "",
			 run->kpageflags);
	}
	finding_add(c->out, &f);
}

static bool has_type(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.type >= 0 && !strcmp(page_type_name(c->m->layout, run->state.type), name);
}

static bool has_flag(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.flags & layout_flag_mask(c->m->layout, name);
}

/* Buddy and offline keep nothing in the rest of their word: a second type left in it shows here. */
static bool has_stray_type_bits(const struct page_check *c, const struct page_run *run)
{
	const struct page_layout *l = c->m->layout;
	uint32_t value = l->type[run->state.type].value;

	return run->state.type_word != (l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value);
}

static void check_links(const struct page_check *c, const struct page_run *run)
{
	const char *zone = model_zone_name(c->block->zone);
	char expected[64];

	if ((int)run->state.zone != layout_zone_index(c->m->layout, zone)) {
		snprintf(expected, sizeof(expected), "zone=%s", zone);
		report(c, "page.zone", run, expected);
	}
	if (run->state.node != c->device->node) {
		snprintf(expected, sizeof(expected), "node=%u", c->device->node);
		report(c, "page.node", run, expected);
	}
}

static void check_added(const struct page_check *c, const struct page_run *run)
{
	if (c->m->fill == FILL_ZERO && !run->state.all_zero)
		report(c, "page.added", run, "all bytes 0x00");
	if (c->m->fill == FILL_ONES && !run->state.all_ones)
		report(c, "page.added", run, "all bytes 0xff");
}

/* The first page that shows an era settles an unknown one; from then on the other one is a mixture. */
static void learn_era(const struct page_check *c, const struct page_run *run)
{
	bool reserved = has_flag(c, run, "reserved"), offline = has_type(c, run, "offline");

	if (reserved && offline)
		report(c, "era.mixed", run, "PG_reserved or PageOffline, not both");
	else if (c->m->era == ERA_UNKNOWN && reserved)
		c->m->era = ERA_PG_RESERVED;
	else if (c->m->era == ERA_UNKNOWN && offline)
		c->m->era = ERA_PAGE_OFFLINE;
	else if ((c->m->era == ERA_PG_RESERVED && offline) ||
		 (c->m->era == ERA_PAGE_OFFLINE && reserved))
		report(c, "era.mixed", run, memmap_era_name(c->m->era));
}

static void check_vetoed(const struct page_check *c, const struct page_run *run)
{
	uint64_t reserved = layout_flag_mask(c->m->layout, "reserved");

	if (c->m->poisons_removed) {
		if (!run->state.all_ones)
			report(c, "page.added", run, "all bytes 0xff");
		return;
	}
	learn_era(c, run);
	if (c->m->era != ERA_PAGE_OFFLINE && run->state.flags != reserved)
		report(c, "page.flags", run, "flags=reserved");
	if (c->m->era == ERA_PAGE_OFFLINE && run->state.flags)
		report(c, "page.flags", run, "flags=none");
	if (c->m->era == ERA_PAGE_OFFLINE && !has_type(c, run, "offline"))
		report(c, "page.offline", run, "type=offline");
	else if (c->m->era == ERA_PAGE_OFFLINE && has_stray_type_bits(c, run))
		report(c, "page.type", run, "type=offline and nothing else in its word");
	if (c->m->era != ERA_PAGE_OFFLINE && (run->state.type != PAGE_TYPE_NONE || run->state.mapcount))
		report(c, "page.type", run, "type=none");
	if (run->state.refcount != 1)
		report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		report(c, "page.compound", run, "no compound page");
	check_links(c, run);
}

static void check_offlined(const struct page_check *c, const struct page_run *run)
{
	if (c->m->poisons_removed) {
		if (!run->state.all_ones)
			report(c, "page.added", run, "all bytes 0xff");
		return;
	}
	if (run->state.flags)
		report(c, "page.flags", run, "flags=none");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		report(c, "page.type", run, "type=none mapcount=0");
	if (run->state.refcount)
		report(c, "page.refcount", run, "refcount=0");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		report(c, "page.compound", run, "no compound page");
	check_links(c, run);
}

/* Flags that check_online() speaks of whatever the page is. */
static uint64_t judged_flags(const struct page_check *c)
{
	return layout_flag_mask(c->m->layout, "reserved") | layout_flag_mask(c->m->layout, "hwpoison");
}

static void check_buddy(const struct page_check *c, const struct page_run *run)
{
	/* PG_reported (free page reporting) is another name of PG_uptodate */
	uint64_t allowed = layout_flag_mask(c->m->layout, "uptodate") | judged_flags(c);
	const struct page_state *s = &run->state;
	uint64_t size = 1ull << s->order;

	if (s->refcount > 0)
		report(c, "page.refcount", run, "refcount=0 in the buddy");
	if (has_stray_type_bits(c, run))
		report(c, "page.type", run, "type=buddy and nothing else in its word");
	if (s->flags & ~allowed)
		report(c, "page.flags", run, "no flags in the buddy");
	if (s->order > MAX_BUDDY_ORDER || run->pfn % size || (run->nr > 1 && size > 1))
		report(c, "page.buddy", run, "order of at most 10, aligned to it");
}

static void check_compound(const struct page_check *c, const struct page_run *run,
			   const struct page_map *pages)
{
	const struct page_run *head = page_map_find(pages, (uint64_t)run->state.head_pfn);

	if (run->state.head_pfn >= (int64_t)run->pfn || run->state.head_pfn < 0 ||
	    (head && !(head->state.flags & layout_flag_mask(c->m->layout, "head"))))
		report(c, "page.compound", run, "a tail of a head in front of it");
	if (run->state.refcount > 0)
		report(c, "page.refcount", run, "refcount=0 in a compound tail");
}

/* Behind the head of a free chunk nothing is set: whoever gets a part of it relies on that. */
static void check_in_chunk(const struct page_check *c, const struct page_run *run)
{
	const struct page_state *s = &run->state;

	if (s->order != PAGE_NO_ORDER)
		report(c, "page.buddy", run, "no free chunk inside another");
	else if ((s->type != PAGE_TYPE_NONE && s->type != PAGE_TYPE_UNKNOWN && !has_type(c, run, "offline")) ||
		 s->mapcount > 0)
		report(c, "page.type", run, "type=none mapcount=0 inside a free chunk");
	if (s->refcount > 0)
		report(c, "page.refcount", run, "refcount=0 inside a free chunk");
	if (s->flags & ~judged_flags(c))
		report(c, "page.flags", run, "no flags inside a free chunk");
	if (s->head_pfn != PAGE_NO_HEAD)
		report(c, "page.compound", run, "no compound page inside a free chunk");
}

/*
 * A page that nobody holds and that is in no free chunk waits on a per-cpu list.  In other zones it
 * may be the tail of a chunk that the kernel allocated without __GFP_COMP, which may do with it
 * what it likes.
 */
static void check_idle(const struct page_check *c, const struct page_run *run)
{
	const struct page_state *s = &run->state;

	if (c->block->zone != MODEL_MOVABLE || s->refcount || s->type != PAGE_TYPE_NONE ||
	    s->head_pfn != PAGE_NO_HEAD || has_flag(c, run, "head"))
		return;
	if (s->flags & ~judged_flags(c))
		report(c, "page.flags", run, "no flags on a page that nobody holds");
	if (s->mapcount > 0)
		report(c, "page.type", run, "mapcount=0 on a page that nobody holds");
}

static void check_online(const struct page_check *c, const struct page_run *run,
			 const struct page_map *pages)
{
	if (run->state.all_zero || run->state.all_ones) {
		report(c, "page.flags", run, "an initialised page");
		return;	/* whatever else its bytes seem to say is no news */
	}
	if (has_flag(c, run, "reserved"))
		report(c, "page.reserved", run, "not reserved");
	if (has_flag(c, run, "hwpoison"))
		report(c, "page.flags", run, "not hwpoison");
	if (has_type(c, run, "offline"))
		report(c, "page.offline", run, "not type=offline");
	if (run->state.type == PAGE_TYPE_UNKNOWN)
		report(c, "page.type", run, "a type that this kernel has");
	if (run->state.refcount < 0)
		report(c, "page.refcount", run, "refcount of at least 0");
	if (run->state.mapcount < 0)
		report(c, "page.type", run, "mapcount of at least 0");
	if (run->pfn < c->chunk_end)
		check_in_chunk(c, run);
	else if (run->state.order != PAGE_NO_ORDER)
		check_buddy(c, run);
	else if (run->state.head_pfn != PAGE_NO_HEAD)
		check_compound(c, run, pages);
	else
		check_idle(c, run);
	if (c->block->zone == MODEL_MOVABLE &&
	    (has_type(c, run, "slab") || has_type(c, run, "table") || has_flag(c, run, "slab")))
		report(c, "page.movable", run, "no slab and no page table");
	check_links(c, run);
}

static void check_kpageflags(const struct page_check *c, const struct page_run *run)
{
	bool nopage = run->kpageflags >> KPF_NOPAGE & 1;
	bool online = c->block->class == PAGE_ONLINE;

	if (nopage == online) {
		report(c, "kpageflags.nopage", run, online ? "kpageflags without NOPAGE" : "kpageflags NOPAGE");
		return;
	}
	if (!online)
		return;
	if (run->kpageflags >> KPF_RESERVED & 1)
		report(c, "page.reserved", run, "kpageflags without RESERVED");
	if (run->kpageflags >> KPF_OFFLINE & 1)
		report(c, "page.offline", run, "kpageflags without OFFLINE");
	/* a tail may be shown with its head's flags, a struct page that cannot be read with none */
	if (!c->m->raw || run->state.head_pfn != PAGE_NO_HEAD)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++)
		if (layout_flag_mask(c->m->layout, copied[i].flag) &&
		    has_flag(c, run, copied[i].flag) != (run->kpageflags >> copied[i].kpf & 1)) {
			report(c, "kpageflags.agree", run, "the same flags in kpageflags and struct page");
			return;
		}
	if (has_type(c, run, "buddy") && !(run->kpageflags >> KPF_BUDDY & 1))
		report(c, "kpageflags.agree", run, "kpageflags with BUDDY");
}

static void check_run(const struct page_check *c, const struct page_run *run, const struct page_map *pages)
{
	if (c->m->raw && c->block->class == PAGE_ADDED)
		check_added(c, run);
	if (c->m->raw && c->block->class == PAGE_VETOED)
		check_vetoed(c, run);
	if (c->m->raw && c->block->class == PAGE_OFFLINED)
		check_offlined(c, run);
	if (c->m->raw && c->block->class == PAGE_ONLINE)
		check_online(c, run, pages);
	if (run->has_kpageflags)
		check_kpageflags(c, run);
}

/* A run may begin inside a free chunk and reach over its end: the halves are judged differently. */
static void check_parts(struct page_check *c, struct page_run run, const struct page_map *pages)
{
	uint64_t size = 1ull << (run.state.order > 0 && run.state.order <= MAX_BUDDY_ORDER ? run.state.order : 0);
	struct page_run part = run;

	if (run.pfn < c->chunk_end) {
		if (part.nr > c->chunk_end - part.pfn)
			part.nr = c->chunk_end - part.pfn;
		check_run(c, &part, pages);
		run.pfn += part.nr;
		run.nr -= part.nr;
	}
	if (!run.nr)
		return;
	check_run(c, &run, pages);
	if (c->m->raw && c->block->class == PAGE_ONLINE && size > 1 && run.pfn % size == 0)
		c->chunk_end = run.pfn + size;
}

static void check_block(struct page_check *c, const struct snapshot *s)
{
	uint64_t start = (uint64_t)c->block->id * c->m->block_pages, end = start + c->m->block_pages;
	uint64_t pages = page_map_pages(&s->pages, start, end);
	struct finding gap = { .invariant = "memmap.readable", .kind = FAIL_INVARIANT, .has_pfn = true,
			       .first_pfn = start, .nr_pfns = end - start - pages };

	for (size_t i = 0; i < s->pages.nr; i++) {
		struct page_run run = s->pages.run[i];

		if (run.pfn + run.nr <= start || run.pfn >= end)
			continue;
		/* runs may reach over the borders of a block */
		if (run.pfn < start) {
			run.nr -= start - run.pfn;
			run.pfn = start;
		}
		if (run.pfn + run.nr > end)
			run.nr = end - run.pfn;
		check_parts(c, run, &s->pages);
	}
	if (pages == end - start)
		return;
	snprintf(gap.step, sizeof(gap.step), "%s", c->step);
	snprintf(gap.expected, sizeof(gap.expected), "%s page: a struct page that can be read",
		 page_class_name(c->block->class));
	snprintf(gap.seen, sizeof(gap.seen), "no memmap");
	for (uint64_t pfn = start; pfn < end && page_map_find(&s->pages, pfn); pfn++)
		gap.first_pfn = pfn + 1;
	finding_add(c->out, &gap);
}

void compare_pages(struct model *m, const struct snapshot *s, const char *step, struct findings *out)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; k < m->device[i].nr_blocks; k++) {
			struct page_check c = {
				.m = m, .device = &m->device[i], .block = &m->device[i].block[k],
				.step = step, .out = out,
			};

			check_block(&c, s);
		}
}

static const struct section_run *section_find(const struct snapshot *s, uint64_t nr)
{
	for (size_t i = 0; i < s->nr_sections; i++)
		if (nr >= s->section[i].first && nr - s->section[i].first < s->section[i].nr)
			return &s->section[i];
	return NULL;
}

static void section_finding(const char *invariant, uint64_t nr, uint64_t pages, const char *step,
			    const char *expected, uint64_t seen, struct findings *out)
{
	struct finding f = { .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = nr * pages,
			     .nr_pfns = pages };

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", step);
	snprintf(f.expected, sizeof(f.expected), "%s", expected);
	snprintf(f.seen, sizeof(f.seen), "0x%" PRIx64, seen);
	finding_add(out, &f);
}

static void compare_section(const struct model *m, const struct snapshot *s, uint64_t nr,
			    const struct model_block *b, const char *step, struct findings *out)
{
	const struct layout_section_bits *bits = &m->layout->section_bits;
	const struct section_run *run = section_find(s, nr);
	uint64_t marks = run ? run->marks : 0, subsections = run ? run->subsections : 0;
	uint64_t must = b ? 1ull << bits->present | 1ull << bits->has_mem_map : 0;
	char expected[128];

	if (b && b->class == PAGE_ONLINE)
		must |= 1ull << bits->online;
	if (marks != must) {
		snprintf(expected, sizeof(expected), "section marks 0x%" PRIx64 " (%s%s)", must,
			 b ? "present, has memmap" : "none: the section is gone",
			 must >> bits->online & 1 ? ", online" : "");
		section_finding("section.state", nr, m->layout->pages_per_section, step, expected, marks, out);
	}
	if (subsections != (b ? UINT64_MAX : 0))
		section_finding("section.subsections", nr, m->layout->pages_per_section, step,
				b ? "all sub-sections" : "no sub-section", subsections, out);
}

/* Sections of the devices as their blocks are; every other one as it was at the start. */
void compare_sections(const struct model *m, const struct snapshot *s, const char *step,
		      struct findings *out)
{
	uint64_t pages = m->layout->pages_per_section, last = 0;

	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (m->base->section[i].first + m->base->section[i].nr > last)
			last = m->base->section[i].first + m->base->section[i].nr;
	for (size_t i = 0; i < s->nr_sections; i++)
		if (s->section[i].first + s->section[i].nr > last)
			last = s->section[i].first + s->section[i].nr;
	if (m->max_pages / pages > last)
		last = m->max_pages / pages;
	for (uint64_t nr = 0; nr < last; nr++) {
		const struct section_run *was = section_find(m->base, nr), *is = section_find(s, nr);
		const struct model_block *b =
			model_block_find(m, (uint32_t)(nr * pages / m->block_pages), NULL);

		if (!b && was) {
			if (!is || is->marks != was->marks)
				section_finding("section.state", nr, pages, step,
						"the marks that it had at boot", is ? is->marks : 0, out);
			if (!is || is->subsections != was->subsections)
				section_finding("section.subsections", nr, pages, step,
						"the sub-sections that it had at boot",
						is ? is->subsections : 0, out);
			continue;
		}
		compare_section(m, s, nr, b, step, out);
	}
}
