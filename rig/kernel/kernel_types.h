/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_types: the types of a kernel as raw BTF, from the file that is booted or beside it.  Level 2.
 */
#ifndef RIG_KERNEL_KERNEL_TYPES_H
#define RIG_KERNEL_KERNEL_TYPES_H

#include <stddef.h>

#include "kernel/kernel.h"

struct kernel_types {
	void *btf;
	size_t len;
	const char *source;	/* "BTF" or "DWARF", static */
};

/**
 * kernel_types_read() - .BTF of the image, or of DWARF as much as layouts need
 * DWARF is looked for in an image that is an ELF vmlinux, and for the bzImage of a build tree in the
 * tree's vmlinux, when that has the same build id.
 * Errors: RIG_MISSING -ENOENT: there is neither; RIG_HOST: unreadable, or damaged.
 */
int kernel_types_read(const struct kernel *k, struct kernel_types *ret,
		      struct rig_err *err) RIG_CHECKED;
void kernel_types_deinit(struct kernel_types *t);

#endif
