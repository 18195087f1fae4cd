// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "witness/memmap_holders.h"

void holder_list_deinit(struct holder_list *l)
{
	free(l->range);
	*l = (struct holder_list){ 0 };
}

static void add(struct holder_list *l, uint64_t pfn, uint64_t end)
{
	struct holder_range *last = l->nr ? &l->range[l->nr - 1] : NULL;

	/* neighbours in the vmemmap mostly are neighbours in RAM */
	if (last && pfn >= last->pfn && pfn <= last->end) {
		last->end = end > last->end ? end : last->end;
		return;
	}
	GROW(l->range, l->nr, l->cap);
	l->range[l->nr++] = (struct holder_range){ pfn, end };
}

/* The bytes [@addr, @end) of the vmemmap. */
static int add_bytes(struct page_tables *t, uint64_t addr, uint64_t end, struct holder_list *l)
{
	uint64_t gpa, len;

	while (addr < end) {
		int r = page_tables_translate(t, addr, &gpa, &len);

		if (r < 0 && r != -EFAULT && r != -EBADMSG)
			return r;
		if (r < 0) {
			addr = (addr / GUEST_PAGE_BYTES + 1) * GUEST_PAGE_BYTES;
			continue;
		}
		if (len > end - addr)
			len = end - addr;
		add(l, gpa / GUEST_PAGE_BYTES, (gpa + len - 1) / GUEST_PAGE_BYTES + 1);
		addr += len;
	}
	return 0;
}

static int by_pfn(const void *x, const void *y)
{
	const struct holder_range *a = x, *b = y;

	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

static void sort(struct holder_list *l)
{
	size_t n = l->nr;

	if (!n)
		return;
	qsort(l->range, n, sizeof(*l->range), by_pfn);
	l->nr = 0;
	for (size_t i = 0; i < n; i++)
		add(l, l->range[i].pfn, l->range[i].end);
}

int memmap_holders_find(struct memmap *m, struct page_tables *t, const struct holder_range *of,
			uint64_t max_pages, struct holder_list *ret)
{
	struct memmap_chunk c = { .pfn = of->pfn };
	int r;

	while ((r = memmap_next(m, c.pfn + c.nr, of->end, &c)) == 1) {
		if (c.nr > max_pages)
			return -E2BIG;
		max_pages -= c.nr;
		r = add_bytes(t, c.addr, c.addr + c.nr * m->layout->page_bytes, ret);
		if (r < 0)
			break;
	}
	sort(ret);
	return r;
}
