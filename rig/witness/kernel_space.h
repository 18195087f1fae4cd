/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_space: the address space of a guest's kernel, as kernel_memory.  Level 4, part of witness.
 *
 * What the tables map together is read together, up to a mebibyte: large enough that the calls do
 * not count, small enough that the copy is still in the processor's cache when it is decoded.
 */
#ifndef RIG_WITNESS_KERNEL_SPACE_H
#define RIG_WITNESS_KERNEL_SPACE_H

#include "page/kernel_memory.h"
#include "witness/page_tables.h"

/* __START_KERNEL_map of page_64_types.h: guest-physical phys_base is mapped here, with the image */
#define START_KERNEL_MAP 0xffffffff80000000ull

#define KERNEL_SPACE_VIEW_BYTES (1u << 20)
#define KERNEL_SPACE_PIECES (KERNEL_SPACE_VIEW_BYTES / GUEST_PAGE_BYTES + 1)

struct kernel_space {
	struct page_tables tables;

	/* private */
	struct memory_piece piece[KERNEL_SPACE_PIECES];
	unsigned char buf[KERNEL_SPACE_VIEW_BYTES];
};

/** kernel_space_memory() - @s has its tables; it outlives what is returned.  What the tables do not
 *  map, or map beside RAM, is -EFAULT; other errors are those of the guest's memory. */
struct kernel_memory kernel_space_memory(struct kernel_space *s);

#endif
