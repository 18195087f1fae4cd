/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_reader: all that the kernel keeps of its nodes and their zones, in one look.  Level 4, part of witness.
 */
#ifndef RIG_WITNESS_NODE_READER_H
#define RIG_WITNESS_NODE_READER_H

#include "model/snapshot.h"
#include "page/node.h"

/* Of somebody else's; what the layout or the places of CPUs do not tell is not read. */
struct node_reader {
	const struct kernel_memory *kernel;
	const struct page_layout *layout;
	const struct node_table *nodes;
	const struct per_cpu *cpus;
	uint64_t max_chunks;		/* followed on all free lists together: as many pages as there can be */
};

/** node_reader_read() - possible nodes too; caller frees *@ret.  0, or what else the memory said than -EFAULT */
int node_reader_read(const struct node_reader *r, struct node_count **ret, size_t *ret_nr) RIG_CHECKED;

#endif
