// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/compare_page.h"

/* include/uapi/linux/kernel-page-flags.h and the kernel-internal ones of fs/proc/page.c */
enum {
	KPF_BUDDY = 10,
	KPF_NOPAGE = 20,
	KPF_OFFLINE = 23,
	KPF_RESERVED = 32,
};

/* Flags that stable_page_flags() copies bit by bit, whatever the page is. */
static const struct {
	const char *flag;
	int kpf;
} copied[] = {
	{ "locked", 0 },   { "referenced", 2 }, { "dirty", 4 },        { "lru", 5 },
	{ "active", 6 },   { "writeback", 8 },  { "unevictable", 18 }, { "reserved", KPF_RESERVED },
	{ "mlocked", 33 },
};

void page_report(const struct page_check *c, const char *invariant, const struct page_run *run,
		 const char *expected)
{
	struct finding f = {
		.kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = run->pfn, .nr_pfns = run->nr
	};

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s page: %s", page_class_name(c->block->class),
		 expected);
	if (c->m->raw)
		page_state_text(c->m->layout, &run->state, f.seen, sizeof(f.seen));
	if (run->has_kpageflags) {
		size_t at = strlen(f.seen);

		snprintf(f.seen + at, sizeof(f.seen) - at, "%skpageflags=0x%" PRIx64, at ? " " : "",
			 run->kpageflags);
	}
	finding_add(c->out, &f);
}

bool page_has_type(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.type >= 0 && !strcmp(page_type_name(c->m->layout, run->state.type), name);
}

bool page_has_flag(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.flags & layout_flag_mask(c->m->layout, name);
}

/* Buddy and offline keep nothing in the rest of their word: a second type left in it shows here. */
bool page_has_stray_type(const struct page_check *c, const struct page_run *run)
{
	const struct page_layout *l = c->m->layout;
	uint32_t value;

	if (run->state.type < 0)
		return true;
	value = l->type[run->state.type].value;
	return run->state.type_word != (l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value);
}

void page_check_links(const struct page_check *c, const struct page_run *run)
{
	const char *zone = model_zone_name(c->block->zone);
	char expected[64];

	if ((int)run->state.zone != layout_zone_index(c->m->layout, zone)) {
		snprintf(expected, sizeof(expected), "zone=%s", zone);
		page_report(c, "page.zone", run, expected);
	}
	if (run->state.node != c->device->node) {
		snprintf(expected, sizeof(expected), "node=%u", c->device->node);
		page_report(c, "page.node", run, expected);
	}
}

static void check_added(const struct page_check *c, const struct page_run *run)
{
	if (c->m->fill == FILL_ZERO && !run->state.all_zero)
		page_report(c, "page.added", run, "all bytes 0x00");
	if (c->m->fill == FILL_ONES && !run->state.all_ones)
		page_report(c, "page.added", run, "all bytes 0xff");
}

/*
 * The first page that shows an era settles an unknown one; from then on the other one is a mixture.
 * True: this page is of the model's era, so its flags and type can be judged by it.
 */
static bool learn_era(const struct page_check *c, const struct page_run *run)
{
	bool reserved = page_has_flag(c, run, "reserved");
	bool offline = page_has_type(c, run, "offline");

	if (reserved && offline) {
		page_report(c, "era.mixed", run, "PG_reserved or PageOffline, not both");
		return false;
	}
	if (c->m->era == ERA_UNKNOWN && reserved)
		c->m->era = ERA_PG_RESERVED;
	if (c->m->era == ERA_UNKNOWN && offline)
		c->m->era = ERA_PAGE_OFFLINE;
	if ((c->m->era == ERA_PG_RESERVED && offline) ||
	    (c->m->era == ERA_PAGE_OFFLINE && reserved)) {
		page_report(c, "era.mixed", run,
			    c->m->era == ERA_PG_RESERVED ?
				    "PG_reserved like the others, not PageOffline" :
				    "PageOffline like the others, not PG_reserved");
		return false;
	}
	return true;
}

static void check_initialised(const struct page_check *c, const struct page_run *run)
{
	bool by_offline = c->m->era == ERA_PAGE_OFFLINE;

	if (!by_offline && run->state.flags != layout_flag_mask(c->m->layout, "reserved"))
		page_report(c, "page.flags", run, "flags=reserved");
	if (by_offline && run->state.flags)
		page_report(c, "page.flags", run, "flags=none");
	if (by_offline && !page_has_type(c, run, "offline"))
		page_report(c, "page.offline", run, "type=offline");
	else if (by_offline && page_has_stray_type(c, run))
		page_report(c, "page.type", run, "type=offline and nothing else in its word");
	if (!by_offline && (run->state.type != PAGE_TYPE_NONE || run->state.mapcount))
		page_report(c, "page.type", run, "type=none");
}

static void check_vetoed(const struct page_check *c, const struct page_run *run)
{
	if (c->m->poisons_removed) {
		if (!run->state.all_ones)
			page_report(c, "page.added", run, "all bytes 0xff");
		return;
	}
	if (learn_era(c, run))
		check_initialised(c, run);
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

static void check_offlined(const struct page_check *c, const struct page_run *run)
{
	if (c->m->poisons_removed) {
		if (!run->state.all_ones)
			page_report(c, "page.added", run, "all bytes 0xff");
		return;
	}
	if (run->state.flags)
		page_report(c, "page.flags", run, "flags=none");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none mapcount=0");
	if (run->state.refcount)
		page_report(c, "page.refcount", run, "refcount=0");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

static void check_kpageflags(const struct page_check *c, const struct page_run *run)
{
	bool nopage = run->kpageflags >> KPF_NOPAGE & 1;
	bool online = c->block->class == PAGE_ONLINE;

	if (nopage == online) {
		page_report(c, "kpageflags.nopage", run,
			    online ? "kpageflags without NOPAGE" : "kpageflags NOPAGE");
		return;
	}
	if (!online)
		return;
	if (run->kpageflags >> KPF_RESERVED & 1)
		page_report(c, "page.reserved", run, "kpageflags without RESERVED");
	if (run->kpageflags >> KPF_OFFLINE & 1)
		page_report(c, "page.offline", run, "kpageflags without OFFLINE");
	/* a tail may be shown with its head's flags, a struct page that cannot be read with none */
	if (!c->m->raw || run->state.head_pfn != PAGE_NO_HEAD)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(copied); i++)
		if (layout_flag_mask(c->m->layout, copied[i].flag) &&
		    page_has_flag(c, run, copied[i].flag) !=
			    (run->kpageflags >> copied[i].kpf & 1)) {
			page_report(c, "kpageflags.agree", run,
				    "the same flags in kpageflags and struct page");
			return;
		}
	if (page_has_type(c, run, "buddy") && !(run->kpageflags >> KPF_BUDDY & 1))
		page_report(c, "kpageflags.agree", run, "kpageflags with BUDDY");
}

static void check_run(const struct page_check *c, const struct page_run *run,
		      const struct page_map *pages)
{
	if (c->m->raw && c->block->class == PAGE_ADDED)
		check_added(c, run);
	if (c->m->raw && c->block->class == PAGE_VETOED)
		check_vetoed(c, run);
	if (c->m->raw && c->block->class == PAGE_OFFLINED)
		check_offlined(c, run);
	if (c->m->raw && c->block->class == PAGE_ONLINE)
		page_check_online(c, run, pages);
	/* what is shown of a page that was never initialised follows from that */
	if (c->exported && run->has_kpageflags && !(c->m->raw && c->block->class == PAGE_ONLINE &&
				     (run->state.all_zero || run->state.all_ones)))
		check_kpageflags(c, run);
}

/* A run may begin inside a free chunk and reach over its end: the halves are judged differently. */
static void check_parts(struct page_check *c, struct page_run run, const struct page_map *pages)
{
	int order = run.state.order;
	uint64_t size = order > 0 && order <= MAX_BUDDY_ORDER ? 1ull << order : 1;
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

static void check_block(struct page_check *c, const struct page_map *map)
{
	uint64_t start = (uint64_t)c->block->id * c->m->block_pages;
	uint64_t end = start + c->m->block_pages;
	uint64_t pages = page_map_pages(map, start, end);
	struct finding gap = { .invariant = "memmap.readable",
			       .kind = FAIL_INVARIANT,
			       .has_pfn = true,
			       .first_pfn = start,
			       .nr_pfns = end - start - pages };

	for (size_t i = 0; i < map->nr; i++) {
		struct page_run run = map->run[i];

		if (run.pfn + run.nr <= start || run.pfn >= end)
			continue;
		/* runs may reach over the borders of a block */
		if (run.pfn < start) {
			run.nr -= start - run.pfn;
			run.pfn = start;
		}
		if (run.pfn + run.nr > end)
			run.nr = end - run.pfn;
		check_parts(c, run, map);
	}
	if (pages == end - start)
		return;
	snprintf(gap.step, sizeof(gap.step), "%s", c->step);
	snprintf(gap.expected, sizeof(gap.expected), "%s page: a struct page that can be read",
		 page_class_name(c->block->class));
	snprintf(gap.seen, sizeof(gap.seen), "no memmap");
	for (uint64_t pfn = start; pfn < end && page_map_find(map, pfn); pfn++)
		gap.first_pfn = pfn + 1;
	finding_add(c->out, &gap);
}

void compare_pages(struct model *m, const struct page_map *pages, bool exported, const char *step,
		   struct findings *out)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; k < m->device[i].nr_blocks; k++) {
			struct page_check c = {
				.m = m,
				.device = &m->device[i],
				.block = &m->device[i].block[k],
				.step = step,
				.exported = exported,
				.out = out,
			};

			check_block(&c, pages);
		}
}
