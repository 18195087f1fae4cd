// SPDX-License-Identifier: GPL-2.0-or-later
/* What the agent and the reader from outside say of zones, nodes and pageblocks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/agree.h"

static void agree_number(const struct pair *p, const char *what, uint64_t agent, uint64_t outside)
{
	char expected[160];

	if (agent == outside)
		return;
	snprintf(expected, sizeof(expected), "as the agent says: %s %" PRIu64, what, agent);
	finding_addf(p->out, p->step, "witness.nodes", expected, "from outside: %" PRIu64, outside);
}

static const struct zone_count *zone_named(const struct node_count *n, const char *name)
{
	static const struct zone_count none;

	for (size_t i = 0; i < n->nr; i++)
		if (!strcmp(n->zone[i].name, name))
			return &n->zone[i];
	return &none;
}

static void agree_zone(const struct pair *p, unsigned int node, const struct zone_count *a,
		       const struct zone_count *b)
{
	const struct { const char *what; const struct layout_field *f; uint64_t a, b; } numbers[] = {
		{ "start", &p->l->zone_start_pfn, a->start_pfn, b->start_pfn },
		{ "spanned", &p->l->zone_spanned, a->spanned, b->spanned },
		{ "present", &p->l->zone_present, a->present, b->present },
		{ "managed", &p->l->zone_managed, a->managed, b->managed },
		{ "early", &p->l->zone_present_early, a->present_early, b->present_early },
		{ "cma", &p->l->zone_cma, a->cma, b->cma },
		{ "isolated", &p->l->zone_isolated, a->isolated, b->isolated },
		{ "contiguous", &p->l->zone_contiguous, a->contiguous, b->contiguous },
		{ "initialized", &p->l->zone_initialized, a->initialized, b->initialized },
		{ "own", &p->l->zone_pgdat, a->own, b->own },
	};
	char what[96];

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(what, sizeof(what), "node %u zone %s %s", node, a->name, numbers[i].what);
		if (numbers[i].f->has)
			agree_number(p, what, numbers[i].a, numbers[i].b);
	}
}

static bool same_refs(const struct zonelist *a, const struct zonelist *b)
{
	if (a->nr != b->nr || a->endless != b->endless)
		return false;
	for (uint32_t i = 0; i < a->nr; i++)
		if (a->ref[i].node != b->ref[i].node || a->ref[i].zone != b->ref[i].zone ||
		    a->ref[i].index != b->ref[i].index)
			return false;
	return true;
}

/* The whole of them is for node.zonelists to tell, which shows the agent's. */
static void agree_zonelists(const struct pair *p, const struct node_count *a, const struct node_count *b)
{
	char expected[96];

	for (size_t i = 0; i < ARRAY_SIZE(a->list); i++) {
		if (!a->list[i].there || !b->list[i].there || same_refs(&a->list[i], &b->list[i]))
			continue;
		snprintf(expected, sizeof(expected), "as the agent says: node %u zonelist %zu with %u zones", a->node, i,
			 a->list[i].nr);
		finding_addf(p->out, p->step, "witness.nodes", expected, "from outside: %u zones%s", b->list[i].nr,
			     a->list[i].nr == b->list[i].nr ? ", not the same" : "");
	}
}

void agree_nodes(const struct pair *p)
{
	const struct outside_view *o = &p->s->outside;

	for (size_t i = 0; i < p->s->nr_nodes; i++)
		for (size_t k = 0; k < o->nr_nodes; k++) {
			const struct node_count *a = &p->s->node[i], *b = &o->node[k];

			if (a->node != b->node)
				continue;
			for (size_t z = 0; z < a->nr; z++)
				agree_zone(p, a->node, &a->zone[z], zone_named(b, a->zone[z].name));
			agree_zonelists(p, a, b);
		}
}

static const struct pageblock_run *pageblock_at(const struct pageblock_map *m, size_t *i, uint64_t pfn)
{
	while (*i < m->nr && m->run[*i].pfn + m->run[*i].nr <= pfn)
		(*i)++;
	return *i < m->nr && m->run[*i].pfn <= pfn ? &m->run[*i] : NULL;
}

/* The allocator gives ordinary ones another type when it runs short, between the two readings too. */
static bool is_ordinary(enum pageblock_type type)
{
	return type <= PAGEBLOCK_HIGHATOMIC;
}

static void agree_pageblock(const struct pair *p, uint64_t pfn, enum pageblock_type a, const struct pageblock_run *b)
{
	enum pageblock_type other = b ? b->type : PAGEBLOCK_NR_TYPES;
	struct finding f = { .invariant = "witness.pageblocks", .kind = FAIL_INVARIANT, .has_pfn = true,
			     .first_pfn = pfn, .nr_pfns = LAYOUT_PAGEBLOCK_PAGES };

	if (a == other || (is_ordinary(a) && is_ordinary(other)))
		return;
	snprintf(f.step, sizeof(f.step), "%s", p->step);
	snprintf(f.expected, sizeof(f.expected), "as the agent says: %s", pageblock_type_name(a));
	snprintf(f.seen, sizeof(f.seen), "from outside: %s", b ? pageblock_type_name(other) : "no pageblock");
	finding_add(p->out, &f);
}

/* The agent's, which are those of the devices; who sees none at all does not know where they are. */
void agree_pageblocks(const struct pair *p)
{
	const struct pageblock_map *a = &p->s->pageblocks, *b = &p->s->outside.pageblocks;
	size_t k = 0;

	for (size_t i = 0; i < a->nr && b->nr; i++)
		for (uint64_t pfn = a->run[i].pfn; pfn < a->run[i].pfn + a->run[i].nr; pfn += LAYOUT_PAGEBLOCK_PAGES)
			agree_pageblock(p, pfn, a->run[i].type, pageblock_at(b, &k, pfn));
}
