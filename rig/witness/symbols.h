/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * symbols: variables of a guest's kernel that its note does not name.  Level 4, part of witness.
 */
#ifndef RIG_WITNESS_SYMBOLS_H
#define RIG_WITNESS_SYMBOLS_H

#include "page/kernel_memory.h"
#include "page/layout.h"

enum witness_symbol {
	SYMBOL_PER_CPU_OFFSET, SYMBOL_MEMORY_BLOCKS, SYMBOL_VM_ZONE_STAT, SYMBOL_VM_NODE_STAT,
	SYMBOL_IOMEM_RESOURCE, WITNESS_NR_SYMBOLS,
};

const char *witness_symbol_name(enum witness_symbol symbol);	/* as the kernel calls it */

/**
 * symbols_find() - look up what @l has a use for and @address does not have yet
 * @note: text of VMCOREINFO
 * @cpus: somebody counts by them
 * A kernel without the tables or the symbol leaves an address at 0.  Returns 0, or the reader's error.
 */
int symbols_find(const struct kernel_memory *memory, const char *note, const struct page_layout *l,
		 bool cpus, uint64_t address[WITNESS_NR_SYMBOLS]) RIG_CHECKED;

#endif
