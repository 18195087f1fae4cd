/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resource_tree: the kernel's resources of physical memory and how they are marked.  Level 1.
 *
 * /proc/iomem lists them by range and name; flags and descriptors, by which kexec, crash dumps and whoever walks
 * System RAM choose among them, are in no file.  At most RESOURCE_TREE_MAX of them are read, and no deeper than
 * RESOURCE_TREE_DEPTH: every walk ends, whatever is there.
 */
#ifndef RIG_PAGE_RESOURCE_TREE_H
#define RIG_PAGE_RESOURCE_TREE_H

#include <stdbool.h>

#include "page/kernel_memory.h"
#include "page/layout.h"

#define RESOURCE_TREE_MAX 4096u
#define RESOURCE_TREE_DEPTH 16u

/* include/linux/ioport.h */
#define RESOURCE_MEM		0x00000200ull
#define RESOURCE_SYSRAM		0x01000000ull
#define RESOURCE_DRIVER_MANAGED	0x02000000ull	/* of System RAM */
#define RESOURCE_MERGEABLE	0x04000000ull	/* of System RAM */
#define RESOURCE_EXCLUSIVE	0x08000000ull
#define RESOURCE_BUSY		0x80000000ull

struct resource {
	uint64_t start, end;		/* inclusive, guest-physical */
	uint64_t flags, desc;
	unsigned int depth;		/* as /proc/iomem indents it */
};

/** resource_tree_known() - whether @l says enough */
bool resource_tree_known(const struct page_layout *l);

/**
 * resource_tree_read() - all below @root, parents first
 * Returns 0 with *@ret the caller's; -EFAULT: they lead to where nothing is, or have no end; or the reader's error.
 */
int resource_tree_read(const struct kernel_memory *memory, const struct page_layout *l, uint64_t root,
		       struct resource **ret, size_t *ret_nr) RIG_CHECKED;

#endif
