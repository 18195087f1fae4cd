// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample_memory.h"

static int view(void *arg, uint64_t addr, size_t len, const void **ret)
{
	struct sample_memory *m = arg;

	if (!len || len > m->memory.max_bytes)
		abort();
	if (m->views++ >= m->broken_from && m->broken)
		return m->broken;
	if (addr < m->addr || addr - m->addr > m->len || len > m->len - (addr - m->addr) ||
	    (m->hole && m->hole - addr < len))
		return -EFAULT;
	/* of its own, so that a sanitizer sees who reads behind it, or the one before */
	free(m->view);
	m->view = xcalloc(1, len);
	memcpy(m->view, m->bytes + (addr - m->addr), len);
	*ret = m->view;
	return 0;
}

void sample_memory_init(struct sample_memory *m, uint64_t addr, size_t len, size_t max_bytes)
{
	*m = (struct sample_memory){
		.addr = addr, .bytes = xcalloc(1, len), .len = len,
		.memory = { .view = view, .arg = m, .max_bytes = max_bytes },
	};
}

void sample_memory_deinit(struct sample_memory *m)
{
	free(m->view);
	free(m->bytes);
}

int sample_memory_tear_down(void **state)
{
	sample_memory_deinit(*state);
	free(*state);
	return 0;
}

void sample_memory_put(struct sample_memory *m, uint64_t addr, const void *bytes, size_t len)
{
	if (addr < m->addr || addr - m->addr > m->len || len > m->len - (addr - m->addr))
		abort();
	memcpy(m->bytes + (addr - m->addr), bytes, len);
}
