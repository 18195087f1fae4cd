// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel keeps beside pages, zones and nodes: threads of nodes, and where memory ends. */
#include <stdint.h>

#include "model/compare.h"
#include "model/counters.h"

#define PAGE_SHIFT 12

/* A list of those nodes that have memory, which at boot it was too. */
static void compare_nodes_of(const struct check *c, const char *invariant, const char *file, const char *what)
{
	const char *was = counters_find(&c->m->base->counters, file, "");
	const char *is = counters_find(&c->s->counters, file, "");

	if (was && *was && is)
		check_differ(c, invariant, what, model_nodes_with_memory(c->m), node_mask(is));
}

static bool variable(const struct snapshot *s, const char *file, uint64_t *ret)
{
	return counters_number(&s->counters, file, "", ret);
}

/* They are set together by update_end_of_memory_vars(), and before that by boot. */
static void compare_end(const struct check *c)
{
	const struct snapshot *base = c->m->base;
	uint64_t was, is, was_other, is_other;

	if (!variable(base, "kernel/max_pfn", &was) || !variable(c->s, "kernel/max_pfn", &is))
		return;
	if (variable(base, "kernel/high_memory", &was_other) && variable(c->s, "kernel/high_memory", &is_other))
		check_differ(c, "kernel.end", "high_memory", was_other + ((is - was) << PAGE_SHIFT), is_other);
	if (variable(base, "kernel/max_low_pfn", &was_other) && variable(c->s, "kernel/max_low_pfn", &is_other))
		check_differ(c, "kernel.end", "max_low_pfn", is == was ? was_other : is, is_other);
	/* kpageflags.length knows the section in which it is */
	if (is < was)
		check_differ(c, "kernel.end", "max_pfn, which nothing lowers,", was, is);
}

void compare_kernel(const struct check *c)
{
	compare_nodes_of(c, "node.threads", "kthread/kswapd", "mask of nodes with a kswapd");
	compare_nodes_of(c, "node.threads", "kthread/kcompactd", "mask of nodes with a kcompactd");
	compare_nodes_of(c, "node.allowed", "task/mems_allowed", "mask of nodes that a task may use");
	compare_end(c);
}
