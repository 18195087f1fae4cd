// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "page/kernel_memory.h"

int kernel_memory_copy(const struct kernel_memory *m, uint64_t addr, void *buf, size_t len)
{
	while (len) {
		size_t part = len < m->max_bytes ? len : m->max_bytes;
		const void *view;
		int r = m->view(m->arg, addr, part, &view);

		if (r < 0)
			return r;
		memcpy(buf, view, part);
		buf = (char *)buf + part;
		addr += part;
		len -= part;
	}
	return 0;
}
