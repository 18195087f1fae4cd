// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "page/vm_stat.h"

static bool is_counted(const struct layout_stats *l)
{
	return l->nr && l->nr <= LAYOUT_MAX_STATS && l->total.has && l->total.size == l->nr * 8;
}

static bool is_known(const struct layout_stats *l, const struct per_cpu *cpus)
{
	return per_cpu_known(cpus) && is_counted(l) && l->cpu.has && l->cpu.size == 8 && l->difference.has &&
	       l->difference.size == l->nr;
}

int vm_stats_read(const struct kernel_memory *memory, const struct layout_stats *l, const struct per_cpu *cpus,
		  uint64_t addr, struct vm_stats *ret)
{
	struct vm_stats stats = { .known = true };
	int8_t difference[LAYOUT_MAX_STATS];
	uint64_t base;
	int r;

	*ret = (struct vm_stats){ 0 };
	if (!is_known(l, cpus))
		return 0;
	r = kernel_memory_copy(memory, addr + l->total.offset, stats.folded, l->total.size);
	memcpy(stats.nr, stats.folded, sizeof(stats.nr));
	if (r == 0)
		r = kernel_memory_copy(memory, addr + l->cpu.offset, &stats.own, sizeof(stats.own));
	for (unsigned int cpu = 0; cpu < cpus->nr_cpus && r == 0; cpu++) {
		r = per_cpu_base(memory, cpus, cpu, &base);
		if (r == 0)
			r = kernel_memory_copy(memory, stats.own + base + l->difference.offset, difference, l->nr);
		for (uint32_t i = 0; i < l->nr && r == 0; i++)
			stats.nr[i] += difference[i];
	}
	if (r == 0)
		*ret = stats;
	return r;
}

int vm_totals_read(const struct kernel_memory *memory, const struct page_layout *l, uint64_t zones, uint64_t nodes,
		   struct vm_totals *ret)
{
	struct vm_totals t = { .known = true };
	int r;

	*ret = (struct vm_totals){ 0 };
	if (!is_counted(&l->zone_counts) || !is_counted(&l->node_counts))
		return 0;
	r = kernel_memory_copy(memory, zones, t.zones, l->zone_counts.total.size);
	if (r == 0)
		r = kernel_memory_copy(memory, nodes, t.nodes, l->node_counts.total.size);
	if (r == 0)
		*ret = t;
	return r;
}
