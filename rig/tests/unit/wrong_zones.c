// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts of zones, nodes and the whole machine. */
#include <string.h>

#include "base/clean.h"
#include "wrong_details.h"

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}

SPOIL(present_less, sample_zone(w, 0, "Movable")->present -= 1)
SPOIL(present_drift, sample_zone(w, 0, "Movable")->present = 512)
SPOIL(present_of_boot, sample_zone(w, 0, "DMA32")->present += 0x8000)
SPOIL(present_in_wrong_zone, sample_node_zone(w, 0, "DMA32")->present += 1; w->node[0].present += 1)
SPOIL(device_zone, sample_zone(w, 1, "Device")->present = 1)
SPOIL(managed_less, sample_zone(w, 0, "Movable")->managed -= 512)
SPOIL(managed_raw, sample_node_zone(w, 1, "Normal")->managed += 1)
SPOIL(managed_negative, sample_node_zone(w, 0, "Movable")->managed = (uint64_t)-1)
SPOIL(span_not_shrunk, sample_zone(w, 0, "Movable")->spanned = 0x10000)
SPOIL(span_of_half, sample_zone(w, 0, "Normal")->spanned = 0x10000)
SPOIL(span_raw_not_shrunk, sample_node_zone(w, 0, "Movable")->spanned = 0x8000;
      w->node[0].spanned = 0x107fff; sample_node_zone(w, 0, "Movable")->start_pfn = 0x100000)
SPOIL(start_low, sample_zone(w, 1, "Normal")->start_pfn = SAMPLE_D0_PFN)
SPOIL(start_of_boot, sample_zone(w, 0, "DMA")->start_pfn = 0)
SPOIL(free_less, sample_zone(w, 0, "Movable")->free -= 1)
SPOIL(free_of_boot, sample_zone(w, 0, "DMA32")->free += 1024)
SPOIL(pcp_less, sample_zone(w, 0, "Movable")->pcp -= 1)
SPOIL(pcp_lost, sample_zone(w, 0, "Movable")->pcp += 2)
SPOIL(pcp_of_boot, sample_zone(w, 0, "DMA32")->pcp += 1)
SPOIL(balance_more, sample_zone(w, 1, "Normal")->managed += 1)
SPOIL(node_present, w->node[0].present -= 0x8000)
SPOIL(node_present_left, w->node[1].present = 0x10000)
SPOIL(node_spanned, w->node[0].spanned += 1)
SPOIL(node_not_shrunk, w->node[1].start_pfn = SAMPLE_D1_PFN; w->node[1].spanned = 0x10000)
SPOIL(node_start, w->node[1].start_pfn = 0)
SPOIL(nr_zones_less, w->node[0].nr_zones = 2)
SPOIL(nr_zones_new_node, w->node[1].nr_zones = 1)
SPOIL(node_not_online, strcpy(w->node_online, "0"))
SPOIL(node_still_online, strcpy(w->node_online, "0-1"))
SPOIL(node_without_memory, strcpy(w->has_memory, "0"))
SPOIL(node_still_memory, strcpy(w->has_memory, "0,1"))
SPOIL(total_more, w->mem_total_kib += 4)
SPOIL(total_left, w->mem_total_kib += 131072)
SPOIL(memmap_less, w->memmap_pages -= 512)
SPOIL(memmap_left, w->memmap_pages = 1)
SPOIL(length_lowered, w->kpageflags_pages = 0x80000)
SPOIL(length_more, w->kpageflags_pages += 0x8000)
SPOIL(length_rounded, w->kpageflags_pages -= 1)

static void no_zoneinfo_of_node(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->nr_zones = 5;
}

static void no_struct_zone(const struct sample *s, struct snapshot *w)
{
	(void)s;
	w->nr_nodes = 1;
}

#define ROW(what, state, judge, only, spoil, invariant, expected, seen) \
	{ \
		what, state, judge, only, { 0 }, spoil, invariant, 0, 0, expected, seen \
	}
#define COMPARE(what, state, ...) ROW(what, SAMPLE_##state, BY_COMPARE, 0, __VA_ARGS__)
#define BALANCE(what, state, ...) ROW(what, SAMPLE_##state, BY_BALANCE, 0, __VA_ARGS__)

const struct wrong_detail wrong_zones[] = {
	COMPARE("a page less", ONLINE, present_less, "zone.present",
		"node 0 zone Movable (zoneinfo): 65536", "65535 (-1)"),
	COMPARE("drift after offline", OFFLINED, present_drift, "zone.present",
		"node 0 zone Movable (zoneinfo): 0", "512 (+512)"),
	COMPARE("counted for a boot zone", HALF, present_of_boot, "zone.present",
		"node 0 zone DMA32 (zoneinfo): 520160", "552928 (+32768)"),
	COMPARE("boot zone, in the kernel's structure", UNPLUGGED, present_in_wrong_zone,
		"zone.present", "node 0 zone DMA32 (struct zone): 520160", "520161 (+1)"),
	COMPARE("zone Device touched", TWO, device_zone, "zone.present",
		"node 1 zone Device (zoneinfo): 0", "1 (+1)"),
	COMPARE("zone not in zoneinfo", TWO, no_zoneinfo_of_node, "zone.present",
		"node 1 zone Normal (zoneinfo)", "no such zone"),
	COMPARE("node not found in the kernel", TWO, no_struct_zone, "zone.present vmstat.sums",
		"node 1 zone Normal (struct zone)", "no such zone"),
	COMPARE("a sub-section not managed", ONLINE, managed_less, "zone.managed",
		"node 0 zone Movable (zoneinfo): 65536", "65024 (-512)"),
	COMPARE("second device, one more", TWO, managed_raw, "zone.managed",
		"node 1 zone Normal (struct zone): 65536", "65537 (+1)"),
	COMPARE("below zero", OFFLINED, managed_negative, "zone.managed node.reclaim",
		"node 0 zone Movable (struct zone): 0", "18446744073709551615 (-1)"),
	COMPARE("not shrunk", OFFLINED, span_not_shrunk, "zone.spanned",
		"node 0 zone Movable (zoneinfo): 0", "65536 (+65536)"),
	COMPARE("grown by a block that is offline", HALF, span_of_half, "zone.spanned",
		"node 0 zone Normal (zoneinfo): 32768", "65536 (+32768)"),
	COMPARE("a veto's zone not shrunk", VETOED, span_raw_not_shrunk, "zone.spanned",
		"node 0 zone Movable (struct zone): 0", "32768 (+32768)"),
	COMPARE("begins with the other device", TWO, start_low, "zone.start",
		"node 1 zone Normal (zoneinfo): 1114112", "1048576 (-65536)"),
	COMPARE("boot zone begins elsewhere", ADDED, start_of_boot, "zone.start",
		"node 0 zone DMA (zoneinfo): 1", "0 (-1)"),
	BALANCE("a free page less", ONLINE, free_less, "zone.free",
		"node 0 zone Movable: as many pages in buddy chunks as nr_free_pages counts",
		"1 pages too many"),
	BALANCE("a chunk more in a boot zone", UNPLUGGED, free_of_boot, "zone.free",
		"node 0 zone DMA32: as many pages in buddy chunks as nr_free_pages counts",
		"1024 pages too few"),
	BALANCE("a page on no list", ONLINE, pcp_less, "zone.pcp",
		"node 0 zone Movable: as many other free pages as the per-cpu lists count",
		"1 pages too many"),
	BALANCE("a page on a list and in use", ONLINE, pcp_lost, "zone.pcp",
		"node 0 zone Movable: as many other free pages as the per-cpu lists count",
		"2 pages too few"),
	BALANCE("a boot page on a list and in use", BOOT, pcp_of_boot, "zone.pcp",
		"node 0 zone DMA32: as many other free pages as the per-cpu lists count",
		"1 pages too few"),
	BALANCE("a page in no class", TWO, balance_more, "zone.balance",
		"node 1 zone Normal: as many pages that are neither reserved nor offline as are "
		"managed",
		"1 pages too few"),
	COMPARE("not the sum", ONLINE, node_present, "node.present", "node 0: 589791",
		"557023 (-32768)"),
	COMPARE("not taken back", UNPLUGGED, node_present_left, "node.present", "node 1: 0",
		"65536 (+65536)"),
	COMPARE("one page more", ONLINE, node_spanned, "node.spanned", "node 0: 1114111",
		"1114112 (+1)"),
	COMPARE("not shrunk", UNPLUGGED, node_not_shrunk, "node.spanned", "node 1: 0",
		"65536 (+65536)"),
	COMPARE("begins elsewhere", TWO, node_start, "node.spanned",
		"node 1: start of its span: 1114112", "0 (-1114112)"),
	COMPARE("zone not covered", ONLINE, nr_zones_less, "node.nr_zones", "node 0: 4", "2 (-2)"),
	COMPARE("new node, zone not covered", TWO, nr_zones_new_node, "node.nr_zones", "node 1: 3",
		"1 (-2)"),
	COMPARE("new node", TWO, node_not_online, "node.online", "mask of online nodes: 3",
		"1 (-2)"),
	COMPARE("node of nobody", UNPLUGGED, node_still_online, "node.online",
		"mask of online nodes: 1", "3 (+2)"),
	COMPARE("memory online", TWO, node_without_memory, "node.memory",
		"mask of nodes with memory: 3", "1 (-2)"),
	COMPARE("memory gone", UNPLUGGED, node_still_memory, "node.memory",
		"mask of nodes with memory: 1", "3 (+2)"),
	COMPARE("one page", ONLINE, total_more, "meminfo.total", "MemTotal in KiB: 2222976",
		"2222980 (+4)"),
	COMPARE("half of it left", OFFLINED, total_left, "meminfo.total kernel.batch",
		"MemTotal in KiB: 1960832", "2091904 (+131072)"),
	ROW("one block not counted", SAMPLE_ONLINE, BY_COMPARE, ON_6_12, memmap_less,
	    "vmstat.memmap", "nr_memmap_pages: 1024", "512 (-512)"),
	ROW("leak", SAMPLE_UNPLUGGED, BY_COMPARE, ON_6_12, memmap_left, "vmstat.memmap",
	    "nr_memmap_pages: 0", "1 (+1)"),
	COMPARE("lowered", UNPLUGGED, length_lowered, "kpageflags.length",
		"entries of /proc/kpageflags: 1179648", "524288"),
	COMPARE("a section more", ADDED, length_more, "kpageflags.length",
		"entries of /proc/kpageflags: 1114112", "1146880 (+32768)"),
	ROW("not a whole section", SAMPLE_BOOT, BY_COMPARE, WITHOUT_RAW, length_rounded,
	    "kpageflags.length", "entries of /proc/kpageflags: 524288", "524287 (-1)"),
};

const size_t nr_wrong_zones = ARRAY_SIZE(wrong_zones);
