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
#include "page/layout.h"

struct kernel_map {
	struct kreader *reader;
	struct page_layout layout;
	uint64_t section_roots;	/* address of the array that mem_section points to */
	uint64_t node_data;	/* address of node_data[]; 0 when there is none */
};

struct section_info {
	uint64_t mem_map;	/* raw section_mem_map; 0: the section is not present */
	uint64_t subsections;	/* bit per sub-section; 0 when there is no usage */
	bool has_usage;
};

/** kernel_map_get() - the one map of this process */
int kernel_map_get(struct kernel_map **ret, struct rig_err *err) RIG_CHECKED;

/** kernel_map_section() - what mem_section says of section @nr; a table that is not there
 *  reads as all zero */
void kernel_map_section(struct kernel_map *m, uint64_t nr, struct section_info *ret);

/** kernel_map_page_address() - address of the struct page of @pfn in a section with a memmap */
uint64_t kernel_map_page_address(const struct kernel_map *m, const struct section_info *section,
				 uint64_t pfn);

#endif
