/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy: to which zone memory goes that is onlined without saying which.  Level 3, pure.
 *
 * What zone_for_pfn_range() of mm/memory_hotplug.c decides for MMOP_ONLINE, from counts of pages; the
 * first zone of valid_zones of an offline block comes from there, too.  The policy "auto-movable" is
 * there since v5.15: e83a437faa62 ("mm/memory_hotplug: introduce "auto-movable" online policy").
 * All counts are of present pages: with their memmap where it is on the memory itself, and whether a
 * sub-block is plugged or not.
 */
#ifndef RIG_POLICY_H
#define RIG_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy {
	bool auto_movable;	/* memory_hotplug.online_policy=auto-movable; else contig-zones */
	unsigned int ratio;	/* auto_movable_ratio: MOVABLE to early KERNEL memory, percent */
	bool numa_aware;	/* auto_movable_numa_aware: the ratio holds for each node, too */
	bool movable_node;	/* movable_node: ZONE_MOVABLE unless the zones say otherwise */
	bool big_blocks;	/* virtio_mem.force_bbm */
	uint64_t big_block_bytes;	/* virtio_mem.bbm_block_size; 0: as large as they must be */
};

struct policy_node {
	uint64_t kernel_early_pages;	/* online in kernel zones, and there since boot */
	uint64_t movable_pages;		/* online in ZONE_MOVABLE */
};

/*
 * What one driver adds as a unit.  A DIMM or kmem device is a static group, which is wholly in one
 * kind of zone if it can be; virtio-mem is a dynamic one, which is so for each unit of its own size.
 */
struct policy_group {
	bool dynamic;
	unsigned int node;
	uint64_t whole_pages;		/* static: all of it; dynamic: a unit, for virtio-mem its block */
	uint64_t kernel_pages, movable_pages;	/* online */
};

struct policy_memory {
	const struct policy_node *node;		/* by number of the node */
	size_t nr_nodes;
	const struct policy_group *group;	/* all of them */
	size_t nr_groups;
};

/* What is to be onlined. */
struct policy_range {
	unsigned int node;
	uint64_t nr_pages;
	const struct policy_group *group;	/* one of policy_memory.group; NULL: none */
	/* what is online of the unit around it; counts for a dynamic group only */
	uint64_t unit_kernel_pages, unit_movable_pages;
	bool in_kernel_zone, in_movable_zone;	/* it overlaps the span of its node's zone; contig-zones only */
};

/** policy_unit_pages() - what virtio-mem adds and removes as one; @unit_pages: what the device plugs as one */
uint64_t policy_unit_pages(const struct policy *policy, uint64_t unit_pages, uint64_t block_pages);

/** policy_parse() - as a kernel command line sets it; what it does not name has the kernel's default */
void policy_parse(const char *cmdline, struct policy *ret);

/** policy_is_movable() - ZONE_MOVABLE; else the kernel zone that it overlaps, or ZONE_NORMAL */
bool policy_is_movable(const struct policy *policy, const struct policy_memory *memory,
		       const struct policy_range *range);

#endif
