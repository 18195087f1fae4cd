// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "page/demotion.h"

/* The mask is all that an element has, so that it is as long as one; of longs, and lowest nodes first. */
static bool is_known(const struct layout_field *f)
{
	return f->has && !f->offset && f->size && f->size % sizeof(uint64_t) == 0;
}

int demotion_targets(const struct kernel_memory *memory, const struct page_layout *l, uint64_t table, uint64_t nr,
		     uint64_t ret[DEMOTION_NODES])
{
	int r = 0;

	memset(ret, 0, DEMOTION_NODES * sizeof(*ret));
	if (!is_known(&l->demotion) || !table)
		return -ENOENT;
	for (uint64_t node = 0; node < nr && node < DEMOTION_NODES && r == 0; node++)
		r = kernel_memory_copy(memory, table + node * l->demotion.size, &ret[node], sizeof(ret[node]));
	return r;
}
