// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "model/policy.h"
#include "page/layout.h"

#define DEFAULT_RATIO 301	/* mm/memory_hotplug.c: 3:1 and a little, for memory that is not quite a power of two */

/* The value of an option, up to a blank; NULL: it is not that option. */
static const char *value_of(const char *word, const char *option)
{
	size_t len = strlen(option);

	return !strncmp(word, option, len) && word[len] == '=' ? word + len + 1 : NULL;
}

static bool is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) && (!text[len] || text[len] == ' ' || text[len] == '\n');
}

/* kstrtobool() */
static bool is_on(const char *value)
{
	return *value && (strchr("1yYtT", *value) || is_word(value, "on"));
}

void policy_parse(const char *cmdline, struct policy *ret)
{
	struct policy p = { .ratio = DEFAULT_RATIO, .numa_aware = true };

	for (const char *word = cmdline; *word; word += strcspn(word, " \n")) {
		const char *value;

		word += strspn(word, " \n");
		if (is_word(word, "movable_node"))
			p.movable_node = true;
		if ((value = value_of(word, "memory_hotplug.online_policy")))
			p.auto_movable = is_word(value, "auto-movable");
		if ((value = value_of(word, "memory_hotplug.auto_movable_ratio")))
			p.ratio = (unsigned int)strtoul(value, NULL, 0);
		if ((value = value_of(word, "memory_hotplug.auto_movable_numa_aware")))
			p.numa_aware = is_on(value);
		if ((value = value_of(word, "virtio_mem.force_bbm")))
			p.big_blocks = is_on(value);
		if ((value = value_of(word, "virtio_mem.bbm_block_size")))
			p.big_block_bytes = strtoull(value, NULL, 0);
	}
	*ret = p;
}

/* virtio_mem_init_hotplug(): one that does not fit is refused */
uint64_t policy_unit_pages(const struct policy *policy, uint64_t unit_pages, uint64_t block_pages)
{
	uint64_t least = unit_pages > block_pages ? unit_pages : block_pages;
	uint64_t asked = policy->big_block_bytes >> LAYOUT_PAGE_SHIFT;

	if (!policy->big_blocks && unit_pages <= block_pages)
		return least;
	return asked >= least && !(policy->big_block_bytes & (policy->big_block_bytes - 1)) ? asked : least;
}

/*
 * Memory of a kernel zone allows for more movable memory only if it cannot go away again: it was there
 * at boot, or it is in the same dynamic group, whose driver takes care.  So each other dynamic group is
 * left out, with as much early memory as it needs for what it has in ZONE_MOVABLE.
 */
static void leave_out_groups(const struct policy *policy, const struct policy_memory *memory,
			     const struct policy_range *range, const unsigned int *node, struct policy_node *sum,
			     uint64_t *needed)
{
	for (size_t i = 0; i < memory->nr_groups; i++) {
		const struct policy_group *g = &memory->group[i];
		uint64_t needs = g->movable_pages * 100 / policy->ratio;

		if (!g->dynamic || g == range->group || (node && g->node != *node))
			continue;
		if (needs > g->kernel_pages)
			*needed += needs - g->kernel_pages;
		sum->movable_pages -= g->movable_pages;
	}
}

/* Whether @nr_pages more in ZONE_MOVABLE keep the ratio, of one node or (@node is NULL) of all. */
static bool keeps_ratio(const struct policy *policy, const struct policy_memory *memory,
			const struct policy_range *range, const unsigned int *node, uint64_t nr_pages)
{
	struct policy_node sum = { 0 };
	uint64_t needed = 0;

	for (size_t i = 0; i < memory->nr_nodes; i++) {
		if (node && i != *node)
			continue;
		sum.kernel_early_pages += memory->node[i].kernel_early_pages;
		sum.movable_pages += memory->node[i].movable_pages;
	}
	leave_out_groups(policy, memory, range, node, &sum, &needed);
	if (sum.kernel_early_pages <= needed)
		return false;
	sum.kernel_early_pages -= needed;
	if (range->group && range->group->dynamic)
		sum.kernel_early_pages += range->group->kernel_pages;
	return sum.movable_pages + nr_pages <= policy->ratio * sum.kernel_early_pages / 100;
}

/* The rest of a group or unit follows what is online of it; else all that is left of it must fit. */
static bool is_movable_auto(const struct policy *policy, const struct policy_memory *memory,
			    const struct policy_range *range)
{
	const struct policy_group *g = range->group;
	uint64_t left = range->nr_pages;

	if (!policy->ratio)
		return false;
	if (g && !g->dynamic) {
		if (g->kernel_pages)
			return false;
		left = g->whole_pages - g->movable_pages;
	} else if (g && g->whole_pages != range->nr_pages) {
		if (range->unit_kernel_pages)
			return false;
		left = g->whole_pages - range->unit_movable_pages;
	}
	return keeps_ratio(policy, memory, range, NULL, left) &&
	       (!policy->numa_aware || keeps_ratio(policy, memory, range, &range->node, left));
}

bool policy_is_movable(const struct policy *policy, const struct policy_memory *memory,
		       const struct policy_range *range)
{
	if (policy->auto_movable)
		return is_movable_auto(policy, memory, range);
	/* one zone around it that does not overlap with the other is continued */
	if (range->in_kernel_zone != range->in_movable_zone)
		return range->in_movable_zone;
	return policy->movable_node;
}
