/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node: what a kernel itself keeps of a node and its zones, populated or not.  Level 1.
 */
#ifndef RIG_PAGE_NODE_H
#define RIG_PAGE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "page/kernel_memory.h"
#include "page/layout.h"

/* Where the pglist_data are: one of the two. */
struct node_table {
	uint64_t node_data;		/* address of the array of pointers; 0: none */
	uint64_t contig_page_data;	/* address of the only one, without NUMA; 0: none */
};

/* All in pages; what the layout does not know is 0. */
struct node_numbers {
	uint64_t start_pfn, spanned, present;
	uint64_t reserve, min_unmapped, min_slab;
	uint64_t nr_zones, zones_addr;	/* the latter an address: of the first struct zone */
	struct zone_numbers {
		uint64_t start_pfn, spanned, present, managed;
		uint64_t present_early, cma;
		uint64_t isolated;	/* pageblocks */
		uint64_t low, high;	/* marks without boost */
		uint64_t kept;		/* the largest of lowmem_reserve[] */
		bool contiguous;	/* said to have no hole; false where the kernel says nothing */
		bool initialized, own;	/* own: knows its node.  True where the kernel says nothing */
	} zone[LAYOUT_MAX_ZONES];	/* by index, layout->nr_zones of them */
};

/** node_table_from_note() - what VMCOREINFO says of it; false: nothing */
bool node_table_from_note(const char *vmcoreinfo, struct node_table *ret);

/** node_table_end() - one behind the last of @max nodes that has something there: one look instead of many */
unsigned int node_table_end(const struct kernel_memory *memory, const struct node_table *table,
			    unsigned int max);

/** node_address() - of a node's pglist_data; 0, -ENOENT: no such node, or the reader's error */
int node_address(const struct kernel_memory *memory, const struct node_table *table, unsigned int nid,
		 uint64_t *ret) RIG_CHECKED;

/** node_read() - 0, -ENOENT: no such node, or the reader's error */
int node_read(const struct kernel_memory *memory, const struct page_layout *l,
	      const struct node_table *table, unsigned int nid, struct node_numbers *ret)
	RIG_CHECKED;

#endif
