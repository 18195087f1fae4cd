/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_layout: where the kernel in a file keeps what, read on the host, with no guest.  Level 2.
 *
 * From the file's BTF; from the DWARF of the vmlinux in its build tree when it has none.  Unpacking
 * and reading takes seconds, so the layout is kept in the cache by the image's digest; a cached one
 * that is damaged, or of a rig with another layout, is made anew without a word.
 */
#ifndef RIG_KERNEL_KERNEL_LAYOUT_H
#define RIG_KERNEL_KERNEL_LAYOUT_H

#include "kernel/kernel.h"
#include "page/layout.h"

/**
 * kernel_layout() - the layout of @k
 * @source: "BTF" or "DWARF", static
 * Types of kernels before enum pagetype have no names yet: layout_name_types() gives them, with the
 * values in the running guest's vmcoreinfo.
 * Errors: RIG_MISSING -ENOENT: the file has neither, or lacks what a layout needs; RIG_HOST: it cannot
 * be read or makes no sense.
 */
int kernel_layout(const struct kernel *k, struct page_layout *ret, const char **source,
		  struct rig_err *err) RIG_CHECKED;

#endif
