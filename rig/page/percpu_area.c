// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "page/percpu_area.h"

#define PAGE_BYTES	4096u
#define LIST_BYTES	16u		/* struct list_head */
#define MAX_LISTS	64u

static bool is_known(const struct layout_percpu *p)
{
	return p->place.has && p->place.size == LIST_BYTES && p->free.has && p->free.size == 4 && p->pages.has &&
	       p->pages.size == 4;
}

/* What has more free than it has is no chunk. */
static int add_chunk(const struct kernel_memory *memory, const struct layout_percpu *p, uint64_t chunk, uint64_t *used)
{
	int32_t free, pages;
	int r = kernel_memory_copy(memory, chunk + p->free.offset, &free, sizeof(free));

	if (r == 0)
		r = kernel_memory_copy(memory, chunk + p->pages.offset, &pages, sizeof(pages));
	if (r < 0)
		return r;
	if (free < 0 || pages < 0 || (uint64_t)free > (uint64_t)pages * PAGE_BYTES)
		return -EFAULT;
	*used += (uint64_t)pages * PAGE_BYTES - (uint64_t)free;
	return 0;
}

int percpu_area_used(const struct kernel_memory *memory, const struct page_layout *l, uint64_t lists, uint64_t nr,
		     uint64_t *ret)
{
	const struct layout_percpu *p = &l->percpu;
	uint64_t used = 0;
	unsigned int chunks = 0;

	if (!is_known(p))
		return -ENOENT;
	if (nr > MAX_LISTS)
		return -EFAULT;
	for (uint64_t head = lists; head < lists + nr * LIST_BYTES; head += LIST_BYTES) {
		uint64_t at;
		int r = kernel_memory_copy(memory, head, &at, sizeof(at));

		for (; r == 0 && at != head; r = kernel_memory_copy(memory, at, &at, sizeof(at))) {
			r = ++chunks > PERCPU_MAX_CHUNKS ? -EFAULT :
			    add_chunk(memory, p, at - p->place.offset, &used);
			if (r < 0)
				return r;
		}
		if (r < 0)
			return r;
	}
	*ret = used;
	return 0;
}
