// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "page/isolated.h"

static const char *const names[LAYOUT_ISOLATED] = { "anonymous pages", "pages of files" };

const char *isolated_name(unsigned int i)
{
	return names[i];
}

static bool is_known(const struct page_layout *l, const struct per_cpu *cpus)
{
	bool known = per_cpu_known(cpus) && l->pgdat_stats.has && l->pgdat_stats.size == 8;

	for (size_t i = 0; i < ARRAY_SIZE(l->isolated); i++)
		known &= l->isolated[i].node.has && l->isolated[i].node.size == 8 && l->isolated[i].cpu.has &&
			 l->isolated[i].cpu.size == 1;
	return known;
}

int isolated_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		  uint64_t addr, struct isolated *ret)
{
	struct isolated sum = { .known = true };
	uint64_t stats, base;
	int r = 0;

	*ret = (struct isolated){ 0 };
	if (!is_known(l, cpus))
		return 0;
	r = kernel_memory_copy(memory, addr + l->pgdat_stats.offset, &stats, sizeof(stats));
	for (size_t i = 0; i < ARRAY_SIZE(sum.nr) && r == 0; i++)
		r = kernel_memory_copy(memory, addr + l->isolated[i].node.offset, &sum.nr[i], sizeof(sum.nr[i]));
	for (unsigned int cpu = 0; cpu < cpus->nr_cpus && r == 0; cpu++) {
		r = per_cpu_base(memory, cpus, cpu, &base);
		for (size_t i = 0; i < ARRAY_SIZE(sum.nr) && r == 0; i++) {
			int8_t diff;

			r = kernel_memory_copy(memory, stats + base + l->isolated[i].cpu.offset, &diff, sizeof(diff));
			sum.nr[i] += r == 0 ? diff : 0;
		}
	}
	if (r == 0)
		*ret = sum;
	return r;
}
