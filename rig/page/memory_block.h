/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory_block: what a kernel itself keeps of its memory blocks, and of the groups that they are in.  Level 1.
 *
 * sysfs shows the state of a block and computes the rest anew from its pages; which online type is left over, how
 * many pages of a group are online or what a block's altmap still has is read nowhere else.  All blocks are in
 * an xarray since 4fb6eabf1037 ("drivers/base/memory.c: cache memory blocks in xarray to accelerate lookup", v5.7).
 */
#ifndef RIG_PAGE_MEMORY_BLOCK_H
#define RIG_PAGE_MEMORY_BLOCK_H

#include "page/zone_place.h"

#define MEMORY_BLOCK_MAX_ID 65536u

/* What the layout does not know, or cannot be read, is 0. */
struct memory_block {
	uint64_t id, section;		/* its number, and the first section of it */
	bool lost, memmap_lost, group_lost;	/* where it, its altmap or its group should be, there is nothing */
	uint32_t online_type;		/* enum mmop: 0 is MMOP_OFFLINE */
	int32_t node;			/* -1: none */
	bool zoned;			/* it says which zone it is in ... */
	struct zone_place zone;		/* ... and that one is it */
	bool hosting;			/* it has an altmap, or a number of pages of one */
	uint64_t hosted, used;		/* pages for its memmap at its start, and how many of them that takes */
	uint64_t poisoned;		/* pages */
	uint64_t group;			/* an address; 0: none */
	int32_t group_node;
	uint64_t group_kernel, group_movable;	/* pages that are present */
	bool group_dynamic;
	uint64_t group_whole;		/* pages: static: most that it will have; dynamic: a unit */
};

/** memory_block_known() - whether @l says enough */
bool memory_block_known(const struct page_layout *l);

/**
 * memory_blocks_read() - all blocks, ascending by id
 * @xarray: address of the kernel's variable memory_blocks
 * Returns 0 with *@ret the caller's; -EFAULT: the xarray makes no sense, or no node has zones; or the reader's error.
 */
int memory_blocks_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *nodes,
		       uint64_t xarray, struct memory_block **ret, size_t *ret_nr) RIG_CHECKED;

#endif
