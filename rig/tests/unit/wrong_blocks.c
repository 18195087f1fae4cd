// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel keeps of its memory blocks and their groups. */
#include <string.h>

#include "base/clean.h"
#include "wrong_details.h"

static struct memory_block *block(struct snapshot *w, uint64_t id)
{
	size_t i = 0;

	while (w->memory_block[i].id != id)
		i++;
	return &w->memory_block[i];
}

#define SPOIL(name, id, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		struct memory_block *b = block(w, id); \
\
		(void)s; \
		__VA_ARGS__; \
	}

SPOIL(type_left, 32, b->online_type = 3)
SPOIL(type_of_boot, 7, b->online_type = 1)
SPOIL(node_other, 34, b->node = 0)
SPOIL(node_none, 32, b->node = -1)
SPOIL(zone_other, 33, b->zone.zone = 2)
SPOIL(zone_of_other_node, 33, b->zone.node = 1)
SPOIL(zone_left, 33, b->zoned = true; b->zone = ((struct zone_place){ 0, 3 }))
SPOIL(zone_missing, 33, b->zoned = false)
SPOIL(zone_stray, 33, b->zone = ((struct zone_place){ -1, -1 }))
SPOIL(zone_of_boot, 15, b->zone.zone = 3)
SPOIL(memmap_unused, 32, b->used -= 1)
SPOIL(memmap_more, 32, b->hosted = 1024)
SPOIL(memmap_elsewhere, 32, b->hosting = false)
SPOIL(memmap_of_none, 33, b->hosting = true; b->hosted = b->used = 512)
SPOIL(memmap_empty, 33, b->hosting = true)
SPOIL(memmap_lost, 32, b->memmap_lost = true)
SPOIL(group_lost, 33, b->group_lost = true)
SPOIL(lost, 32, *b = (struct memory_block){ .id = 32, .lost = true })
SPOIL(all_lost, 0, w->memory_blocks_seen = false; (void)b)
SPOIL(memmap_of_boot, 3, b->hosting = true; b->hosted = b->used = 512)
SPOIL(poison_forgotten, 33, b->poisoned = 0)
SPOIL(poison_of_none, 32, b->poisoned = 1)
SPOIL(poison_of_boot, 1, b->poisoned = 2)
SPOIL(section_other, 33, b->section = 32)
SPOIL(block_stays, 0, w->memory_block[w->nr_memory_blocks++] = ((struct memory_block){ .id = 32, .section = 32 }); (void)b)
SPOIL(block_lost, 0, w->nr_memory_blocks--; (void)b)
SPOIL(no_group, 33, b->group = 0)
SPOIL(other_group, 33, b->group += 64)
SPOIL(group_of_other_device, 34, b->group = block(w, 35)->group = block(w, 32)->group;
      b->group_kernel = block(w, 35)->group_kernel = 0x10000)
SPOIL(group_of_other_node, 35, b->group_node = 0)
SPOIL(group_of_boot, 9, b->group = block(w, 32)->group)
SPOIL(kernel_less, 34, b->group_kernel -= 0x8000)
SPOIL(movable_drifts, 32, b->group_movable -= 512)
SPOIL(movable_left, 32, b->group_movable = 0x8000)
SPOIL(group_larger, 32, b->group_whole += 512)
SPOIL(group_dynamic, 34, b->group_dynamic = true)
SPOIL(other_kind, 32, b->group_kernel = b->group_movable; b->group_movable = 0)

#define ROW(what, only, state, spoil, invariant, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_COMPARE, only, { 0 }, spoil, invariant, 0, 0, expected, seen \
	}

const struct wrong_detail wrong_blocks[] = {
	ROW("online type left", 0, VETOED, type_left, "block.online_type", "online type of memory32: 0", "3"),
	ROW("online type of boot", 0, BOOT, type_of_boot, "block.online_type", "online type of memory7: 0", "1"),
	ROW("other node", 0, TWO, node_other, "block.place", "memory34: on node 1, in zone Normal of node 1",
	    "on node 0, in zone Normal of node 1"),
	ROW("no node", 0, ADDED, node_none, "block.place", "memory32: on node 0, in no zone", "on node -1"),
	ROW("other zone", 0, ONLINE, zone_other, "block.place", "memory33: on node 0, in zone Movable of node 0",
	    "in zone Normal of node 0"),
	ROW("zone of another node", 0, ONLINE, zone_of_other_node, "block.place",
	    "memory33: on node 0, in zone Movable of node 0", "in zone Movable of node 1"),
	ROW("zone stays", 0, OFFLINED, zone_left, "block.place", "memory33: on node 0, in no zone",
	    "on node 0, in zone Movable of node 0"),
	ROW("no zone", 0, ONLINE, zone_missing, "block.place", "memory33: on node 0, in zone Movable of node 0",
	    "on node 0, in no zone"),
	ROW("stray zone", 0, ONLINE, zone_stray, "block.place", NULL, "on node 0, in what is no zone"),
	ROW("zone of boot", 0, ADDED, zone_of_boot, "block.place", "memory15: on node 0, in zone DMA32 of node 0",
	    "in zone Movable"),
	ROW("altmap not used up", ON_6_12, HOSTED_ONLINE, memmap_unused, "block.memmap",
	    "memory32: its memmap in 512 pages of its own, 512 of them used", "511 of them used"),
	ROW("altmap too large", 0, HOSTED_ADDED, memmap_more, "block.memmap", NULL, "in 1024 pages of its own"),
	ROW("altmap lost", 0, HOSTED_OFFLINED, memmap_elsewhere, "block.memmap", NULL, "its memmap elsewhere"),
	ROW("altmap of none", 0, ADDED, memmap_of_none, "block.memmap", "memory33: its memmap elsewhere",
	    "in 512 pages of its own"),
	ROW("altmap of none, without pages", 0, ADDED, memmap_empty, "block.memmap", "memory33: its memmap elsewhere",
	    "in 0 pages of its own"),
	ROW("altmap gone", 0, HOSTED_ONLINE, memmap_lost, "block.memmap", NULL, "its altmap is nowhere"),
	ROW("group too large", 0, ONLINE, group_larger, "group.size", "memory32: in a static group of 65536 pages",
	    "in a static group of 66048 pages"),
	ROW("group of another kind", 0, TWO, group_dynamic, "group.size", "memory34: in a static group of 65536 pages",
	    "in a dynamic group of 65536 pages each"),
	ROW("group gone", 0, ONLINE, group_lost, "group.members", NULL, "in a group that is nowhere"),
	ROW("block gone", 0, ONLINE, lost, "block.set", "every memory block where memory_blocks says", "memory32 is nowhere"),
	ROW("all gone", 0, ONLINE, all_lost, "block.set", "memory blocks in memory_blocks, as at boot",
	    "what cannot be followed"),
	ROW("altmap of boot", 0, BOOT, memmap_of_boot, "block.memmap", "memory3: its memmap elsewhere", "512 pages"),
	ROW("poisoned page forgotten", ON_6_12, POISONED, poison_forgotten, "block.poisoned",
	    "poisoned pages of memory33: 1", "0 (-1)"),
	ROW("poisoned page of none", ON_6_12, ONLINE, poison_of_none, "block.poisoned", "poisoned pages of memory32: 0",
	    "1 (+1)"),
	ROW("poisoned pages of boot", ON_6_12, ADDED, poison_of_boot, "block.poisoned", "poisoned pages of memory1: 0",
	    "2 (+2)"),
	ROW("other section", 0, ADDED, section_other, "block.set", "first section of memory33: 33", "32 (-1)"),
	ROW("block stays", 0, UNPLUGGED, block_stays, "block.set", "every memory block that the kernel has in sysfs",
	    "memory32 is in memory_blocks alone"),
	ROW("block lost", 0, BOOT, block_lost, "block.set", "every memory block of sysfs in memory_blocks",
	    "memory15 is not"),
	ROW("no group", 0, ONLINE, no_group, "group.members", "memory33: in the group of 'd0', of node 0", "in no group"),
	ROW("other group", 0, ONLINE, other_group, "group.members", "memory33: in the group of 'd0', of node 0",
	    "in the group of others"),
	ROW("group of another device", 0, TWO, group_of_other_device, "group.members", NULL, "in the group of others"),
	ROW("group of another node", 0, TWO, group_of_other_node, "group.members",
	    "memory35: in the group of 'd1', of node 1", "in the group of 'd1', of node 0"),
	ROW("group of boot", 0, ADDED, group_of_boot, "group.members", "memory9: in no group", "in one"),
	ROW("one block less", 0, TWO, kernel_less, "group.present",
	    "memory34: 65536 pages for the kernel and 0 movable in its group", "32768 pages for the kernel"),
	ROW("a memmap less", 0, ONLINE, movable_drifts, "group.present",
	    "memory32: 0 pages for the kernel and 65536 movable in its group", "65024 movable"),
	ROW("present after offlining", 0, OFFLINED, movable_left, "group.present", NULL, "32768 movable"),
	ROW("as pages of another kind", 0, ONLINE, other_kind, "group.present", NULL, "65536 pages for the kernel and 0"),
};

const size_t nr_wrong_blocks = ARRAY_SIZE(wrong_blocks);
