// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/guest_texts.h"

#define VM "/proc/sys/vm/"
#define NODE "/sys/devices/system/node"
#define MEMORY "/sys/devices/system/memory"

static const char *const always[] = {
	"/proc/pagetypeinfo", "kernel/max_pfn", "kernel/max_low_pfn", "kernel/high_memory", "kernel/lru_disable_count",
	"kernel/totalreserve_pages", "kernel/vm_committed_as_batch",
	"kthread/kswapd", "kthread/kcompactd", "task/mems_allowed",
	"kernel/slab_nodes", "kernel/node_demotion", "/sys/devices/virtual/memory_tiering/memory_tier*/nodelist",
	"/sys/kernel/mm/ksm/run", NULL
};

/* The start reads the folders that they are in. */
static const char *const later[] = {
	NODE "/has_normal_memory", VM "min_free_kbytes", VM "overcommit_kbytes", VM "overcommit_ratio",
	VM "percpu_pagelist_high_fraction", VM "watermark_scale_factor", NULL
};

/* What is in memoryN is asked for by itself, so MEMORY is not read as a whole here. */
static const char *const at_end[] = {
	NODE, MEMORY "/block_size_bytes", MEMORY "/crash_hotplug", MEMORY "/probe", MEMORY "/soft_offline_page",
	MEMORY "/hard_offline_page", "/sys/module/memory_hotplug/parameters", "/sys/kernel/mm/hugepages",
	"/sys/kernel/mm/numa", "/sys/kernel/mm/ksm", "/sys/devices/virtual/memory_tiering",
	"/sys/kernel/mm/transparent_hugepage", "/sys/kernel/mm/lru_gen", "/sys/kernel/mm/swap", "/sys/kernel/mm/mempolicy",
	"/sys/kernel/debug/x86/pat_memtype_list", NULL
};

/* Some of it costs the guest a quarter of a second, or is changed by being read: once is enough. */
static const char *const at_start[] = {
	"/proc/buddyinfo", "/proc/sys/vm", MEMORY, NULL
};

static void add_paths(json_t *list, const char *const *paths)
{
	for (; *paths; paths++)
		json_array_append_new(list, json_string(*paths));
}

static int read_trees(struct guest *g, json_t *paths, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	int r = guest_ask(g, "read-trees", json_pack("{so}", "paths", paths), until_ns, &answer, err);

	return r < 0 ? r : snapshot_parse_trees(answer, s, err);
}

int guest_texts(struct guest *g, enum texts_scope scope, uint64_t until_ns, struct snapshot *s,
		struct rig_err *err)
{
	json_t *paths = json_array();

	add_paths(paths, always);
	if (scope != TEXTS_START)
		add_paths(paths, later);
	if (scope != TEXTS_STEP)
		add_paths(paths, at_end);
	if (scope == TEXTS_START)
		add_paths(paths, at_start);
	for (size_t i = 0; i < s->nr_links; i++)
		json_array_append_new(paths, json_sprintf("folder" NODE "/node%u", s->links[i].node));
	for (size_t i = 0; scope == TEXTS_STEP && i < s->nr_links; i++)
		json_array_append_new(paths, json_sprintf(NODE "/node%u/meminfo", s->links[i].node));
	return read_trees(g, paths, until_ns, s, err);
}

int guest_kcore(struct guest *g, const struct model_range *range, size_t nr, uint64_t until_ns, struct snapshot *s,
		struct rig_err *err)
{
	json_t *ranges = json_array();
	json_auto_t *kcore = NULL;
	int r;

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(ranges, json_pack("[II]", (json_int_t)range[i].start, (json_int_t)range[i].end));
	r = guest_ask(g, "query-kcore", json_pack("{so}", "ranges", ranges), until_ns, &kcore, err);
	/* a kernel without it */
	if (r == -EREMOTEIO)
		return 0;
	return r < 0 ? r : snapshot_parse_kcore(kcore, s, err);
}
