// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clean.h"
#include "model/page_class.h"

static const struct page_class_info table[] = {
	[PAGE_ABSENT] = { "absent", 3, "nothing is there, or a part of a section that nobody added",
		"no sub-section bit; no struct page is read" },
	[PAGE_ADDED] = { "added", 1, "added and never onlined",
		"bytes as they were allocated: zero with init_on_alloc, 0xff with DEBUG_VM, the device's own content "
		"where the block holds its memmap; section present, not online; walkers see NOPAGE" },
	[PAGE_VETOED] = { "vetoed", 0, "onlining began and was refused",
		"PG_reserved (to v6.10) or PageOffline (since v6.11), refcount 1, zone and node of the attempt; not online" },
	[PAGE_ONLINE] = { "online", 0, "the allocator has it, or gave it away",
		"zone and node of its block, not reserved, not offline; free chunks aligned, refcount 0, without flags" },
	[PAGE_OFFLINED] = { "offlined", 0, "was online and is offline again",
		"no flags, no type, refcount 0, zone and node as before (0xff with DEBUG_VM); walkers see NOPAGE" },
	[PAGE_POISONED] = { "poisoned", 0, "was online, and the kernel was told that it is broken or will break",
		"PG_hwpoison and none of PAGE_FLAGS_CHECK_AT_FREE, refcount 1, no type, in no free chunk, zone and node "
		"as before, and managed while its block is online; all of it outlives offlining (0xff with DEBUG_VM)" },
	[PAGE_BOOT] = { "boot", 0, "boot RAM and the holes in its sections",
		"reserved or not, zone and node as at the start" },
	[PAGE_FAKE_OFFLINE] = { "fake-offline", 0, "in an online block of virtio-mem, not plugged",
		"PageOffline, refcount 1, PG_dirty if it never was online, nothing else; online for walkers" },
	[PAGE_FAKE_OFFLINED] = { "fake-offlined", 0, "the same after its block was offlined",
		"PageOffline, refcount 0; not online" },
	[PAGE_SELF_HOSTED] = { "self-hosted", 0, "holds the memmap of its own block",
		"marked vmemmap_self_hosted (and PG_reserved to v6.10), refcount 1, present and not managed; the mark "
		"outlives offlining" },
	[PAGE_DEVICE] = { "device", 2, "ZONE_DEVICE, initialised",
		"PG_reserved, zone Device; single pages and heads refcount 1, tails refcount 0 and pointing to their head; "
		"never online, NOPAGE or behind the end for walkers" },
	[PAGE_DEVICE_MEMMAP] = { "device-memmap", 2, "ZONE_DEVICE, holds its namespace's memmap (map=dev)",
		"PG_reserved, refcount 1, zone Device, no compound page" },
	[PAGE_DRIVER_RESERVED] = { "driver-reserved", 5, "in front of a namespace with map=dev, for the driver's own use",
		"never initialised: its struct pages hold whatever the medium held, so nobody may look at them" },
	[PAGE_DEVICE_LEFT] = { "device-left", 0, "was ZONE_DEVICE inside an early section, its namespace is gone",
		"no sub-section bit, the memmap of boot stays; not online for walkers" },
};

const struct page_class_info *page_class_at(size_t i)
{
	return i < ARRAY_SIZE(table) ? &table[i] : NULL;
}

const char *page_class_name(enum page_class class)
{
	return table[class].name;
}
