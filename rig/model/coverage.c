// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/coverage.h"

#define NODE	"/sys/devices/system/node/node*"
#define THP	"/sys/kernel/mm/transparent_hugepage"
#define MEMORY	"/sys/devices/system/memory"
#define PREDICTED COVER_PREDICTED
#define BASELINE COVER_BASELINE
#define EXCLUDED COVER_EXCLUDED

#define USE	"moves with every page that a program or the kernel takes, gives back or moves to another list"
#define IO	"moves with what programs read and write"
#define EVENT	"counts events since boot: it grows as programs run and never goes back"
#define KNOB	"a setting: plugging memory does not write it"
#define PROGRAM	"moves as programs come and go, the agent's own children too"

/* Files that have the same counters. */
#define MEMINFO	"/proc/meminfo " NODE "/meminfo"
#define VMSTAT	"/proc/vmstat /proc/zoneinfo " NODE "/vmstat"

/* The first line that fits counts. */
static const struct coverage table[] = {
	{ "/proc/meminfo", "MemTotal", PREDICTED, "meminfo.total" },
	{ NODE "/meminfo", "MemTotal", PREDICTED, "node.total" },
	{ "/proc/meminfo", "CommitLimit", PREDICTED, "meminfo.commit" },
	{ "/proc/meminfo", "DirectMap4k DirectMap2M DirectMap4M DirectMap1G", PREDICTED, "meminfo.directmap" },
	{ "/proc/meminfo", "HardwareCorrupted", PREDICTED, "meminfo.poisoned" },
	{ MEMINFO, "VmallocTotal VmallocChunk SwapTotal CmaTotal Unaccepted Hugepagesize NFS_Unstable Bounce",
	  PREDICTED, "counter.constant" },
	{ MEMINFO, "HugePages_* Hugetlb", BASELINE,
	  "nothing that plugs memory adds to it, and what a program took of it is back when it ends" },
	{ MEMINFO, "MemFree MemUsed", EXCLUDED, USE "; zone.free and zone.pcp add free pages up, zone by zone" },
	{ MEMINFO, "MemAvailable Active Inactive Active(*) Inactive(*) Unevictable Cached SwapCached FilePages "
	  "AnonPages AnonHugePages Mapped Shmem ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped "
	  "KReclaimable Slab SReclaimable SUnreclaim PageTables SecPageTables CmaFree Balloon GPUActive "
	  "GPUReclaim", EXCLUDED, USE },
	{ MEMINFO, "Percpu", EXCLUDED, USE ", in whole pages; leak.percpu looks for bytes that grow" },
	{ MEMINFO, "Mlocked KernelStack ShadowCallStack Committed_AS VmallocUsed", EXCLUDED, PROGRAM },
	{ MEMINFO, "Buffers Dirty Writeback WritebackTmp SwapFree Zswap Zswapped", EXCLUDED, IO },

	{ "/proc/zoneinfo", "*/cpu*/count", PREDICTED, "zone.pcp" },
	{ "/proc/zoneinfo", "*/cpu*/batch */cpu*/vm?stats?threshold", PREDICTED, "zone.pageset" },
	{ "/proc/zoneinfo", "*/cpu*/high */cpu*/high_min */cpu*/high_max", EXCLUDED,
	  "the kernel tunes it by how much is allocated and freed on that CPU" },
	{ "/proc/zoneinfo", "spanned", PREDICTED, "zone.spanned" },
	{ "/proc/zoneinfo", "present", PREDICTED, "zone.present" },
	{ "/proc/zoneinfo", "managed", PREDICTED, "zone.managed zone.balance" },
	{ "/proc/zoneinfo", "start_pfn", PREDICTED, "zone.start" },
	{ "/proc/zoneinfo", "min low high promo", PREDICTED, "zone.watermark" },
	{ "/proc/zoneinfo", "free nr_free_pages", PREDICTED, "zone.free" },
	{ "/proc/zoneinfo", "protection", PREDICTED, "zone.protection" },
	{ "/proc/zoneinfo", "boost", EXCLUDED, "raised for a while by allocations that mix block types" },
	{ "/proc/zoneinfo", "cma node_unreclaimable", BASELINE, "plugging memory neither adds nor exhausts any" },
	{ VMSTAT, "nr_memmap nr_memmap_pages", PREDICTED, "vmstat.memmap" },
	{ VMSTAT, "nr_isolated_anon nr_isolated_file", EXCLUDED,
	  "without the shares that CPUs keep, which of a node that is gone stay there; node.isolated adds them up" },
	{ VMSTAT, "nr_memmap_boot_pages nr_free_cma nr_unaccepted nr_bounce nr_unstable", PREDICTED, "counter.constant" },
	{ VMSTAT, "nr_hugetlb nr_iommu_pages", BASELINE, "nothing that plugs memory adds to it, and what a program took of it is back when it ends" },
	{ VMSTAT, "nr_free_pages nr_free_pages_blocks", EXCLUDED,
	  USE "; zone.free and zone.pcp add free pages up, zone by zone" },
	{ VMSTAT, "nr_zone_inactive_* nr_zone_active_* nr_zone_unevictable nr_inactive_* nr_active_* "
	  "nr_unevictable nr_slab_* nr_anon_* nr_mapped nr_file_* nr_shmem* nr_page_table_pages "
	  "nr_sec_page_table_pages nr_kernel_misc_reclaimable nr_swapcached nr_zspages nr_balloon_pages nr_gpu_* "
	  "workingset_nodes", EXCLUDED, USE },
	{ VMSTAT, "nr_mlock nr_kernel_stack nr_shadow_call_stack", EXCLUDED, PROGRAM },
	{ VMSTAT, "nr_dirty nr_writeback nr_writeback_temp nr_zone_write_pending nr_dirtied nr_written "
	  "nr_throttled_written", EXCLUDED, IO },
	{ VMSTAT, "nr_dirty_threshold nr_dirty_background_threshold", EXCLUDED,
	  "a share of the memory that is available at the moment" },
	{ VMSTAT, "nr_vmscan_* nr_foll_pin_* workingset_* numa_* pg* pswp* allocstall_* slabs_scanned "
	  "kswapd_* pageoutrun drop_* oom_kill compact_* htlb_* cma_* unevictable_pgs_* thp_* balloon_* swap_* "
	  "swpin_* swpout_* zswp* ksm_* cow_ksm zone_reclaim_* vma_lock_* vmalloc* direct_map_* nr_tlb_* "
	  "kstack_* memcg_* hugetlb_*", EXCLUDED, EVENT },

	{ "/proc/pagetypeinfo", "Page?block?order Pages?per?block", PREDICTED, "counter.constant" },
	{ "/proc/pagetypeinfo", "*/free/*", EXCLUDED, USE "; zone.free adds all of them up" },
	{ "/proc/pagetypeinfo", "*/mixed/*", EXCLUDED, USE },
	{ "/proc/pagetypeinfo", "*/*", PREDICTED, "zone.blocktypes" },
	{ "/proc/buddyinfo", "*", EXCLUDED, USE "; zone.free adds the free lists up" },
	{ "/proc/iomem", "", PREDICTED, "iomem.missing iomem.residue" },
	{ "/proc/kcore", "", PREDICTED, "kcore.content kcore.memmap kcore.ram kcore.size" },
	{ "/proc/kpageflags", "", PREDICTED, "kpageflags.agree kpageflags.length kpageflags.nopage" },
	{ "/proc/kpagecount /proc/kpagecgroup", "", PREDICTED, "kpagecount.nopage" },
	{ "/proc/slabinfo /proc/vmallocinfo /proc/allocinfo", "", EXCLUDED, PROGRAM "; leak.callsite looks for what grows" },
	{ "/proc/mtrr /proc/swaps /proc/pid/*", "", EXCLUDED,
	  "tells nothing of which memory there is; node.allowed takes Mems_allowed_list from there" },

	{ "/proc/sys/vm/overcommit_ratio /proc/sys/vm/overcommit_kbytes", "", PREDICTED, "meminfo.commit" },
	{ "/proc/sys/vm/watermark_scale_factor", "", PREDICTED, "zone.watermark" },
	{ "/proc/sys/vm/lowmem_reserve_ratio", "", PREDICTED, "zone.protection" },
	{ "/proc/sys/vm/min_free_kbytes", "", EXCLUDED,
	  "depends on the high watermarks that were computed from it the last time; zone.watermark follows from it" },
	{ "/proc/sys/vm/user_reserve_kbytes /proc/sys/vm/admin_reserve_kbytes", "", EXCLUDED,
	  "a share of the pages that were free when memory last went online" },
	{ "/proc/sys/vm/*", "", EXCLUDED, KNOB },

	{ "/sys/devices/system/node/online", "", PREDICTED, "node.online" },
	{ "/sys/devices/system/node/has_memory", "", PREDICTED, "node.memory" },
	{ "kthread/kswapd kthread/kcompactd", "", PREDICTED, "node.threads" },
	{ "task/mems_allowed", "", PREDICTED, "node.allowed" },
	{ "kernel/max_pfn", "", PREDICTED, "kernel.end kpageflags.length" },
	{ "kernel/max_low_pfn kernel/high_memory", "", PREDICTED, "kernel.end" },
	{ "folder" NODE, "", PREDICTED, "node.folder" },
	{ "kernel/vm_zone_stat kernel/vm_node_stat", "", PREDICTED, "vmstat.sums" },
	{ "kernel/slab_nodes", "", PREDICTED, "node.slab" },
	{ "kernel/node_demotion", "", PREDICTED, "node.demotion" },
	{ "kernel/totalreserve_pages", "", PREDICTED, "node.reserve" },
	{ "kernel/vm_committed_as_batch", "", PREDICTED, "kernel.batch" },
	{ "kernel/lru_disable_count", "", PREDICTED, "counter.constant" },

	{ "/sys/devices/system/node/has_normal_memory", "", PREDICTED, "node.normal" },
	{ "/sys/devices/system/node/*", "", BASELINE, "a node appears with its first device and goes with the last" },
	{ NODE "/numastat", "numa_hit numa_miss numa_foreign interleave_hit local_node other_node", EXCLUDED, EVENT },
	{ NODE "/distance", "", BASELINE, "a line of the firmware's table as long as there are nodes" },
	{ NODE "/cpulist " NODE "/cpumap " NODE "/uevent " NODE "/compact " NODE "/reclaim", "", BASELINE,
	  "appears with the node, and tells of CPUs or nothing" },
	{ NODE "/hugepages/*/*", "", BASELINE, "what a program took of it is back when it ends" },
	{ NODE "/memory_failure/total " NODE "/memory_failure/recovered", "", PREDICTED, "node.failures" },
	{ NODE "/memory_failure/*", "", BASELINE, "no scenario poisons a page that the kernel cannot take out of use" },
	{ NODE "/memory_side_cache/*/* " NODE "/access*/*/*", "", BASELINE, "told by the firmware" },
	{ NODE "/power/* /sys/devices/system/node/power/*", "", BASELINE, "every device has them, none of memory's uses them" },

	{ MEMORY "/auto_online_blocks", "", PREDICTED, "policy.online" },
	{ MEMORY "/block_size_bytes " MEMORY "/crash_hotplug " MEMORY "/probe " MEMORY "/soft_offline_page "
	  MEMORY "/hard_offline_page " MEMORY "/uevent " MEMORY "/power/*", "", PREDICTED, "counter.constant" },
	{ MEMORY "/memory*/state " MEMORY "/memory*/online", "", PREDICTED, "block.state" },
	{ MEMORY "/memory*/valid_zones", "", PREDICTED, "block.zones" },
	{ MEMORY "/memory*/phys_index", "", PREDICTED, "block.set" },
	{ MEMORY "/memory*/removable " MEMORY "/memory*/phys_device", "", PREDICTED, "block.fixed" },
	{ MEMORY "/memory*/uevent " MEMORY "/memory*/power/*", "", EXCLUDED,
	  "every device has them, none of memory's uses them; block.set counts the devices" },
	{ "/sys/module/memory_hotplug/parameters/*", "", BASELINE, KNOB },
	{ "/sys/kernel/mm/hugepages/*/*", "", BASELINE, "what a program took of it is back when it ends" },
	{ "/sys/kernel/mm/numa/* /sys/kernel/mm/lru_gen/* /sys/kernel/mm/swap/* /sys/kernel/mm/ksm/run", "", PREDICTED,
	  "counter.constant" },
	{ "/sys/kernel/mm/ksm/full_scans /sys/kernel/mm/ksm/pages_scanned /sys/kernel/mm/ksm/pages_skipped", "", EXCLUDED,
	  EVENT },
	{ "/sys/kernel/mm/ksm/* /sys/kernel/mm/mempolicy/*/*", "", BASELINE,
	  "a setting, or what a program took of it is back when it ends" },
	{ THP "/hugepages-*/stats/nr_*", "", BASELINE,
	  "no program but those that hold memory has such pages, and moving one counts it again" },
	{ THP "/hugepages-*/stats/* " THP "/khugepaged/full_scans " THP "/khugepaged/pages_collapsed", "", EXCLUDED, EVENT },
	{ THP "/* " THP "/khugepaged/* " THP "/hugepages-*/*", "", PREDICTED, "counter.constant" },
	{ "/sys/devices/virtual/memory_tiering/memory_tier*/nodelist", "", PREDICTED, "node.tier" },
	{ "/sys/devices/virtual/memory_tiering/* /sys/devices/virtual/memory_tiering/*/*", "", BASELINE,
	  "a node is in a tier while it has memory, and a tier is there while it has nodes" },
	{ "/sys/devices/virtual/memory_tiering/power/* /sys/devices/virtual/memory_tiering/*/power/*", "", BASELINE,
	  "every device has them, none of memory's uses them" },
	{ "/sys/kernel/debug/x86/pat_memtype_list", "", BASELINE,
	  "memory types of ZONE_DEVICE are reserved and freed with the memory" },
	{ "/sys/firmware/memmap", "", PREDICTED, "firmware.memmap" },

	{ "/sys/kernel/debug/slab/*/alloc_traces", "", PREDICTED, "leak.callsite" },
	{ "page", "flags", PREDICTED, "page.flags page.zone page.node page.reserved" },
	{ "page", "_refcount", PREDICTED, "page.refcount" },
	{ "page", "_mapcount page_type", PREDICTED, "page.type page.offline" },
	{ "page", "compound_head", PREDICTED, "page.compound" },
	{ "page", "private", PREDICTED, "page.buddy" },
	{ "page", "pgmap", PREDICTED, "page.pgmap" },
	{ "page", "zone_device_data", PREDICTED, "page.mapping" },
	{ "page", "lru mapping index", EXCLUDED, "belongs to whoever holds the page; of ZONE_DEVICE, page.mapping tells the others, zone.orders follows lru through free lists" },
	{ "mem_section", "section_mem_map", PREDICTED, "section.state" },
	{ "mem_section", "usage", PREDICTED, "section.subsections" },
	{ "mem_section_usage", "subsection_map", PREDICTED, "section.subsections" },
	{ "init_top_pgt", "direct_map", PREDICTED, "directmap.mapped directmap.attributes directmap.residue" },
	{ "init_top_pgt", "vmemmap", PREDICTED, "memmap.readable memmap.held memmap.node memmap.residue" },
	{ "resource", "flags desc", PREDICTED, "iomem.flags" },
	{ "memory_block", "start_section_nr", PREDICTED, "block.set" },
	{ "memory_block", "online_type", PREDICTED, "block.online_type" },
	{ "memory_block", "nid zone", PREDICTED, "block.place" },
	{ "memory_block", "altmap nr_vmemmap_pages", PREDICTED, "block.memmap" },
	{ "memory_block", "nr_hwpoison", PREDICTED, "block.poisoned" },
	{ "memory_block", "group", PREDICTED, "group.members" },
	{ "vmem_altmap", "free alloc", PREDICTED, "block.memmap" },
	{ "memory_group", "nid", PREDICTED, "group.members" },
	{ "memory_group", "is_dynamic s d", PREDICTED, "group.size" },
	{ "memory_group", "present_kernel_pages present_movable_pages", PREDICTED, "group.present" },
	{ "zone", "zone_start_pfn", PREDICTED, "zone.start" },
	{ "zone", "spanned_pages", PREDICTED, "zone.spanned" },
	{ "zone", "present_pages", PREDICTED, "zone.present" },
	{ "zone", "managed_pages", PREDICTED, "zone.managed" },
	{ "zone", "free_area", PREDICTED, "zone.orders zone.isolated" },
	{ "zone", "vm_stat", PREDICTED, "zone.free zone.gauges" },
	{ "zone", "_watermark lowmem_reserve", PREDICTED, "zone.watermark zone.protection node.reserve zone.pageset" },
	{ "zone", "per_cpu_pageset per_cpu_zonestats", PREDICTED, "zone.lists zone.pcp zone.free" },
	{ "pglist_data", "node_start_pfn node_spanned_pages", PREDICTED, "node.spanned" },
	{ "pglist_data", "node_present_pages", PREDICTED, "node.present" },
	{ "pglist_data", "nr_zones", PREDICTED, "node.nr_zones" },
	{ "pglist_data", "vm_stat per_cpu_nodestats", PREDICTED, "node.gauges node.isolated node.counts" },
	{ "pglist_data", "totalreserve_pages min_unmapped_pages min_slab_pages", PREDICTED, "node.reserve node.reclaim" },
};

const struct coverage *coverage_at(size_t i)
{
	return i < ARRAY_SIZE(table) ? &table[i] : NULL;
}

const char *coverage_kind_name(enum coverage_kind kind)
{
	static const char *const names[] = { "predicted", "baseline", "excluded" };

	return names[kind];
}

bool coverage_fits(const char *list, const char *text, int flags)
{
	char pattern[128];
	size_t len;

	if (!*list)
		return !*text;
	for (; *list; list += len + strspn(list + len, " ")) {
		len = strcspn(list, " ");
		snprintf(pattern, sizeof(pattern), "%.*s", (int)len, list);
		if (!fnmatch(pattern, text, flags))
			return true;
	}
	return false;
}

const struct coverage *coverage_find(const char *file, const char *name)
{
	const char *last = strrchr(name, '/');

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (coverage_fits(table[i].file, file, FNM_PATHNAME) &&
		    (coverage_fits(table[i].names, name, 0) || (last && coverage_fits(table[i].names, last + 1, 0))))
			return &table[i];
	return NULL;
}
