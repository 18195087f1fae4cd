/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xarray: the pointers in a kernel's XArray, as include/linux/xarray.h lays it out.  Level 1.
 *
 * Nodes lead to nodes of less shift, and there are at most XARRAY_MAX_NODES of them: every walk ends, whatever is
 * there.  What is no pointer (values, marks of multi-index entries, of retries) is passed over.
 */
#ifndef RIG_PAGE_XARRAY_H
#define RIG_PAGE_XARRAY_H

#include <stdbool.h>

#include "page/kernel_memory.h"
#include "page/layout.h"

#define XARRAY_MAX_NODES 4096u

/** xarray_known() - whether @l says enough */
bool xarray_known(const struct page_layout *l);

/**
 * xarray_each() - call @visit for each pointer, ascending by index unless the nodes make no sense
 * @visit: 0 goes on, anything else ends the walk and is returned
 * Returns 0, -EFAULT: a node is nowhere, or makes no sense, or there are too many; or the reader's error.
 */
int xarray_each(const struct kernel_memory *memory, const struct page_layout *l, uint64_t xarray,
		int (*visit)(void *arg, uint64_t index, uint64_t pointer), void *arg) RIG_CHECKED;

#endif
