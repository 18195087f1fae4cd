/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_map: finds struct pages and sections of the running kernel.  Agent only.
 *
 * Tables and the type values of old kernels from vmcoreinfo, what that lacks from /proc/kallsyms,
 * layout from /sys/kernel/btf/vmlinux.  Made on first use; if it cannot be made, the reason is
 * kept and the agent falls back to /proc/kpageflags.
 */
#ifndef RIG_AGENT_KERNEL_MAP_H
#define RIG_AGENT_KERNEL_MAP_H

#include "guest_agent/kreader.h"
#include "page/memmap.h"
#include "page/node.h"

struct kernel_map {
	struct kreader *reader;
	struct kernel_memory memory;	/* the same */
	struct page_layout layout;
	struct memmap_table sections;
	struct node_table nodes;	/* zeroed when there is none */
};

/** kernel_map_get() - the one map of this process */
int kernel_map_get(struct kernel_map **ret, struct rig_err *err) RIG_CHECKED;

/** kernel_map_variable() - one of those that tell of memory, by its name; -ENOENT: this kernel has none, or hides it */
int kernel_map_variable(const char *name, uint64_t *ret) RIG_CHECKED;

/** kernel_map_lacks() - it is known that this kernel has no such function */
bool kernel_map_lacks(const char *function);

#endif
