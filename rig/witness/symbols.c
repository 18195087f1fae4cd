// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "page/kallsyms.h"
#include "page/memory_block.h"
#include "page/resource_tree.h"
#include "witness/symbols.h"

const char *witness_symbol_name(enum witness_symbol symbol)
{
	static const char *const names[] = {
		[SYMBOL_PER_CPU_OFFSET] = "__per_cpu_offset", [SYMBOL_MEMORY_BLOCKS] = "memory_blocks",
		[SYMBOL_VM_ZONE_STAT] = "vm_zone_stat", [SYMBOL_VM_NODE_STAT] = "vm_node_stat",
		[SYMBOL_IOMEM_RESOURCE] = "iomem_resource",
	};

	return names[symbol];
}

static int find(const struct kernel_memory *memory, const char *note, const char *name, uint64_t *address)
{
	int r = *address ? 0 : kallsyms_find(memory, note, name, address);

	return r == -ENOENT || r == -EBADMSG || r == -EFAULT ? 0 : r;
}

int symbols_find(const struct kernel_memory *memory, const char *note, const struct page_layout *l,
		 bool cpus, uint64_t address[WITNESS_NR_SYMBOLS])
{
	const bool wanted[] = {
		[SYMBOL_PER_CPU_OFFSET] = cpus, [SYMBOL_MEMORY_BLOCKS] = memory_block_known(l),
		[SYMBOL_VM_ZONE_STAT] = l->zone_counts.nr, [SYMBOL_VM_NODE_STAT] = l->node_counts.nr,
		[SYMBOL_IOMEM_RESOURCE] = resource_tree_known(l),
	};
	int r = 0;

	for (enum witness_symbol s = 0; s < WITNESS_NR_SYMBOLS && r == 0; s++)
		r = wanted[s] ? find(memory, note, witness_symbol_name(s), &address[s]) : 0;
	return r;
}
