/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms: addresses of a kernel's own symbols, from the tables that it carries.  Level 1.
 *
 * VMCOREINFO says where the tables are (f09bddbd8661 "vmcoreinfo: add kallsyms_num_syms symbol" and
 * 5fd8fea935a1 "vmcoreinfo: include kallsyms symbols", v6.0).  Names are packed by a table of 256
 * tokens and stand in a row, so finding one means walking all before it.
 */
#ifndef RIG_PAGE_KALLSYMS_H
#define RIG_PAGE_KALLSYMS_H

#include "page/kernel_memory.h"

/**
 * kallsyms_find() - address of the symbol @name, which is no per-cpu variable
 * Errors: -ENOENT: no such symbol, or no tables; -EBADMSG: tables that make no sense; the reader's.
 */
int kallsyms_find(const struct kernel_memory *memory, const char *vmcoreinfo, const char *name, uint64_t *ret)
	RIG_CHECKED;

#endif
