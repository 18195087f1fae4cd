// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "witness/kernel_space.h"

static int view(void *arg, uint64_t addr, size_t len, const void **ret)
{
	struct kernel_space *s = arg;
	const struct guest_memory *memory = s->tables.memory;
	size_t nr = 0;
	int r;

	if (len > sizeof(s->buf) || addr + len < addr)
		return -EFAULT;
	for (size_t done = 0; done < len; ) {
		struct memory_piece *last = nr ? &s->piece[nr - 1] : NULL;
		uint64_t gpa, there;

		r = page_tables_translate(&s->tables, addr + done, &gpa, &there);
		if (r < 0)
			return r == -EBADMSG ? -EFAULT : r;
		if (there > len - done)
			there = len - done;
		if (last && last->gpa + last->len == gpa)
			last->len += there;
		else
			s->piece[nr++] = (struct memory_piece){ gpa, there };
		done += there;
	}
	r = memory->read(memory->arg, s->piece, nr, s->buf);
	if (!r)
		*ret = s->buf;
	return r;
}

struct kernel_memory kernel_space_memory(struct kernel_space *s)
{
	return (struct kernel_memory){ .view = view, .arg = s, .max_bytes = sizeof(s->buf) };
}
