/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_memory: bytes at kernel addresses, wherever the kernel is.  Level 1.
 *
 * In the guest it is a BPF program, outside the RAM of the QEMU process, in a test a buffer.
 */
#ifndef RIG_PAGE_KERNEL_MEMORY_H
#define RIG_PAGE_KERNEL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct kernel_memory {
	/*
	 * *ret points to @len bytes, at most max_bytes, until the next view.  -EFAULT: not all of
	 * them are there; anything else: nothing can be read any more.
	 */
	int (*view)(void *arg, uint64_t addr, size_t len, const void **ret);
	void *arg;
	size_t max_bytes;
};

/** kernel_memory_copy() - any length; @buf is undefined on failure */
int kernel_memory_copy(const struct kernel_memory *m, uint64_t addr, void *buf, size_t len)
	RIG_CHECKED;

#endif
