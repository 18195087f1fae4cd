/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_memory: a guest's RAM by guest-physical address, wherever it is.  Level 4, part of witness.
 *
 * The seam below the witness: RAM of a QEMU process (guest_ram), or whatever else holds a guest.
 */
#ifndef RIG_WITNESS_GUEST_MEMORY_H
#define RIG_WITNESS_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define GUEST_PAGE_BYTES 4096u
#define PAGE_HEAD_BYTES	 24u
#define GUEST_MEMORY_END UINT64_MAX

struct memory_piece {
	uint64_t gpa;
	size_t len;
};

/* How a page begins. */
struct page_head {
	uint64_t gpa;
	unsigned char bytes[PAGE_HEAD_BYTES];
};

struct guest_memory {
	/*
	 * Fill @buf with the pieces, one behind the other.  0; -EFAULT: not all of it is RAM; another
	 * errno (-ESRCH, -EPERM): nothing can be read any more.
	 */
	int (*read)(void *arg, const struct memory_piece *pieces, size_t nr, void *buf);
	/*
	 * Heads of up to @max pages at or behind *@gpa that hold something, ascending, and *@gpa behind
	 * what was looked at: a bounded stretch, which may have none.  GUEST_MEMORY_END when there is no
	 * more.  Returns their number, or -errno as above.
	 */
	int (*heads)(void *arg, uint64_t *gpa, struct page_head *ret, size_t max);
	/* The error for what the two returned: fills @err and returns -err->eno. */
	int (*explain)(void *arg, int r, struct rig_err *err);
	void *arg;
};

#endif
