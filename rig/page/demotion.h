/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * demotion: to which nodes each node moves what it has no more use for.  Level 1.
 *
 * mm/memory-tiers.c keeps them as an array of struct demotion_nodes, one for each node that may be, and shows
 * them nowhere.
 */
#ifndef RIG_PAGE_DEMOTION_H
#define RIG_PAGE_DEMOTION_H

#include "page/kernel_memory.h"
#include "page/layout.h"

#define DEMOTION_NODES 64u

/**
 * demotion_targets() - by node, as masks of nodes
 * @table: address of the array; @nr: its elements, of which the first DEMOTION_NODES count, as in the masks
 * -ENOENT: @l does not know the elements (they have other members before v6.1); or the reader's error
 */
int demotion_targets(const struct kernel_memory *memory, const struct page_layout *l, uint64_t table, uint64_t nr,
		     uint64_t ret[DEMOTION_NODES]) RIG_CHECKED;

#endif
