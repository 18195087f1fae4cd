// SPDX-License-Identifier: GPL-2.0-or-later
/* Which nodes the kernel's lists of nodes name: memory tiers, and those that slabs come from. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/counters.h"

#define MAX_TIERS 16u

/* /sys/devices/virtual/memory_tiering/memory_tierN/nodelist; the higher N, the slower the memory */
struct tier_list {
	struct {
		unsigned int number;
		uint64_t nodes;
	} v[MAX_TIERS];
	size_t nr;
};

static void read_tiers(const struct snapshot *s, struct tier_list *ret)
{
	static const char format[] = "/sys/devices/virtual/memory_tiering/memory_tier%u/nodelist%n";

	ret->nr = 0;
	for (size_t i = 0; i < s->counters.nr && ret->nr < MAX_TIERS; i++) {
		const struct counter *c = &s->counters.v[i];
		unsigned int number;
		int len = 0;

		if (sscanf(c->file, format, &number, &len) != 1 || !len || c->file[len])
			continue;
		ret->v[ret->nr].number = number;
		ret->v[ret->nr++].nodes = node_mask(c->value);
	}
}

static size_t tiers_of(const struct tier_list *l, unsigned int node, unsigned int *number)
{
	size_t nr = 0;

	for (size_t i = 0; i < l->nr; i++)
		if (l->v[i].nodes >> node & 1) {
			*number = l->v[i].number;
			nr++;
		}
	return nr;
}

/* The one of all boot memory; false: firmware told of more than one kind. */
static bool boot_tier(const struct snapshot *base, const struct tier_list *l, unsigned int *number)
{
	uint64_t nodes = node_mask(base->has_memory);

	for (size_t i = 0; i < l->nr; i++)
		if (nodes && (nodes & ~l->v[i].nodes) == 0) {
			*number = l->v[i].number;
			return true;
		}
	return false;
}

static void in_tiers(const struct tier_list *l, unsigned int node, char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "in");

	for (size_t i = 0; i < l->nr && len < size; i++)
		if (l->v[i].nodes >> node & 1)
			len += (size_t)snprintf(text + len, size - len, " memory_tier%u", l->v[i].number);
	if (len == 2)
		snprintf(text, size, "in none");
}

static void compare_tier(const struct check *c, const struct tier_list *l, unsigned int node, const unsigned int *home)
{
	enum tier_kind kind = c->m->tiers.node[node].tier;
	bool has_memory = c->m->tiers.with_memory >> node & 1;
	unsigned int number = 0;
	size_t nr = tiers_of(l, node, &number);
	char expected[128], seen[128];
	bool right = nr == has_memory;

	snprintf(expected, sizeof(expected), has_memory ? "node %u has memory: in one memory tier" :
		 "node %u has no memory: in no memory tier", node);
	if (right && has_memory && home && kind == TIER_DRAM) {
		right = number == *home;
		snprintf(expected, sizeof(expected), "node %u: with boot memory in memory_tier%u", node, *home);
	}
	if (right && has_memory && home && kind == TIER_KMEM) {
		right = number > *home;
		snprintf(expected, sizeof(expected), "node %u, which was dax/kmem's first: in a tier below memory_tier%u",
			 node, *home);
	}
	in_tiers(l, node, seen, sizeof(seen));
	if (!right)
		finding_addf(c->out, c->step, "node.tier", expected, "%s", seen);
}

/* Nodes of the tier that comes after that of @node. */
static uint64_t nodes_below(const struct tier_list *l, unsigned int node)
{
	unsigned int own, next = UINT_MAX;
	uint64_t nodes = 0;

	if (!tiers_of(l, node, &own))
		return 0;
	for (size_t i = 0; i < l->nr; i++)
		if (l->v[i].number > own && l->v[i].number < next) {
			next = l->v[i].number;
			nodes = l->v[i].nodes;
		}
	return nodes;
}

/* "0:6 1:4", the mask behind each node, and nothing of those that demote to none; false: the agent wrote no such thing */
static bool read_demotion(const char *text, uint64_t ret[TIERS_NODES])
{
	unsigned int node;
	uint64_t nodes;
	int len;

	memset(ret, 0, TIERS_NODES * sizeof(*ret));
	for (; *text; text += len) {
		if (sscanf(text, " %u:%" SCNu64 "%n", &node, &nodes, &len) != 2 || node >= TIERS_NODES)
			return false;
		ret[node] = nodes;
	}
	return true;
}

/*
 * All of them where they are equally far, else the nearest.  A node that has lost its memory keeps what it had: the
 * kernel goes through those that have some, and the others have nothing to demote.
 */
static void compare_demotion(const struct check *c, const struct tier_list *l)
{
	const char *text = counters_find(&c->s->counters, "kernel/node_demotion", "");
	uint64_t seen[TIERS_NODES];

	if (!text || !read_demotion(text, seen))
		return;
	for (unsigned int node = 0; node < TIERS_NODES; node++) {
		uint64_t below = nodes_below(l, node);
		char expected[96];

		if (!(c->m->tiers.with_memory >> node & 1) || (!(seen[node] & ~below) && !seen[node] == !below))
			continue;
		if (below)
			snprintf(expected, sizeof(expected), "node %u demotes to some of the nodes 0x%" PRIx64, node, below);
		else
			snprintf(expected, sizeof(expected), "node %u has no tier below and demotes to none", node);
		finding_addf(c->out, c->step, "node.demotion", expected, "to the nodes 0x%" PRIx64, seen[node]);
	}
}

static void compare_memory_tiers(const struct check *c)
{
	struct tier_list was, is;
	unsigned int number;
	bool known;

	read_tiers(c->m->base, &was);
	read_tiers(c->s, &is);
	if (!was.nr || !is.nr)
		return;		/* they are new in v6.1 */
	compare_demotion(c, &is);
	known = boot_tier(c->m->base, &was, &number);
	for (unsigned int node = 0; node < TIERS_NODES; node++)
		compare_tier(c, &is, node, known ? &number : NULL);
}

/* Those with memory below Movable; with any, where kernels go by that. */
static void compare_slab_nodes(const struct check *c)
{
	uint64_t normal, seen;

	if (!counters_number(&c->s->counters, "kernel/slab_nodes", "", &seen) || !model_normal_nodes(c->m, &normal))
		return;
	check_differ(c, "node.slab", "mask of nodes that slabs may come from",
		     c->m->slab_of_movable == SIGHT_YES ? model_nodes_with_memory(c->m) : normal, seen);
}

void compare_tiers(const struct check *c)
{
	compare_memory_tiers(c);
	compare_slab_nodes(c);
}
