/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tiers: which memory tier the kernel puts a node into, which depends on what happened to it before.  Level 3,
 * plain data, part of struct model.
 *
 * A node has a type of memory, whoever gave it one first: dax/kmem when it takes a device of that node, or else
 * the kernel itself, when the first memory of the node comes online.  The latter stays for ever, kmem's until the
 * last of its devices is gone.  By the type that it then has the node enters a tier with its first memory, and it
 * stays there until its last memory goes offline: __init_node_memory_type(), set_node_memory_tier(),
 * clear_node_memory_tier() and clear_node_memory_type() in mm/memory-tiers.c.
 */
#ifndef RIG_MODEL_TIERS_H
#define RIG_MODEL_TIERS_H

#include <stdint.h>

#define TIERS_NODES 64u

enum tier_kind {
	TIER_NONE,
	TIER_DRAM,	/* that of boot memory */
	TIER_KMEM,	/* below */
	TIER_UNTOLD,	/* kernels differ */
};

struct tiers {
	uint64_t with_memory;		/* mask */
	struct tier_node {
		enum tier_kind type, tier;
		/* of type KMEM its devices, of DRAM how often the node got its first memory */
		unsigned int users;
	} node[TIERS_NODES];
};

/** tiers_follow() - the nodes that have memory are now those of @with_memory */
void tiers_follow(struct tiers *t, uint64_t with_memory);
/** tiers_take_device() - dax/kmem took a device of @node, none of whose memory is online yet */
void tiers_take_device(struct tiers *t, unsigned int node);
/** tiers_drop_device() - dax/kmem let go of one, whose memory is gone */
void tiers_drop_device(struct tiers *t, unsigned int node);

#endif
