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

/* What each CPU has of a zone; boot gave all zones stand-ins, which they have until they get their first page. */
struct part {
	const char *name;
	uint64_t (*place)(const struct zone_count *z);	/* 0: not known */
};

static uint64_t place_of_lists(const struct zone_count *z)
{
	return z->pageset_addr;
}

static uint64_t place_of_counts(const struct zone_count *z)
{
	return z->counts.own;
}

/* boot_pageset, boot_zonestats: zone_pcp_init(), zone_pcp_reset() */
static uint64_t stand_in(const struct node_list *boot, const struct part *p)
{
	for (size_t i = 0; i < boot->nr; i++)
		for (size_t k = 0; k < boot->node[i].nr; k++)
			if (!boot->node[i].zone[k].present && p->place(&boot->node[i].zone[k]))
				return p->place(&boot->node[i].zone[k]);
	return 0;
}

static const struct zone_count *shared_with(const struct node_list *l, const struct zone_count *z, const struct part *p)
{
	for (size_t i = 0; i < l->nr; i++)
		for (size_t k = 0; k < l->node[i].nr; k++)
			if (&l->node[i].zone[k] != z && p->place(&l->node[i].zone[k]) == p->place(z))
				return &l->node[i].zone[k];
	return NULL;
}

static void compare_part(const struct check *c, const struct node_list *l, const struct zone_count *z,
			 const struct part *p, uint64_t boot)
{
	bool is_stand_in = p->place(z) == boot;
	const struct zone_count *other = z->present && !is_stand_in ? shared_with(l, z, p) : NULL;
	char expected[128];

	snprintf(expected, sizeof(expected), z->present ? "node %u zone %s: has pages and per-cpu %s of its own" :
		 "node %u zone %s: has no pages and the stand-in for %s that boot gave it", z->node, z->name, p->name);
	if (z->present ? is_stand_in : !is_stand_in)
		finding_addf(c->out, c->step, "zone.lists", expected, is_stand_in ? "the stand-in" : "%s of its own", p->name);
	if (other)
		finding_addf(c->out, c->step, "zone.lists", expected, "those of node %u zone %s", other->node, other->name);
}

static void compare_parts(const struct check *c, const struct node_list *seen, const struct node_list *was)
{
	static const struct part parts[] = { { "lists", place_of_lists }, { "counts", place_of_counts } };

	for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
		uint64_t boot = stand_in(was, &parts[p]);

		for (size_t i = 0; i < seen->nr; i++)
			for (size_t k = 0; k < seen->node[i].nr && boot; k++)
				if (parts[p].place(&seen->node[i].zone[k]))
					compare_part(c, seen, &seen->node[i].zone[k], &parts[p], boot);
	}
}

/* boot_nodestats is for all nodes that never were online; free_area_init_core_hotplug() gives each its own, for ever. */
static void compare_node_counts(const struct check *c, const struct node_list *l, const struct node_count *n)
{
	char expected[96];

	snprintf(expected, sizeof(expected), "node %u: online, and with per-cpu counts of its own", n->node);
	for (size_t i = 0; i < l->nr; i++)
		if (&l->node[i] != n && l->node[i].counts.own == n->counts.own)
			finding_addf(c->out, c->step, "node.counts", expected, "those of node %u", l->node[i].node);
}

static void compare_pagesets(const struct check *c)
{
	const struct node_list seen = seen_outside(c->s), was = seen_outside(c->m->base);
	uint64_t online = model_nodes_online(c->m);

	for (size_t i = 0; i < seen.nr; i++) {
		const struct node_count *n = &seen.node[i];

		for (size_t k = 0; k < n->nr; k++)
			compare_pageset(c, &n->zone[k]);
		if (n->counts.own && n->node < 64 && online >> n->node & 1)
			compare_node_counts(c, &seen, n);
	}
	compare_parts(c, &seen, &was);
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
}
