// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/compare_page.h"

/* Flags that stable_page_flags() copies bit by bit, whatever the page is. */
static const struct {
	const char *flag;
	int kpf;
} copied[] = {
	{ "locked", 0 },   { "referenced", 2 }, { "dirty", 4 },        { "lru", 5 },
	{ "active", 6 },   { "writeback", 8 },  { "unevictable", 18 }, { "reserved", KPF_RESERVED },
	{ "mlocked", 33 }, { "hwpoison", KPF_HWPOISON },
};

void page_report(const struct page_check *c, const char *invariant, const struct page_run *run,
		 const char *expected)
{
	struct finding f = {
		.kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = run->pfn, .nr_pfns = run->nr
	};

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s page: %s", page_class_name(c->span->class),
		 expected);
	if (c->m->raw)
		page_state_text(c->m->layout, &run->state, f.seen, sizeof(f.seen));
	if (run->has_kpageflags) {
		size_t at = strlen(f.seen);

		snprintf(f.seen + at, sizeof(f.seen) - at, "%skpageflags=0x%" PRIx64, at ? " " : "",
			 run->kpageflags);
		at = strlen(f.seen);
		if (run->counted)
			snprintf(f.seen + at, sizeof(f.seen) - at, " and not 0 in kpagecount or kpagecgroup");
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
	const char *zone = model_zone_name(c->span->zone);
	char expected[64];

	if ((int)run->state.zone != layout_zone_index(c->m->layout, zone)) {
		snprintf(expected, sizeof(expected), "zone=%s", zone);
		page_report(c, "page.zone", run, expected);
	}
	if (run->state.node != c->span->node) {
		snprintf(expected, sizeof(expected), "node=%u", c->span->node);
		page_report(c, "page.node", run, expected);
	}
}

/* Memory of a device that holds its own memmap was cleared by nobody: the memmap reads as it does. */
static void check_hosted(const struct page_check *c, const struct page_run *run)
{
	int fill = c->span->device->fill;
	struct page_state expected;
	unsigned char raw[256];
	char text[256];

	if (fill < 0)
		return;
	memset(raw, fill, sizeof(raw));
	page_decode(c->m->layout, raw, 0, 0, &expected);
	expected.head_pfn = run->state.head_pfn;	/* depends on where the page is */
	if (page_state_equal(&expected, &run->state))
		return;
	snprintf(text, sizeof(text), "all bytes 0x%02x, as the memory that it lies in", (unsigned int)fill);
	page_report(c, "page.added", run, text);
}

static void check_added(const struct page_check *c, const struct page_run *run)
{
	/* whether it lies in the device is not known before the first onlining */
	bool maybe_hosted = c->span->device->self_hosted && c->m->hosting_each == SIGHT_NONE && !c->span->hosted;

	if (c->m->fill == FILL_ONES && !run->state.all_ones)
		page_report(c, "page.added", run, "all bytes 0xff");
	else if (c->m->fill != FILL_ONES && c->span->hosted)
		check_hosted(c, run);
	else if (c->m->fill == FILL_ZERO && !run->state.all_zero && !(maybe_hosted && c->span->device->fill))
		page_report(c, "page.added", run, "all bytes 0x00");
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

/* With DEBUG_VM a memmap that was removed from its zone is 0xff again; false: this one is judged by its class. */
static bool check_removed(const struct page_check *c, const struct page_run *run)
{
	if (!c->m->poisons_removed || c->span->online)
		return false;
	if (!run->state.all_ones)
		page_report(c, "page.added", run, "all bytes 0xff");
	return true;
}

static void check_vetoed(const struct page_check *c, const struct page_run *run)
{
	if (check_removed(c, run))
		return;
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
	if (check_removed(c, run))
		return;
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

/* What virtio-mem took away: PG_dirty tells what never was given to the allocator. */
static void check_fake_offline(const struct page_check *c, const struct page_run *run)
{
	uint64_t dirty = layout_flag_mask(c->m->layout, "dirty"), flags = run->state.flags;
	uint64_t must = c->span->never_online ? dirty : c->span->any_dirty ? flags & dirty : 0;
	int refcount = c->span->class == PAGE_FAKE_OFFLINE;

	if (check_removed(c, run))
		return;
	if (flags != must)
		page_report(c, "page.flags", run, must ? "flags=dirty: it never was online" : "flags=none");
	if (!page_has_type(c, run, "offline"))
		page_report(c, "page.offline", run, "type=offline");
	else if (page_has_stray_type(c, run))
		page_report(c, "page.type", run, "type=offline and nothing else in its word");
	if (run->state.refcount != refcount)
		page_report(c, "page.refcount", run, refcount ? "refcount=1" : "refcount=0");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

/* What the kernel itself takes for an owner when a page is freed: PAGE_FLAGS_CHECK_AT_FREE. */
static uint64_t owned_flags(const struct page_check *c)
{
	static const char *const names[] = {
		"locked", "lru", "private", "private_2", "writeback", "reserved", "slab", "active", "unevictable", "mlocked",
		"head",
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		flags |= layout_flag_mask(c->m->layout, names[i]);
	return flags;
}

/*
 * take_page_off_buddy(), page_handle_poison().  A page that was in use keeps what its last owner noted of its content,
 * such as PG_dirty: free_pages_prepare() turns it away before it clears that.
 */
static void check_poisoned(const struct page_check *c, const struct page_run *run)
{
	uint64_t poison = layout_flag_mask(c->m->layout, "hwpoison");

	if (check_removed(c, run))
		return;
	if ((run->state.flags & (poison | owned_flags(c))) != poison)
		page_report(c, "page.flags", run, "flags=hwpoison, and none that only a page in use has");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none mapcount=0");
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

/* Pages that hold the memmap of their own block: mhp_init_memmap_on_memory(). */
static void check_self_hosted(const struct page_check *c, const struct page_run *run)
{
	const struct page_layout *l = c->m->layout;
	uint64_t mark = layout_flag_mask(l, "vmemmap_self_hosted") | layout_flag_mask(l, "owner_priv_1");
	uint64_t reserved = layout_flag_mask(l, "reserved");

	if (check_removed(c, run))
		return;
	if (c->m->era == ERA_UNKNOWN)
		c->m->era = run->state.flags & reserved ? ERA_PG_RESERVED : ERA_PAGE_OFFLINE;
	if (run->state.flags != (mark | (c->m->era == ERA_PG_RESERVED ? reserved : 0)))
		page_report(c, "page.flags", run, c->m->era == ERA_PG_RESERVED ? "flags=reserved,owner_priv_1" :
			    "flags=owner_priv_1");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none");
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

static void check_nopage(const struct page_check *c, const struct page_run *run)
{
	bool nopage = run->kpageflags >> KPF_NOPAGE & 1;

	if (nopage == c->span->online)
		page_report(c, "kpageflags.nopage", run,
			    c->span->online ? "kpageflags without NOPAGE" : "kpageflags NOPAGE");
	if (!c->span->online && run->counted)
		page_report(c, "kpagecount.nopage", run, "0 in kpagecount and kpagecgroup");
}

static bool may_be_reserved(const struct page_check *c)
{
	return c->span->class == PAGE_SELF_HOSTED && c->m->era != ERA_PAGE_OFFLINE;
}

static void check_kpageflags(const struct page_check *c, const struct page_run *run)
{
	bool offline = c->span->class == PAGE_FAKE_OFFLINE;

	check_nopage(c, run);
	if (!c->span->online || run->kpageflags >> KPF_NOPAGE & 1)
		return;
	if (run->kpageflags >> KPF_RESERVED & 1 && !may_be_reserved(c))
		page_report(c, "page.reserved", run, "kpageflags without RESERVED");
	if ((run->kpageflags >> KPF_OFFLINE & 1) != offline)
		page_report(c, "page.offline", run, offline ? "kpageflags with OFFLINE" : "kpageflags without OFFLINE");
	if (!c->m->raw && (run->kpageflags >> KPF_HWPOISON & 1) != (c->span->class == PAGE_POISONED))
		page_report(c, "page.flags", run, c->span->class == PAGE_POISONED ? "kpageflags with HWPOISON" :
			    "kpageflags without HWPOISON");
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

static void check_raw(const struct page_check *c, const struct page_run *run, const struct page_map *pages)
{
	switch (c->span->class) {
	case PAGE_ADDED:
		check_added(c, run);
		break;
	case PAGE_VETOED:
		check_vetoed(c, run);
		break;
	case PAGE_ONLINE:
		page_check_online(c, run, pages);
		break;
	case PAGE_OFFLINED:
		check_offlined(c, run);
		break;
	case PAGE_POISONED:
		check_poisoned(c, run);
		break;
	case PAGE_FAKE_OFFLINE:
	case PAGE_FAKE_OFFLINED:
		check_fake_offline(c, run);
		break;
	case PAGE_SELF_HOSTED:
		check_self_hosted(c, run);
		break;
	case PAGE_DEVICE:
	case PAGE_DEVICE_MEMMAP:
		page_check_device(c, run);
		break;
	case PAGE_DRIVER_RESERVED:	/* whatever the medium held: nobody may look at it */
	case PAGE_ABSENT:
	case PAGE_BOOT:
	case PAGE_DEVICE_LEFT:
		break;
	}
}

static void check_run(const struct page_check *c, const struct page_run *run,
		      const struct page_map *pages)
{
	if (c->m->raw)
		check_raw(c, run, pages);
	/* what is shown of a page that was never initialised follows from that */
	if (c->exported && run->has_kpageflags && !(c->m->raw && c->span->online &&
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
	if (c->m->raw && c->span->class == PAGE_ONLINE && size > 1 && run.pfn % size == 0)
		c->chunk_end = run.pfn + size;
}

static void report_gap(const struct page_check *c, uint64_t first, uint64_t nr)
{
	struct finding gap = {
		.invariant = "memmap.readable", .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = first,
		.nr_pfns = nr, .seen = "no memmap",
	};

	snprintf(gap.step, sizeof(gap.step), "%s", c->step);
	snprintf(gap.expected, sizeof(gap.expected), "%s page: a struct page that can be read",
		 page_class_name(c->span->class));
	finding_add(c->out, &gap);
}

/* @i: the first run that may reach into the span or lies behind it; runs may reach over its borders */
static void check_span(struct page_check *c, const struct page_map *map, size_t *i)
{
	uint64_t pfn = c->span->start, end = c->span->end;

	while (*i < map->nr && map->run[*i].pfn + map->run[*i].nr <= pfn)
		(*i)++;
	for (size_t k = *i; k < map->nr && map->run[k].pfn < end; k++) {
		struct page_run run = map->run[k];

		if (run.pfn > pfn)
			report_gap(c, pfn, run.pfn - pfn);
		if (run.pfn < c->span->start) {
			run.nr -= c->span->start - run.pfn;
			run.pfn = c->span->start;
		}
		if (run.nr > end - run.pfn)
			run.nr = end - run.pfn;
		pfn = run.pfn + run.nr;
		check_parts(c, run, map);
	}
	if (pfn < end)
		report_gap(c, pfn, end - pfn);
}

void compare_pages(struct model *m, const struct page_map *pages, bool exported, const char *step,
		   struct findings *out)
{
	AUTO_FREE struct model_span *span = NULL, *left = NULL;
	size_t nr = model_spans(m, &span), nr_left = model_left_spans(m, &left), at = 0;
	struct page_check c = { .m = m, .step = step, .exported = exported, .out = out };

	for (size_t i = 0; i < nr; i++) {
		c.span = &span[i];
		c.chunk_end = 0;
		/* without struct pages, memory behind the end of kpageflags cannot be seen */
		if (m->raw || span[i].start < m->max_pages)
			check_span(&c, pages, &at);
	}
	at = 0;
	for (size_t i = 0; i < nr_left; i++) {
		c.span = &left[i];
		check_span(&c, pages, &at);
	}
}
