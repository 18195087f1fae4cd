// SPDX-License-Identifier: GPL-2.0-or-later
/* What struct zone keeps beside its numbers of pages. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clean.h"
#include "model/compare.h"

/*
 * set_zone_contiguous() looks at each pageblock of the span when that changes.  It runs before a block that
 * comes online is marked so, hence false says nothing; true says that walkers need not look, until the next
 * change.  What boot left in the zone stays as it was.
 */
static void compare_contiguous(const struct check *c, const struct zone_count *z, const struct zone_count *was)
{
	enum model_zone zone = model_zone_by_name(z->name);
	uint64_t there = zone < MODEL_NR_ZONES ? model_online_pages(c->m, z->node, zone) : 0;
	uint64_t grown = z->spanned - was->spanned;
	char expected[160];

	if (!z->contiguous || grown == there || z->spanned < was->spanned)
		return;
	snprintf(expected, sizeof(expected), "node %u zone %s: not contiguous, of %" PRIu64 " pages spanned since boot "
		 "%" PRIu64 " are online", z->node, z->name, grown, there);
	finding_addf(c->out, c->step, "zone.contiguous", expected, "contiguous");
}

static void compare_mark(const struct check *c, const struct zone_count *z, const struct zone_count *was)
{
	char what[96];

	snprintf(what, sizeof(what), "node %u zone %s: isolated pageblocks", z->node, z->name);
	check_differ(c, "zone.isolated", what, 0, z->isolated);
	snprintf(what, sizeof(what), "node %u zone %s: early pages", z->node, z->name);
	check_differ(c, "zone.early", what, was->present_early, z->present_early);
	snprintf(what, sizeof(what), "node %u zone %s: CMA pages", z->node, z->name);
	check_differ(c, "zone.early", what, was->cma, z->cma);
	snprintf(what, sizeof(what), "node %u zone %s: initialized", z->node, z->name);
	check_differ(c, "zone.initialized", what, z->initialized || z->spanned || was->initialized, z->initialized);
	snprintf(what, sizeof(what), "node %u zone %s: points to its node", z->node, z->name);
	check_differ(c, "zone.node", what, true, z->own);
	compare_contiguous(c, z, was);
}

/* zone_pcp_enable() and zone_pcp_update() copy the zone's limits to each CPU. */
static void compare_pageset(const struct check *c, const struct zone_count *z)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(z->pageset.limit); i++) {
		const struct pageset_limit *limit = &z->pageset.limit[i];
		char what[96];

		snprintf(what, sizeof(what), "node %u zone %s cpu %u: %s as in the zone", z->node, z->name, limit->cpu,
			 pageset_limit_name(i));
		if (limit->known)
			check_differ(c, "zone.pageset", what, limit->zone, limit->cpu_has);
	}
}

struct node_list {
	const struct node_count *node;
	size_t nr;
};

static struct node_list seen_outside(const struct snapshot *s)
{
	struct node_list l;

	l.node = snapshot_moment_nodes(s, &l.nr);
	return l;
}

/* boot_pageset, which a zone has until it gets its first page: zone_pcp_init(), zone_pcp_reset() */
static uint64_t stand_in(const struct node_list *boot)
{
	for (size_t i = 0; i < boot->nr; i++)
		for (size_t k = 0; k < boot->node[i].nr; k++)
			if (!boot->node[i].zone[k].present && boot->node[i].zone[k].pageset_addr)
				return boot->node[i].zone[k].pageset_addr;
	return 0;
}

static const struct zone_count *shares_lists(const struct node_list *l, const struct zone_count *z)
{
	for (size_t i = 0; i < l->nr; i++)
		for (size_t k = 0; k < l->node[i].nr; k++)
			if (&l->node[i].zone[k] != z && l->node[i].zone[k].pageset_addr == z->pageset_addr)
				return &l->node[i].zone[k];
	return NULL;
}

static void compare_lists(const struct check *c, const struct node_list *l, const struct zone_count *z, uint64_t boot)
{
	bool is_stand_in = z->pageset_addr == boot;
	const struct zone_count *other = z->present && !is_stand_in ? shares_lists(l, z) : NULL;
	char expected[128];

	snprintf(expected, sizeof(expected), "node %u zone %s: %s", z->node, z->name, z->present ?
		 "has pages and per-cpu lists of its own" : "has no pages and the stand-in for lists that boot gave it");
	if (z->present ? is_stand_in : !is_stand_in)
		finding_addf(c->out, c->step, "zone.lists", expected, is_stand_in ? "the stand-in" : "lists of its own");
	if (other)
		finding_addf(c->out, c->step, "zone.lists", expected, "those of node %u zone %s", other->node, other->name);
}

static void compare_pagesets(const struct check *c)
{
	const struct node_list seen = seen_outside(c->s), was = seen_outside(c->m->base);
	uint64_t boot = stand_in(&was);

	for (size_t i = 0; i < seen.nr; i++)
		for (size_t k = 0; k < seen.node[i].nr; k++) {
			const struct zone_count *z = &seen.node[i].zone[k];

			compare_pageset(c, z);
			if (boot && z->pageset_addr)
				compare_lists(c, &seen, z, boot);
		}
}

/*
 * At the end nothing moves pages any more, and whoever isolated one has put it back.  The per-cpu shares of a node that
 * has gone are in no sum of the kernel's own, hence not /proc/vmstat.
 */
static void compare_isolated(const struct check *c)
{
	const struct node_list seen = seen_outside(c->s);

	for (size_t i = 0; i < seen.nr && c->s->whole; i++)
		for (unsigned int k = 0; k < LAYOUT_ISOLATED && seen.node[i].isolated.known; k++) {
			char expected[96];

			snprintf(expected, sizeof(expected), "node %u: %s isolated from LRU lists: 0", seen.node[i].node,
				 isolated_name(k));
			if (seen.node[i].isolated.nr[k])
				finding_addf(c->out, c->step, "node.isolated", expected, "%" PRId64,
					     seen.node[i].isolated.nr[k]);
		}
}

void compare_marks(const struct check *c)
{
	static const struct zone_count none;

	for (size_t i = 0; i < c->s->nr_nodes; i++)
		for (size_t k = 0; k < c->s->node[i].nr; k++) {
			const struct zone_count *z = &c->s->node[i].zone[k];
			const struct zone_count *was = snapshot_node_zone(c->m->base, z->node, z->name);

			compare_mark(c, z, was ? was : &none);
		}
	compare_pagesets(c);
	compare_isolated(c);
}
