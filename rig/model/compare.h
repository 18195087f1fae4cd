/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare: the parts of model_compare(), one per kind of witness.  Level 3, for rig/model only. */
#ifndef RIG_COMPARE_H
#define RIG_COMPARE_H

#include "model/model.h"

struct check {
	const struct model *m;
	const struct snapshot *s;
	const char *step;
	struct findings *out;
};

/** check_differ() - a finding when two numbers are not the same */
void check_differ(const struct check *c, const char *invariant, const char *what, uint64_t expected,
		  uint64_t seen);

/** check_pages() - a finding about @nr pages from @pfn on */
void check_pages(const struct check *c, const char *invariant, uint64_t pfn, uint64_t nr, const char *expected,
		 const char *seen);

/** node_mask() - "0-1,3" as a bit mask; nodes beyond 63 do not occur in a shape */
uint64_t node_mask(const char *list);

/**
 * compare_pages() - what must be true of the pages of plugged devices
 * @m: learns the era, hence not const
 * @exported: hold the exported flags against it too; false: struct pages alone
 */
void compare_pages(struct model *m, const struct page_map *pages, bool exported, const char *step,
		   struct findings *out);
/** compare_pgmaps() - what pages of ZONE_DEVICE say of the namespace that they belong to */
void compare_pgmaps(struct model *m, const struct page_map *pages, const char *step, struct findings *out);
void compare_holders(const struct check *c);
/** compare_memory_blocks() - what the kernel keeps of them, where that was seen */
void compare_memory_blocks(const struct check *c);
void compare_sections(const struct check *c);
/** compare_mappings() - the kernel's page tables, where they were seen */
void compare_mappings(const struct check *c);
/** compare_memmaps() - where the page tables lead for struct pages */
void compare_memmaps(const struct check *c);
void compare_zones(const struct check *c);
void compare_marks(const struct check *c);
/** compare_gauges() - counts of what is in memory of zones and nodes */
void compare_gauges(const struct check *c);
void compare_zonelists(const struct check *c);
void compare_fallback(const struct check *c);
void compare_pageblocks(const struct check *c);
void compare_nodes(const struct check *c);
void compare_node_lists(const struct check *c);
/** compare_tiers() - memory tiers and slab_nodes */
void compare_tiers(const struct check *c);
void compare_totals(const struct check *c);
/** compare_kernel() - threads of nodes, and where memory ends */
void compare_kernel(const struct check *c);
/** compare_folders() - what is in the folder of each node */
void compare_folders(const struct check *c);
void compare_ranges(const struct check *c);
/** compare_resources() - how they are marked, where that was seen */
void compare_resources(const struct check *c);
void compare_host(const struct check *c);
/** compare_drivers() - what a virtio-mem driver has added */
void compare_drivers(const struct check *c);
/** compare_counters() - sums over zones; compare_derived() - what is computed for each from the pages of all */
void compare_counters(const struct check *c);
/** compare_constants() - what nothing that a scenario does changes */
void compare_constants(const struct check *c);
void compare_derived(const struct check *c);
/** compare_reserves() - its part for nodes and CPUs */
void compare_reserves(const struct check *c);
/** compare_kcore() - @m: learns what is shown, hence not const */
void compare_kcore(struct model *m, const struct check *c);

#endif
