// SPDX-License-Identifier: GPL-2.0-or-later
/* Each page of each span: what it is, and what is shown of it. */
#include <stdio.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/compare_page.h"

/* Flags that stable_page_flags() copies bit by bit, whatever the page is. */
static const struct {
	const char *flag;
	int kpf;
} copied[] = {
	{ "locked", KPF_LOCKED },	    { "referenced", KPF_REFERENCED },
	{ "dirty", KPF_DIRTY },		    { "lru", KPF_LRU },
	{ "active", KPF_ACTIVE },	    { "writeback", KPF_WRITEBACK },
	{ "unevictable", KPF_UNEVICTABLE }, { "reserved", KPF_RESERVED },
	{ "mlocked", KPF_MLOCKED },	    { "hwpoison", KPF_HWPOISON },
};

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

static void check_run(const struct page_check *c, const struct page_run *run,
		      const struct page_map *pages)
{
	if (c->m->raw)
		page_check_class(c, run, pages);
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
