/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_stat: what a kernel counts of a zone or a node, by the kernel's own names.  Level 1.
 *
 * Each count is in two parts: that of the zone or node, of which each CPU keeps a small difference to itself.
 */
#ifndef RIG_PAGE_VM_STAT_H
#define RIG_PAGE_VM_STAT_H

#include <stdbool.h>

#include "page/zone_free.h"

struct vm_stats {
	bool known;
	uint64_t own;			/* where, in the area of each CPU, the differences are */
	int64_t nr[LAYOUT_MAX_STATS];	/* both parts together, by index of the layout */
	int64_t folded[LAYOUT_MAX_STATS];	/* without what CPUs have to themselves */
};

/* vm_zone_stat[] and vm_node_stat[]: the same of all zones and of all nodes, without the differences */
struct vm_totals {
	bool known;
	int64_t zones[LAYOUT_MAX_STATS], nodes[LAYOUT_MAX_STATS];
};

/** vm_stats_read() - of the zone or pglist_data at @addr; not known where @l or @cpus say too little
 *  -EFAULT, or the reader's error */
int vm_stats_read(const struct kernel_memory *memory, const struct layout_stats *l, const struct per_cpu *cpus,
		  uint64_t addr, struct vm_stats *ret) RIG_CHECKED;

/** vm_totals_read() - @zones, @nodes: addresses of the two arrays; not known where @l says too little */
int vm_totals_read(const struct kernel_memory *memory, const struct page_layout *l, uint64_t zones, uint64_t nodes,
		   struct vm_totals *ret) RIG_CHECKED;

#endif
