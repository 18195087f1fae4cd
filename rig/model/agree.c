// SPDX-License-Identifier: GPL-2.0-or-later
/* The agent's word against that of the reader from outside. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/agree.h"
#include "model/compare.h"

static struct pair pair_of(const struct page_layout *l, const struct snapshot *s, const char *step,
			   struct findings *out)
{
	return (struct pair){ l, s, step, out, layout_flag_mask(l, "reserved"), layout_type_index(l, "offline") };
}

/*
 * Memory that the kernel hands out changes hands at any time, and between the two readings the guest
 * went on for a moment: such a page must be in the same zone and node; whether it is right is for
 * model_agree_faults().  All others stand still.
 */
static bool in_circulation(const struct pair *p, const struct page_state *a)
{
	return !(a->flags & p->reserved) && (a->type < 0 || a->type != p->offline) && !a->all_zero && !a->all_ones;
}

static bool states_agree(const struct pair *p, const struct page_state *a, const struct page_state *b)
{
	struct page_state as_a = *b;

	/* who does not know the word cannot contradict */
	if (a->pgmap == PAGE_PGMAP_UNKNOWN || b->pgmap == PAGE_PGMAP_UNKNOWN)
		as_a.pgmap = a->pgmap;
	if (a->origin == PAGE_ORIGIN_UNKNOWN || b->origin == PAGE_ORIGIN_UNKNOWN)
		as_a.origin = a->origin;
	if (!a->tail_order || !b->tail_order)
		as_a.tail_order = a->tail_order;
	if (page_state_equal(a, &as_a))
		return true;
	return in_circulation(p, a) && in_circulation(p, b) && a->zone == b->zone && a->node == b->node;
}

static void page_finding(const struct pair *p, uint64_t pfn, uint64_t nr, const struct page_state *agent,
			 const struct page_state *outside)
{
	struct finding f = { .invariant = "witness.pages", .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = pfn,
			     .nr_pfns = nr };
	char said[256] = "no struct page", seen[256] = "no struct page";

	if (agent)
		page_state_text(p->l, agent, said, sizeof(said));
	if (outside)
		page_state_text(p->l, outside, seen, sizeof(seen));
	snprintf(f.step, sizeof(f.step), "%s", p->step);
	snprintf(f.expected, sizeof(f.expected), "as the agent says: %.230s", said);
	snprintf(f.seen, sizeof(f.seen), "from outside: %s", seen);
	finding_add(p->out, &f);
}

/* Where the run that holds @pfn, or begins behind it, ends or begins: nothing changes before. */
static uint64_t steady_until(const struct page_map *m, size_t *i, uint64_t pfn, const struct page_run **ret)
{
	while (*i < m->nr && m->run[*i].pfn + m->run[*i].nr <= pfn)
		(*i)++;
	*ret = *i < m->nr && m->run[*i].pfn <= pfn ? &m->run[*i] : NULL;
	if (*i == m->nr)
		return UINT64_MAX;
	return *ret ? m->run[*i].pfn + m->run[*i].nr : m->run[*i].pfn;
}

static void agree_pages(const struct pair *p)
{
	const struct page_map *a = &p->s->pages, *b = &p->s->outside.pages;
	size_t i = 0, k = 0;
	uint64_t pfn = 0;

	for (;;) {
		const struct page_run *x, *y;
		uint64_t x_end = steady_until(a, &i, pfn, &x), y_end = steady_until(b, &k, pfn, &y);
		uint64_t end = x_end < y_end ? x_end : y_end;

		if (end == UINT64_MAX)
			return;
		if ((x || y) && (!x || !y || !states_agree(p, &x->state, &y->state)))
			page_finding(p, pfn, end - pfn, x ? &x->state : NULL, y ? &y->state : NULL);
		pfn = end;
	}
}

/* Pages in which one reader sees a fault and the other none, although their states may differ. */
static void agree_fault(const struct pair *p, const struct finding *f, const struct findings *others)
{
	const struct page_run *x = page_map_find(&p->s->pages, f->first_pfn);
	const struct page_run *y = page_map_find(&p->s->outside.pages, f->first_pfn);

	if (x && y && states_agree(p, &x->state, &y->state) && !finding_lasts(f, others))
		page_finding(p, f->first_pfn, f->nr_pfns, &x->state, &y->state);
}

void model_agree_faults(struct model *m, const struct snapshot *s, const char *step, struct findings *out)
{
	const struct pair p = pair_of(m->layout, s, step, out);
	struct findings agent = { 0 }, outside = { 0 };

	if (!s->outside.there)
		return;
	compare_pages(m, &s->pages, false, step, &agent);
	compare_pages(m, &s->outside.pages, false, step, &outside);
	for (size_t i = 0; i < agent.nr; i++)
		agree_fault(&p, &agent.f[i], &outside);
	for (size_t i = 0; i < outside.nr; i++)
		agree_fault(&p, &outside.f[i], &agent);
	findings_deinit(&agent);
	findings_deinit(&outside);
}

static const struct section_run *section_at(const struct section_run *r, size_t nr, uint64_t section)
{
	for (size_t i = 0; i < nr; i++)
		if (section >= r[i].first && section - r[i].first < r[i].nr)
			return &r[i];
	return NULL;
}

static void agree_section(const struct pair *p, uint64_t nr)
{
	const struct outside_view *o = &p->s->outside;
	const struct section_run *a = section_at(p->s->section, p->s->nr_sections, nr);
	const struct section_run *b = section_at(o->section, o->nr_sections, nr);
	const struct section_run none = { 0 };
	char expected[128];

	a = a ? a : &none;
	b = b ? b : &none;
	if (a->marks == b->marks && (!p->l->usage_subsection_map.has || a->subsections == b->subsections))
		return;
	snprintf(expected, sizeof(expected), "as the agent says: section %" PRIu64 " marks 0x%" PRIx64
		 " sub-sections 0x%" PRIx64, nr, a->marks, a->subsections);
	finding_addf(p->out, p->step, "witness.sections", expected, "from outside: marks 0x%" PRIx64
		     " sub-sections 0x%" PRIx64, b->marks, b->subsections);
}

/* Where the run that holds @section, or the next one, ends or begins. */
static uint64_t section_border(const struct section_run *r, size_t nr, uint64_t section)
{
	for (size_t i = 0; i < nr; i++) {
		if (r[i].first > section)
			return r[i].first;
		if (r[i].first + r[i].nr > section)
			return r[i].first + r[i].nr;
	}
	return UINT64_MAX;
}

/* Both list runs of equal ones, so it is enough to look where one of them begins or ends, once. */
static void agree_sections(const struct pair *p)
{
	const struct outside_view *o = &p->s->outside;

	for (uint64_t section = 0; section != UINT64_MAX; ) {
		uint64_t a = section_border(p->s->section, p->s->nr_sections, section);
		uint64_t b = section_border(o->section, o->nr_sections, section);

		agree_section(p, section);
		section = a < b ? a : b;
	}
}

void model_agree(const struct page_layout *l, const struct snapshot *s, const char *step, struct findings *out)
{
	const struct pair p = pair_of(l, s, step, out);

	if (!s->outside.there)
		return;
	agree_pages(&p);
	agree_sections(&p);
	agree_nodes(&p);
	agree_pageblocks(&p);
}
