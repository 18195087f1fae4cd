/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * percpu_area: how much of the per-cpu areas is allocated.  Level 1.
 *
 * The allocator keeps its chunks on lists by how much of them is free, and of each how many bytes that is
 * (mm/percpu-internal.h).  No file of the kernel tells either; /proc/meminfo counts whole pages.
 */
#ifndef RIG_PAGE_PERCPU_AREA_H
#define RIG_PAGE_PERCPU_AREA_H

#include "page/kernel_memory.h"
#include "page/layout.h"

#define PERCPU_MAX_CHUNKS 4096u

/**
 * percpu_area_used() - bytes that one processor has allocated to it
 * @lists: address of the first of @nr lists
 * -ENOENT: @l does not know the chunks; -EFAULT: a list leads to where nothing is, or has no end; or the
 * reader's error
 */
int percpu_area_used(const struct kernel_memory *memory, const struct page_layout *l, uint64_t lists, uint64_t nr,
		     uint64_t *ret) RIG_CHECKED;

#endif
