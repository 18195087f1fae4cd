// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/clean.h"
#include "page/pageset.h"

/* high_min and high_max since 90b41691b988 ("mm: add framework for PCP high auto-tuning"), v6.7; high until then */
static const char *const names[LAYOUT_PAGESET_LIMITS] = {
	[PAGESET_HIGH] = "high", [PAGESET_HIGH_MIN] = "high_min", [PAGESET_HIGH_MAX] = "high_max", [PAGESET_BATCH] = "batch",
};

const char *pageset_limit_name(unsigned int i)
{
	return names[i];
}

static bool limit_known(const struct layout_limit *f)
{
	return f->zone.has && f->cpu.has && f->zone.size <= sizeof(uint64_t) && f->cpu.size <= sizeof(uint64_t);
}

bool pageset_known(const struct page_layout *l, const struct per_cpu *cpus)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(l->pageset); i++)
		any |= limit_known(&l->pageset[i]);
	return any && per_cpu_known(cpus) && l->zone_pageset.has && l->zone_pageset.size == 8;
}

int pageset_place(const struct kernel_memory *memory, const struct page_layout *l, uint64_t addr, uint64_t *ret)
{
	*ret = 0;
	if (!l->zone_pageset.has || l->zone_pageset.size != sizeof(*ret))
		return 0;
	return kernel_memory_copy(memory, addr + l->zone_pageset.offset, ret, sizeof(*ret));
}

/* None of them is negative. */
static int read_number(const struct kernel_memory *memory, uint64_t addr, const struct layout_field *f, uint64_t *ret)
{
	uint64_t v = 0;
	int r = kernel_memory_copy(memory, addr + f->offset, &v, f->size);

	*ret = v;
	return r;
}

static int read_cpu(const struct kernel_memory *memory, const struct page_layout *l, uint64_t lists, unsigned int cpu,
		    struct pageset *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->limit); i++) {
		struct pageset_limit *limit = &p->limit[i];
		uint64_t v;
		int r = limit->known ? read_number(memory, lists, &l->pageset[i].cpu, &v) : 0;

		if (r < 0)
			return r;
		if (!limit->known || v == limit->zone || limit->cpu_has != limit->zone)
			continue;
		limit->cpu_has = v;
		limit->cpu = cpu;
	}
	return 0;
}

int pageset_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		 uint64_t addr, struct pageset *ret)
{
	struct pageset p = { 0 };
	uint64_t pageset, base;
	int r = kernel_memory_copy(memory, addr + l->zone_pageset.offset, &pageset, sizeof(pageset));

	for (size_t i = 0; i < ARRAY_SIZE(p.limit) && r == 0; i++) {
		p.limit[i].known = limit_known(&l->pageset[i]);
		if (p.limit[i].known)
			r = read_number(memory, addr, &l->pageset[i].zone, &p.limit[i].zone);
		p.limit[i].cpu_has = p.limit[i].zone;
	}
	for (unsigned int cpu = 0; cpu < cpus->nr_cpus && r == 0; cpu++) {
		r = per_cpu_base(memory, cpus, cpu, &base);
		if (r == 0)
			r = read_cpu(memory, l, pageset + base, cpu, &p);
	}
	if (r == 0)
		*ret = p;
	return r;
}
