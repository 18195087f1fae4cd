/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nd_layout: where the data of a namespace with a memmap must begin and end.  Level 5, pure.
 *
 * nd_pfn_init() computes it when the namespace is made and writes it into the info block: 8 KiB at
 * the start, then, with map=dev, 64 bytes for each page behind it, then data from the next multiple
 * of the alignment on; what is left at the end is cut off.  The alignment of the memory map on x86
 * is a sub-section of 2 MiB at least (memremap_compat_align()).
 */
#ifndef RIG_ND_LAYOUT_H
#define RIG_ND_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct nd_layout {
	uint64_t data, end;	/* guest-physical */
};

/** nd_layout() - of [@start, @start + @bytes); false: nothing is left for data */
bool nd_layout(uint64_t start, uint64_t bytes, bool map_dev, uint64_t align_bytes, struct nd_layout *ret);

#endif
