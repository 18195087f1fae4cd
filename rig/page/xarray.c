// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "page/xarray.h"

#define MAX_SLOTS	64u
#define MAX_INTERNAL	4096u	/* xa_is_node(): internal entries up to there are no nodes */
#define INDEX_BITS	64u

bool xarray_known(const struct page_layout *l)
{
	const struct layout_xarray *x = &l->xarray;

	return x->head.has && x->head.size == 8 && x->shift.has && x->shift.size == 1 && x->slots.has &&
	       x->slots.size >= 8 && x->slots.size <= MAX_SLOTS * 8;
}

struct walk {
	const struct kernel_memory *memory;
	const struct page_layout *layout;
	int (*visit)(void *arg, uint64_t index, uint64_t pointer);
	void *arg;
	unsigned int nodes;
};

static bool is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > MAX_INTERNAL;
}

static bool is_pointer(uint64_t entry)
{
	return entry && !(entry & 3);
}

/* @below: the shift of what leads here */
static int walk_node(struct walk *w, uint64_t node, uint64_t first, unsigned int below)
{
	const struct layout_xarray *x = &w->layout->xarray;
	uint64_t slot[MAX_SLOTS];
	uint8_t shift;
	int r;

	if (++w->nodes > XARRAY_MAX_NODES)
		return -EFAULT;
	if ((r = kernel_memory_copy(w->memory, node + x->shift.offset, &shift, sizeof(shift))) < 0 ||
	    (r = kernel_memory_copy(w->memory, node + x->slots.offset, slot, x->slots.size)) < 0)
		return r;
	/* the last slot has an index that fits */
	if (shift >= below || (x->slots.size / 8 - 1ull) << shift >> shift != x->slots.size / 8 - 1)
		return -EFAULT;
	for (uint32_t i = 0; i < x->slots.size / 8 && r == 0; i++) {
		uint64_t index = first + ((uint64_t)i << shift);

		if (is_node(slot[i]))
			r = walk_node(w, slot[i] - 2, index, shift);
		else if (is_pointer(slot[i]))
			r = w->visit(w->arg, index, slot[i]);
	}
	return r;
}

int xarray_each(const struct kernel_memory *memory, const struct page_layout *l, uint64_t xarray,
		int (*visit)(void *arg, uint64_t index, uint64_t pointer), void *arg)
{
	struct walk w = { memory, l, visit, arg, 0 };
	uint64_t head;
	int r = kernel_memory_copy(memory, xarray + l->xarray.head.offset, &head, sizeof(head));

	if (r < 0)
		return r;
	if (is_node(head))
		return walk_node(&w, head - 2, 0, INDEX_BITS);
	return is_pointer(head) ? visit(arg, 0, head) : 0;
}
