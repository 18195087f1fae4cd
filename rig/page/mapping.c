// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "page/mapping.h"

void mapping_append(struct mapping_list *l, const struct mapping *m)
{
	struct mapping *last = l->nr ? &l->v[l->nr - 1] : NULL;

	if (last && last->page + last->nr == m->page && last->pfn + last->nr == m->pfn &&
	    last->attributes == m->attributes) {
		last->nr += m->nr;
		return;
	}
	GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = *m;
}

size_t mapping_find(const struct mapping_list *l, uint64_t page)
{
	size_t low = 0, high = l->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].page + l->v[mid].nr <= page)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void mapping_list_deinit(struct mapping_list *l)
{
	free(l->v);
	*l = (struct mapping_list){ 0 };
}

const char *mapping_attributes_text(unsigned int attributes, char *buf)
{
	snprintf(buf, MAPPING_TEXT_BYTES, "%swritable, %sexecutable, %s, %scached",
		 attributes & MAPPING_WRITABLE ? "" : "not ", attributes & MAPPING_EXECUTABLE ? "" : "not ",
		 attributes & MAPPING_USER ? "for programs too" : "for the kernel alone",
		 attributes & MAPPING_UNCACHED ? "not " : "");
	return buf;
}
