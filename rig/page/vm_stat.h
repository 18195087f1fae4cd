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
};

/** vm_stats_read() - of the zone or pglist_data at @addr; not known where @l or @cpus say too little
 *  -EFAULT, or the reader's error */
int vm_stats_read(const struct kernel_memory *memory, const struct layout_stats *l, const struct per_cpu *cpus,
		  uint64_t addr, struct vm_stats *ret) RIG_CHECKED;

#endif
