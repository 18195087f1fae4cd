/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * isolated: how many pages of a node are off the LRU lists while somebody moves them, as the kernel counts them.  Level 1.
 *
 * The count is in two parts: that of the node, of which each CPU keeps a small difference to itself.
 */
#ifndef RIG_PAGE_ISOLATED_H
#define RIG_PAGE_ISOLATED_H

#include <stdbool.h>

#include "page/zone_free.h"

struct isolated {
	bool known;
	int64_t nr[LAYOUT_ISOLATED];	/* anonymous pages, pages of files */
};

/** isolated_read() - of the pglist_data at @addr; not known where @l or @cpus say too little
 *  -EFAULT, or the reader's error */
int isolated_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		  uint64_t addr, struct isolated *ret) RIG_CHECKED;

/** isolated_name() - "anonymous pages", "pages of files"; @i below LAYOUT_ISOLATED */
const char *isolated_name(unsigned int i);

#endif
