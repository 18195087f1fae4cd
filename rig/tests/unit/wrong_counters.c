// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel computes from its zones, and what must be back in the end. */
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_counters.h"
#include "wrong_details.h"

#define SPOIL(name, file, counter, value)					\
	static void name(const struct sample *s, struct snapshot *w)		\
	{									\
		(void)s;							\
		sample_counter(w, file, counter, value);			\
	}

SPOIL(commit_stays, "/proc/meminfo", "CommitLimit", "980416 kB")
SPOIL(direct_map_stays, "/proc/meminfo", "DirectMap2M", "2332672 kB")
SPOIL(direct_map_lost, "/proc/meminfo", "DirectMap4k", "26624 kB")
SPOIL(other_node_grows, "/sys/devices/system/node/node0/meminfo", "MemTotal", "2485120 kB")
SPOIL(normal_stays, "/sys/devices/system/node/has_normal_memory", "", "0-1")
SPOIL(normal_missing, "/sys/devices/system/node/has_normal_memory", "", "0")
SPOIL(no_kswapd, "kthread/kswapd", "", "0")
SPOIL(second_not_allowed, "task/mems_allowed", "", "0")
SPOIL(second_still_allowed, "task/mems_allowed", "", "0-1")
SPOIL(kcompactd_stays, "kthread/kcompactd", "", "0,1")
SPOIL(high_memory_of_boot, "kernel/high_memory", "", "18446612684466257920")
SPOIL(low_end_of_boot, "kernel/max_low_pfn", "", "524288")
SPOIL(batch_of_commits, "kernel/vm_committed_as_batch", "", "122562")
SPOIL(caches_disabled, "kernel/lru_disable_count", "", "1")
#define TIER "/sys/devices/virtual/memory_tiering/memory_tier4/nodelist"
SPOIL(no_tier, TIER, "", "0")
SPOIL(tier_stays, TIER, "", "0-1")
SPOIL(demotes_to_equal, "kernel/node_demotion", "", "0:2")
SPOIL(no_slabs_of_second, "kernel/slab_nodes", "", "1")
SPOIL(slabs_of_second_stay, "kernel/slab_nodes", "", "3")
#define SECOND "folder/sys/devices/system/node/node1"
SPOIL(folder_lacks, SECOND, "", "compact meminfo")
SPOIL(folder_has_more, SECOND, "", "compact hugepage hugepages meminfo")
SPOIL(merging_waits, "/sys/kernel/mm/ksm/run", "", "4")
SPOIL(thp_left, "/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/stats/nr_anon", "", "18446744073709551584")
SPOIL(marks_of_boot, "/proc/zoneinfo", "0/DMA/min", "89")
SPOIL(high_mark, "/proc/zoneinfo", "0/Movable/high", "1")
SPOIL(protection_stays, "/proc/zoneinfo", "0/DMA32/protection", "(0, 0, 0, 0, 0)")
SPOIL(batch_of_boot, "/proc/zoneinfo", "0/Movable/cpu0/batch", "1")
SPOIL(threshold_of_boot, "/proc/zoneinfo", "0/Movable/cpu0/vm stats threshold", "200")
SPOIL(block_left_isolated, "/proc/pagetypeinfo", "0/DMA32/Isolate", "1")
SPOIL(block_unmovable, "/proc/pagetypeinfo", "0/Movable/Unmovable", "1")
SPOIL(huge_pages_left, "/proc/meminfo", "Hugetlb", "2048 kB")

static void tier_left(const struct sample *s, struct snapshot *w)
{
	struct rig_err err;

	(void)s;
	if (counters_add(&w->counters, "/sys/devices/virtual/memory_tiering/memory_tier22/uevent", "\n", &err) < 0)
		abort();
	counters_sort(&w->counters);
}

static void kcore_stays(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->kcore[w->nr_kcore - 2].size_bytes += 1 << 27;
	w->kcore[w->nr_kcore - 1].size_bytes += 1 << 21;
}

static void kcore_lacks(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->nr_kcore -= 2;
}

static void kcore_without_memmap(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->nr_kcore--;
}

static void kcore_with_half_a_memmap(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->kcore[w->nr_kcore - 1].size_bytes /= 2;
}

static void kcore_as_small_as_nothing(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->kcore_bytes = 0;
}

static void show_pages(struct snapshot *w, uint64_t pfn, uint64_t word)
{
	w->kcore_page = xcalloc(2, sizeof(*w->kcore_page));
	w->kcore_page[w->nr_kcore_pages++] = (struct kcore_page){ 0x100000, 0xa5a5a5a5a5a5a5a5 };
	w->kcore_page[w->nr_kcore_pages++] = (struct kcore_page){ pfn, word };
}

/* The first block is online, the second never was or no longer is. */
static void kcore_shows_what_is_offline(const struct sample *s, struct snapshot *w)
{
	(void)s;
	show_pages(w, 0x10803d, 0xa5a5a5a500000000);
}

static void block_not_removable(const struct sample *s, struct snapshot *w)
{
	(void)s;
	strcpy(sample_block(w, 33)->removable, "0");
}

#define ROW(...) { __VA_ARGS__ }
#define NOTHING "no segment for anything else"

const struct wrong_detail wrong_counters[] = {
	ROW("limit as before", SAMPLE_ONLINE, 0, 0, { 0 }, commit_stays, "meminfo.commit", 0, 0, NULL, NULL),
	ROW("direct map stays", SAMPLE_UNPLUGGED, 0, 0, { 0 }, direct_map_stays, "meminfo.directmap", 0, 0,
	    "sum of DirectMap in KiB: 2099200", "+262144"),
	ROW("a large page too few", SAMPLE_ADDED, 0, 0, { 0 }, direct_map_lost, "meminfo.directmap", 0, 0, NULL,
	    "-2048"),
	ROW("the other node grows", SAMPLE_TWO, 0, 0, { 0 }, other_node_grows, "node.total", 0, 0, NULL, NULL),
	ROW("node keeps normal memory", SAMPLE_UNPLUGGED, 0, 0, { 0 }, normal_stays, "node.normal", 0, 0, NULL,
	    "3 (+2)"),
	ROW("node without normal memory", SAMPLE_TWO, 0, 0, { 0 }, normal_missing, "node.normal", 0, 0, NULL,
	    "1 (-2)"),
	ROW("node without kswapd", SAMPLE_TWO, 0, 0, { 0 }, no_kswapd, "node.threads", 0, 0,
	    "mask of nodes with a kswapd: 3", "1 (-2)"),
	ROW("kcompactd of a node that is gone", SAMPLE_UNPLUGGED, 0, 0, { 0 }, kcompactd_stays, "node.threads", 0, 0,
	    "mask of nodes with a kcompactd: 1", "3 (+2)"),
	ROW("node that nobody may use", SAMPLE_TWO, 0, 0, { 0 }, second_not_allowed, "node.allowed", 0, 0,
	    "mask of nodes that a task may use: 3", "1 (-2)"),
	ROW("node that is gone may be used", SAMPLE_UNPLUGGED, 0, 0, { 0 }, second_still_allowed, "node.allowed", 0, 0,
	    "mask of nodes that a task may use: 1", "3 (+2)"),
	ROW("node in no tier", SAMPLE_TWO, 0, 0, { 0 }, no_tier, "node.tier", 0, 0,
	    "node 1 has memory: in one memory tier", "in none"),
	ROW("node that is gone in its tier", SAMPLE_UNPLUGGED, 0, 0, { 0 }, tier_stays, "node.tier", 0, 0,
	    "node 1 has no memory: in no memory tier", "in memory_tier4"),
	ROW("a node demotes to its equal", SAMPLE_TWO, 0, 0, { 0 }, demotes_to_equal, "node.demotion", 0, 0,
	    "node 0 has no tier below and demotes to none", "to the nodes 0x2"),
	ROW("no slabs of the second node", SAMPLE_TWO, 0, 0, { 0 }, no_slabs_of_second, "node.slab", 0, 0,
	    "mask of nodes that slabs may come from: 3", "1 (-2)"),
	ROW("slabs of a node that is gone", SAMPLE_UNPLUGGED, 0, 0, { 0 }, slabs_of_second_stay, "node.slab", 0, 0,
	    "mask of nodes that slabs may come from: 1", "3 (+2)"),
	ROW("high_memory as before", SAMPLE_ADDED, 0, 0, { 0 }, high_memory_of_boot, "kernel.end", 0, 0, NULL, NULL),
	ROW("batch as before", SAMPLE_ONLINE, 0, 0, { 0 }, batch_of_commits, "kernel.batch", 0, 0, NULL, "122562"),
	ROW("max_low_pfn as before", SAMPLE_ADDED, 0, 0, { 0 }, low_end_of_boot, "kernel.end", 0, 0, NULL, "524288"),
	ROW("caches of the LRU lists disabled", SAMPLE_ONLINE, 0, 0, { 0 }, caches_disabled, "counter.constant", 0, 0,
	    "kernel/lru_disable_count as at the start: 0", "1"),
	ROW("node without huge pages", SAMPLE_TWO, 0, 0, { 0 }, folder_lacks, "node.folder", 0, 0,
	    "node1: the same entries as node0 at boot", "without hugepages"),
	ROW("node with something else", SAMPLE_TWO, 0, 0, { 0 }, folder_has_more, "node.folder", 0, 0,
	    "node1: the same entries as node0 at boot", "with hugepage"),
	ROW("merging waits for ever", SAMPLE_ONLINE, 0, 0, { 0 }, merging_waits, "counter.constant", 0, 0,
	    "/sys/kernel/mm/ksm/run as at the start: 0", "4"),
	ROW("huge pages of nobody", SAMPLE_UNPLUGGED, BY_LEFTOVERS, 0, { 0 }, thp_left, "counter.baseline", 0, 0, NULL,
	    "18446744073709551584"),
	ROW("marks of a smaller zone", SAMPLE_ONLINE, 0, 0, { 0 }, marks_of_boot, "zone.watermark", 0, 0, NULL,
	    "min 89"),
	ROW("high mark alone", SAMPLE_ONLINE, 0, 0, { 0 }, high_mark, "zone.watermark", 0, 0, NULL, "high 1 "),
	ROW("unprotected", SAMPLE_ONLINE, 0, 0, { 0 }, protection_stays, "zone.protection", 0, 0,
	    "node 0 zone DMA32: protection (0, 0, 0, 256, 256)", "(0, 0, 0, 0, 0)"),
	ROW("batch", SAMPLE_ONLINE, 0, 0, { 0 }, batch_of_boot, "zone.pageset", 0, 0,
	    "node 0 zone Movable cpu 0: batch: 15", "1 (-14)"),
	ROW("threshold", SAMPLE_ONLINE, 0, 0, { 0 }, threshold_of_boot, "zone.pageset", 0, 0,
	    "node 0 zone Movable cpu 0: vm stats threshold: 6", NULL),
	ROW("isolated for ever", SAMPLE_UNPLUGGED, 0, 0, { 0 }, block_left_isolated, "zone.blocktypes", 0, 0, NULL,
	    NULL),
	ROW("unmovable in Movable", SAMPLE_ONLINE, 0, 0, { 0 }, block_unmovable, "zone.blocktypes", 0, 0, NULL,
	    NULL),
	ROW("kcore shows offline memory", SAMPLE_HALF, 0, 0, { 0 }, kcore_stays, "kcore.ram", 0, 0, NULL, NULL),
	ROW("kcore lacks a device", SAMPLE_TWO, 0, 0, { 0 }, kcore_lacks, "kcore.ram", 0, 0,
	    "a segment for each System RAM, but missing is", "pfn 0x110000-0x11ffff"),
	ROW("kcore lacks a memmap", SAMPLE_TWO, 0, 0, { 0 }, kcore_without_memmap, "kcore.memmap", 0, 0,
	    "the memmap of each segment of RAM, but missing is", "struct pages of pfn 0x110000-0x11ffff"),
	ROW("kcore has half of a memmap", SAMPLE_TWO, 0, 0, { 0 }, kcore_with_half_a_memmap, "kcore.memmap", 0, 0,
	    NULL, NULL),
	ROW("kcore is empty", SAMPLE_ADDED, 0, 0, { 0 }, kcore_as_small_as_nothing, "kcore.size", 0, 0, NULL, "0 ("),
	ROW("kcore shows what is there", SAMPLE_HALF, 0, 0, { 0 }, kcore_shows_what_is_offline, "kcore.content",
	    0x10803d, 1, NULL, "0xa5a5a5a500000000"),
	ROW("one block not removable", SAMPLE_ADDED, 0, 0, { 0 }, block_not_removable, "block.fixed", 0, 0,
	    "memory33: removable 1, phys_device , as all blocks", "removable 0"),
	ROW("huge pages in the end", SAMPLE_UNPLUGGED, BY_LEFTOVERS, 0, { 0 }, huge_pages_left, "counter.baseline", 0, 0,
	    "/proc/meminfo Hugetlb as at the start: 0 kB", "2048 kB"),
	ROW("tier that stays beside an empty device", SAMPLE_VMEM_EMPTY, BY_LEFTOVERS, 0, { 0 }, tier_left,
	    "counter.baseline", 0, 0,
	    "/sys/devices/virtual/memory_tiering/memory_tier22/uevent as at the start: not there", NULL),
};

const size_t nr_wrong_counters = ARRAY_SIZE(wrong_counters);
