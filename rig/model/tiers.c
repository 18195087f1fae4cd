// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/tiers.h"

static void enter(struct tier_node *n)
{
	if (n->type == TIER_NONE)
		n->type = TIER_DRAM;
	n->users += n->type == TIER_DRAM;
	n->tier = n->type;
}

void tiers_follow(struct tiers *t, uint64_t with_memory)
{
	for (unsigned int node = 0; node < TIERS_NODES; node++) {
		uint64_t bit = 1ull << node;

		if (with_memory & ~t->with_memory & bit)
			enter(&t->node[node]);
		if (t->with_memory & ~with_memory & bit)
			t->node[node].tier = TIER_NONE;
	}
	t->with_memory = with_memory;
}

void tiers_take_device(struct tiers *t, unsigned int node)
{
	struct tier_node *n = &t->node[node];

	if (node >= TIERS_NODES)
		return;
	if (n->type == TIER_NONE)
		n->type = TIER_KMEM;
	n->users += n->type == TIER_KMEM;
}

/*
 * Where another type was first, kmem's removal takes nothing away in v6.1, and counts a user of that type off in
 * later kernels, which pass NULL for the type: "dax, kmem: calculate abstract distance with general interface" (v6.7).
 */
void tiers_drop_device(struct tiers *t, unsigned int node)
{
	struct tier_node *n = &t->node[node];

	if (node >= TIERS_NODES || n->type == TIER_UNTOLD || --n->users)
		return;
	n->type = n->type == TIER_KMEM ? TIER_NONE : TIER_UNTOLD;
}
