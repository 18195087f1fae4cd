// SPDX-License-Identifier: GPL-2.0-or-later
/* What zones keep beside their pages, zonelists, pageblocks. */
#include <string.h>

#include "base/clean.h"
#include "wrong_details.h"

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}
#define MARK(name, id, zone, ...) SPOIL(name, sample_node_zone(w, id, zone)->__VA_ARGS__)
#define LIST(name, id, which, ...) SPOIL(name, struct zonelist *l = &w->node[id].list[which]; __VA_ARGS__)
#define BLOCKS(name, pfn, nr, type) SPOIL(name, sample_pageblock(w, pfn, nr, PAGEBLOCK_##type))

MARK(still_isolated, 0, "Movable", isolated = 64)
MARK(isolated_below_zero, 0, "DMA32", isolated = (uint64_t)-1)
MARK(hole_overlooked, 0, "Movable", contiguous = true)
MARK(early_more, 0, "DMA32", present_early += 0x8000)
MARK(cma_more, 0, "DMA32", cma = 1)
MARK(not_initialized, 1, "Normal", initialized = false)
MARK(not_initialized_any_more, 0, "DMA32", initialized = false)
MARK(of_another_node, 1, "Normal", own = false)

/* outside of the agent's view: @cpu has @has where the zone has @limit */
static void set_limit(struct snapshot *w, unsigned int i, uint64_t limit, unsigned int cpu, uint64_t has)
{
	sample_see_outside(w);
	w->outside.node[0].zone[3].pageset.limit[i] = (struct pageset_limit){ true, limit, has, cpu };
}

SPOIL(high_min_lost, set_limit(w, 1, 250, 0, 0))
SPOIL(high_lost, set_limit(w, 0, 250, 1, 251))
SPOIL(batch_lost, set_limit(w, 3, 7, 0, 1))

SPOIL(lists_stay, sample_node_zone(w, 0, "Movable")->pageset_addr = 0x10300)
SPOIL(lists_missing, sample_node_zone(w, 0, "Movable")->pageset_addr = sample_node_zone(w, 0, "Device")->pageset_addr)
SPOIL(lists_shared, sample_node_zone(w, 0, "Movable")->pageset_addr = sample_node_zone(w, 0, "DMA32")->pageset_addr)

#define AREA(name, zone, o, ...) SPOIL(name, sample_node_zone(w, 0, zone)->areas.order[o].__VA_ARGS__)

AREA(never_taken_off, "Movable", 10, counted = 62)
AREA(taken_off_twice, "Movable", 0, counted = (uint64_t)-62)
AREA(only_marked, "DMA32", 10, listed -= 1)
AREA(listed_and_used, "Movable", 9, strangers = 1; sample_node_zone(w, 0, "Movable")->areas.order[9].listed += 1)
AREA(no_way_back, "Movable", 3, endless = true; sample_node_zone(w, 0, "Movable")->areas.order[3].listed = 1 << 20)
SPOIL(chunk_isolated, sample_node_zone(w, 0, "Movable")->areas.isolated = 2)

SPOIL(anon_isolated, w->whole = true; w->node[1].counts.nr[0] = -511)
SPOIL(file_isolated, w->whole = true; w->node[0].counts.nr[1] = 3)

SPOIL(file_pages_stay, w->node[1].counts.nr[2] = 16384)
MARK(mlocked_stay, 0, "Movable", counts.nr[1] = 512)
MARK(counts_stay, 0, "Movable", counts.own = 0x30300)
MARK(counts_missing, 0, "Movable", counts.own = 0x2080)
SPOIL(total_lost, w->totals.nodes[2] -= 32)
SPOIL(part_lost, w->node[0].counts.folded[3] -= 70)
SPOIL(zone_lost, sample_node_zone(w, 0, "Movable")->counts.folded[1] = -512)
SPOIL(counts_shared, w->node[1].counts.own = w->node[0].counts.own)

SPOIL(reserve_of_boot, w->node[0].reserve -= 2048)
SPOIL(reserve_left, w->node[1].reserve = 2048)

static void total_reserve_of_boot(const struct sample *s, struct snapshot *w)
{
	struct rig_err err;

	(void)s;
	if (counters_add(&w->counters, "kernel/totalreserve_pages", "1", &err) == 0)
		counters_sort(&w->counters);
}

SPOIL(slab_of_boot, w->node[0].min_slab -= 3276)
SPOIL(unmapped_left, w->node[1].min_unmapped = 655)

/* one CPU: a 64th of 65536 pages, and an eighth */
static void set_limits(struct snapshot *w, uint64_t low, uint64_t highest)
{
	struct pageset *p = &sample_node_zone(w, 0, "Movable")->pageset;

	p->limit[PAGESET_BATCH] = (struct pageset_limit){ true, 7, 7, 0 };
	p->limit[PAGESET_HIGH_MIN] = (struct pageset_limit){ true, low, low, 0 };
	p->limit[PAGESET_HIGH_MAX] = (struct pageset_limit){ true, highest, highest, 0 };
}

SPOIL(low_limit_of_boot, set_limits(w, 28, 8192))
SPOIL(high_limit_of_boot, set_limits(w, 1024, 28))

LIST(zone_missing, 0, 0, l->nr--)
LIST(own_zone_missing, 0, 0, memmove(l->ref, l->ref + 1, --l->nr * sizeof(*l->ref)))
LIST(empty_zone_stays, 0, 1, l->ref[l->nr++] = (struct zonelist_ref){ 0, 3, 3 })
LIST(other_node_stays, 0, 0, l->ref[l->nr++] = (struct zonelist_ref){ 1, 2, 2 })
LIST(named_twice, 0, 0, l->ref[l->nr] = l->ref[l->nr - 1]; l->nr++)
LIST(lowest_first, 0, 1, struct zonelist_ref first = l->ref[0]; l->ref[0] = l->ref[1]; l->ref[1] = first)
LIST(stray, 0, 0, l->ref[0].node = l->ref[0].zone = -1)
LIST(wrong_index, 0, 0, l->ref[0].index = 4)
LIST(without_end, 0, 0, l->endless = true)
LIST(device_in_list, 0, 0, l->ref[0] = (struct zonelist_ref){ 0, 4, 4 })

BLOCKS(one_left_isolated, SAMPLE_D0_PFN + 512, 512, ISOLATE)
BLOCKS(boot_left_isolated, 0x2000, 1024, ISOLATE)
BLOCKS(kernel_left_isolated, SAMPLE_D1_PFN, SAMPLE_BLOCK_PAGES, ISOLATE)
BLOCKS(unmovable_in_movable, SAMPLE_D0_PFN, 1024, UNMOVABLE)
BLOCKS(no_type, SAMPLE_D1_PFN + 512, 512, NR_TYPES)
BLOCKS(cma_in_hotplugged, SAMPLE_D1_PFN + 512, 512, CMA)

SPOIL(falls_back_to_emptied, w->fallback.known = 1; w->fallback.order[0] = 3)
SPOIL(falls_back_to_stranger, w->fallback.known = 3; w->fallback.order[0] = 3; w->fallback.order[1] = 1 << 5 | 3)

#define ROW(what, state, judge, spoil, invariant, pfn, nr, expected, seen) \
	{ \
		what, state, judge, 0, { 0 }, spoil, invariant, pfn, nr, expected, seen \
	}
#define COMPARE(what, state, spoil, invariant, expected, seen) \
	ROW(what, SAMPLE_##state, BY_COMPARE, spoil, invariant, 0, 0, expected, seen)
#define BALANCE(what, state, spoil, invariant, expected, seen) \
	ROW(what, SAMPLE_##state, BY_BALANCE, spoil, invariant, 0, 0, expected, seen)
#define ZONELIST(what, state, spoil, expected, seen) COMPARE(what, state, spoil, "node.zonelists", expected, seen)
#define PAGEBLOCK(what, state, spoil, invariant, pfn, nr, expected, seen) \
	ROW(what, SAMPLE_##state, BY_COMPARE, spoil, "pageblock." invariant, pfn, nr, expected, seen)
#define AGREE(what, state, spoil, invariant, pfn, nr, expected, seen) \
	ROW(what, SAMPLE_##state, BY_AGREE, spoil, invariant, pfn, nr, expected, seen)

const struct wrong_detail wrong_marks[] = {
	COMPARE("counted after offlining", OFFLINED, still_isolated, "zone.isolated",
		"node 0 zone Movable: isolated pageblocks: 0", "64 (+64)"),
	COMPARE("below zero", ONLINE, isolated_below_zero, "zone.isolated",
		"node 0 zone DMA32: isolated pageblocks: 0", "(-1)"),
	COMPARE("block between two others offline", GAP, hole_overlooked, "zone.contiguous",
		"node 0 zone Movable: not contiguous, of 98304 pages spanned since boot 65536 are online", "contiguous"),
	COMPARE("boot section counted again", ONLINE, early_more, "zone.early",
		"node 0 zone DMA32: early pages: 520160", "552928 (+32768)"),
	COMPARE("lists of a zone that is empty", OFFLINED, lists_stay, "zone.lists", "node 0 zone Movable: has no pages and the "
		"stand-in for lists that boot gave it", "lists of its own"),
	COMPARE("no lists for a zone with pages", ONLINE, lists_missing, "zone.lists", "node 0 zone Movable: has pages and "
		"per-cpu lists of its own", "the stand-in"),
	COMPARE("lists of another zone", ONLINE, lists_shared, "zone.lists", NULL, "those of node 0 zone DMA32"),
	BALANCE("offline and counted", OFFLINED, never_taken_off, "zone.orders",
		"node 0 zone Movable: counts as many chunks of order 10 as there are", "+62"),
	BALANCE("less than none", OFFLINED, taken_off_twice, "zone.orders",
		"node 0 zone Movable: counts as many chunks of order 0 as there are", "-62"),
	BALANCE("a chunk on no list", TWO, only_marked, "zone.orders",
		"node 0 zone DMA32: lists as many chunks of order 10 as there are", "-1"),
	BALANCE("in use and on a list", ONLINE, listed_and_used, "zone.orders",
		"node 0 zone Movable: nothing on the lists of order 9 but its chunks", "1 that are none"),
	BALANCE("a list that goes on", ONLINE, no_way_back, "zone.orders",
		"node 0 zone Movable: nothing on the lists of order 3 but its chunks", "no end"),
	BALANCE("free and isolated", ONLINE, chunk_isolated, "zone.isolated",
		"node 0 zone Movable: no free chunk is isolated", "2"),
	COMPARE("huge page counted once", UNPLUGGED, anon_isolated, "node.isolated",
		"node 1: anonymous pages isolated from LRU lists: 0", "-511"),
	COMPARE("never put back", ONLINE, file_isolated, "node.isolated", "node 0: pages of files isolated from LRU lists: 0",
		"3"),
	COMPARE("page cache of a node without pages", UNPLUGGED, file_pages_stay, "node.gauges",
		"node 1: NR_FILE_PAGES 0, as it has no pages", "16384"),
	COMPARE("mlocked in a zone without pages", OFFLINED, mlocked_stay, "zone.gauges",
		"node 0 zone Movable: NR_MLOCK 0, as it has no pages", "512"),
	COMPARE("counts of a zone that is empty", OFFLINED, counts_stay, "zone.lists", "node 0 zone Movable: has no pages and "
		"the stand-in for counts that boot gave it", "counts of its own"),
	COMPARE("no counts for a zone with pages", ONLINE, counts_missing, "zone.lists", "node 0 zone Movable: has pages and "
		"per-cpu counts of its own", "the stand-in"),
	COMPARE("not counted in the total", ONLINE, total_lost, "vmstat.sums", "NR_FILE_PAGES of all nodes: their sum", "-32"),
	COMPARE("counted in the total alone", ONLINE, part_lost, "vmstat.sums", "NR_DIRTIED of all nodes: their sum", "+70"),
	COMPARE("taken off the zone alone", OFFLINED, zone_lost, "vmstat.sums", "NR_MLOCK of all zones: their sum", "+512"),
	COMPARE("two nodes count together", TWO, counts_shared, "node.counts",
		"node 0: online, and with per-cpu counts of its own", "those of node 1"),
	COMPARE("reserve as before", ONLINE, reserve_of_boot, "node.reserve", NULL, "(-2048)"),
	COMPARE("reserve of what is gone", UNPLUGGED, reserve_left, "node.reserve", "node 1: totalreserve_pages: 0",
		"2048 (+2048)"),
	COMPARE("reserve of all", ONLINE, total_reserve_of_boot, "node.reserve", NULL, "1 (-"),
	COMPARE("slab limit as before", ONLINE, slab_of_boot, "node.reclaim", NULL, "(-3276)"),
	COMPARE("unmapped limit of what is gone", UNPLUGGED, unmapped_left, "node.reclaim", "node 1: min_unmapped_pages: 0",
		"655 (+655)"),
	COMPARE("lists as short as at first", ONLINE, low_limit_of_boot, "zone.pageset",
		"node 0 zone Movable: high_min: 1024", "28 (-996)"),
	COMPARE("lists that may not grow", ONLINE, high_limit_of_boot, "zone.pageset",
		"node 0 zone Movable: high_max: 8192", "28 (-8164)"),
	COMPARE("CMA from nowhere", BOOT, cma_more, "zone.early", "node 0 zone DMA32: CMA pages: 0", "1 (+1)"),
	COMPARE("memory without free lists", TWO, not_initialized, "zone.initialized",
		"node 1 zone Normal: initialized: 1", "0 (-1)"),
	COMPARE("forgotten", UNPLUGGED, not_initialized_any_more, "zone.initialized",
		"node 0 zone DMA32: initialized: 1", "0 (-1)"),
	COMPARE("of another node", TWO, of_another_node, "zone.node", "node 1 zone Normal: points to its node: 1",
		"0 (-1)"),

	COMPARE("per-cpu lists made short", ONLINE, high_min_lost, "zone.pageset",
		"node 0 zone Movable cpu 0: high_min as in the zone: 250", "0 (-250)"),
	COMPARE("one CPU's lists are longer", ONLINE, high_lost, "zone.pageset",
		"node 0 zone Movable cpu 1: high as in the zone: 250", "251 (+1)"),
	COMPARE("pages come and go one by one", OFFLINED, batch_lost, "zone.pageset",
		"node 0 zone Movable cpu 0: batch as in the zone: 7", "1 (-6)"),

	ZONELIST("memory that nobody allocates", ONLINE, zone_missing,
		 "node 0 zonelist with fallback: '0:Movable 0:DMA32 0:DMA'", "'0:Movable 0:DMA32'"),
	ZONELIST("memory that its node does not allocate", TWO, own_zone_missing,
		 "node 0 zonelist with fallback: '0:Movable 0:DMA32 0:DMA 1:Normal'", "'0:DMA32 0:DMA 1:Normal'"),
	ZONELIST("emptied and still there", OFFLINED, empty_zone_stays,
		 "node 0 zonelist of its own zones: '0:DMA32 0:DMA'", "'0:DMA32 0:DMA 0:Movable'"),
	ZONELIST("another node's, emptied", UNPLUGGED, other_node_stays,
		 "node 0 zonelist with fallback: '0:DMA32 0:DMA'", "'0:DMA32 0:DMA 1:Normal'"),
	ZONELIST("twice", BOOT, named_twice, "node 0 zonelist with fallback: '0:DMA32 0:DMA'",
		 "'0:DMA32 0:DMA 0:DMA'"),
	ZONELIST("DMA before all others", ONLINE, lowest_first,
		 "node 0 zonelist of its own zones: '0:Movable 0:DMA32 0:DMA'", "'0:DMA32 0:Movable 0:DMA'"),
	ZONELIST("address of nothing", BOOT, stray, "node 0 zonelist with fallback: '0:DMA32 0:DMA'",
		 "'no zone 0:DMA'"),
	ZONELIST("index of another zone", HALF, wrong_index, "node 0 zonelist with fallback: '0:Normal 0:DMA32 0:DMA'",
		 "'0:Normal(index 4) 0:DMA32 0:DMA'"),
	ZONELIST("no end", BOOT, without_end, "node 0 zonelist with fallback: '0:DMA32 0:DMA'",
		 "'0:DMA32 0:DMA and so on without end'"),
	ZONELIST("ZONE_DEVICE", BOOT, device_in_list, "node 0 zonelist with fallback: '0:DMA32 0:DMA'",
		 "'0:Device 0:DMA'"),

	COMPARE("to a node that has lost its memory", UNPLUGGED, falls_back_to_emptied, "node.fallback",
		"node 0 falls back to no other nodes than those with memory: none", "logged: 0 1"),
	COMPARE("to a node that is none", TWO, falls_back_to_stranger, "node.fallback",
		"node 1 falls back to no other nodes than those with memory: 0", "logged: 0 1 5"),

	PAGEBLOCK("left after a veto", ONLINE, one_left_isolated, "isolated", SAMPLE_D0_PFN + 512, 512,
		  "online: pageblocks that are not isolated", "isolate"),
	PAGEBLOCK("of boot memory", UNPLUGGED, boot_left_isolated, "isolated", 0x2000, 1024,
		  "boot memory: pageblocks that are not isolated", "isolate"),
	PAGEBLOCK("a whole block", TWO, kernel_left_isolated, "isolated", SAMPLE_D1_PFN, SAMPLE_BLOCK_PAGES,
		  "online: pageblocks that are not isolated", "isolate"),
	PAGEBLOCK("unmovable in ZONE_MOVABLE", ONLINE, unmovable_in_movable, "type", SAMPLE_D0_PFN, 1024,
		  "online: pageblocks that are movable", "unmovable"),
	PAGEBLOCK("unknown type", TWO, no_type, "type", SAMPLE_D1_PFN + 512, 512, NULL, "no type of this kernel"),
	PAGEBLOCK("CMA in hotplugged memory", TWO, cma_in_hotplugged, "type", SAMPLE_D1_PFN + 512, 512,
		  "online: pageblocks that are unmovable, movable, reclaimable or highatomic", "cma"),

	AGREE("isolated for one", ONLINE, one_left_isolated, "witness.pageblocks", SAMPLE_D0_PFN + 512, 512,
	      "as the agent says: isolate", "from outside: movable"),
	AGREE("isolated count of one", ONLINE, still_isolated, "witness.nodes", 0, 0,
	      "as the agent says: node 0 zone Movable isolated 64", "from outside: 0"),
	AGREE("a zonelist of one", ONLINE, zone_missing, "witness.nodes", 0, 0,
	      "as the agent says: node 0 zonelist 0 with 2 zones", "from outside: 3 zones"),
	AGREE("another zone in its place", BOOT, device_in_list, "witness.nodes", 0, 0,
	      "as the agent says: node 0 zonelist 0 with 2 zones", "from outside: 2 zones, not the same"),
};

const size_t nr_wrong_marks = ARRAY_SIZE(wrong_marks);
