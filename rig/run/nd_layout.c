// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/nd_layout.h"

#define INFO_BLOCK_BYTES 8192u
#define PAGE_BYTES 4096u
#define STRUCT_PAGE_BYTES 64u		/* MAX_STRUCT_PAGE_SIZE */
#define SUBSECTION_BYTES (2ull << 20)

bool nd_layout(uint64_t start, uint64_t bytes, bool map_dev, uint64_t align_bytes, struct nd_layout *ret)
{
	uint64_t align = align_bytes > SUBSECTION_BYTES ? align_bytes : SUBSECTION_BYTES;
	uint64_t end = (start + bytes) / align * align;
	uint64_t data = start + INFO_BLOCK_BYTES;

	if (bytes < INFO_BLOCK_BYTES)
		return false;
	if (map_dev)
		data += (bytes - INFO_BLOCK_BYTES) / PAGE_BYTES * STRUCT_PAGE_BYTES;
	data = (data + align - 1) / align * align;
	if (data >= end)
		return false;
	*ret = (struct nd_layout){ data, end };
	return true;
}
