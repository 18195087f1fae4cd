// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "page/zone_free.h"

bool per_cpu_known(const struct per_cpu *cpus)
{
	return cpus->offsets && cpus->nr_cpus && cpus->nr_cpus <= PER_CPU_MAX;
}

int per_cpu_base(const struct kernel_memory *memory, const struct per_cpu *cpus, unsigned int cpu, uint64_t *ret)
{
	return kernel_memory_copy(memory, cpus->offsets + cpu * sizeof(*ret), ret, sizeof(*ret));
}

bool zone_free_known(const struct page_layout *l, const struct per_cpu *cpus)
{
	return per_cpu_known(cpus) && l->zone_free.has &&
	       l->zone_free.size == 8 && l->zone_pageset.has && l->zone_pageset.size == 8 && l->pcp_count.has &&
	       l->pcp_count.size == 4 && l->zone_stats.has && l->zone_stats.size == 8 && l->stats_free_diff.has &&
	       l->stats_free_diff.size == 1;
}

int zone_free_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		   uint64_t addr, uint64_t *free, uint64_t *pcp)
{
	uint64_t sum, pageset, stats, lists = 0;
	int r;

	if ((r = kernel_memory_copy(memory, addr + l->zone_free.offset, &sum, sizeof(sum))) < 0 ||
	    (r = kernel_memory_copy(memory, addr + l->zone_pageset.offset, &pageset, sizeof(pageset))) < 0 ||
	    (r = kernel_memory_copy(memory, addr + l->zone_stats.offset, &stats, sizeof(stats))) < 0)
		return r;
	for (unsigned int cpu = 0; cpu < cpus->nr_cpus; cpu++) {
		uint64_t base;
		int32_t count;
		int8_t diff;

		if ((r = per_cpu_base(memory, cpus, cpu, &base)) < 0 ||
		    (r = kernel_memory_copy(memory, pageset + base + l->pcp_count.offset, &count,
					    sizeof(count))) < 0 ||
		    (r = kernel_memory_copy(memory, stats + base + l->stats_free_diff.offset, &diff,
					    sizeof(diff))) < 0)
			return r;
		sum += (uint64_t)(int64_t)diff;
		lists += (uint64_t)(int64_t)count;
	}
	*free = sum;
	*pcp = lists;
	return 0;
}
