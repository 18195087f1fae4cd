/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone_free: how many pages of a zone are free, as the kernel counts them.  Level 1.
 *
 * The count is in two parts: NR_FREE_PAGES of the zone, of which each CPU keeps a small difference
 * to itself, and the pages on the lists of each CPU.  Only in a kernel that stands still, or has been
 * quiet, do they belong together.
 */
#ifndef RIG_PAGE_ZONE_FREE_H
#define RIG_PAGE_ZONE_FREE_H

#include <stdbool.h>

#include "page/kernel_memory.h"
#include "page/layout.h"

#define PER_CPU_MAX 1024u

/* Where each CPU has its own copy of per-cpu variables. */
struct per_cpu {
	uint64_t offsets;	/* address of __per_cpu_offset[]; 0: not known */
	unsigned int nr_cpus;	/* possible ones, at most PER_CPU_MAX */
};

/** per_cpu_known() - whether it can be said where each CPU has its own */
bool per_cpu_known(const struct per_cpu *cpus);
/** per_cpu_base() - what CPU @cpu, below nr_cpus, adds to the address of a per-cpu variable; -EFAULT, or the
 *  reader's error */
int per_cpu_base(const struct kernel_memory *memory, const struct per_cpu *cpus, unsigned int cpu, uint64_t *ret)
	RIG_CHECKED;

/** zone_free_known() - whether @l and @cpus say enough */
bool zone_free_known(const struct page_layout *l, const struct per_cpu *cpus);

/** zone_free_read() - of the struct zone at @addr; -EFAULT, or the reader's error */
int zone_free_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		   uint64_t addr, uint64_t *free, uint64_t *pcp) RIG_CHECKED;

#endif
