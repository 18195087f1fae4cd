// SPDX-License-Identifier: GPL-2.0-or-later
/* ZONE_DEVICE: pages, sections, zone, resources, and what is left when it is gone. */
#include <string.h>

#include "base/clean.h"
#include "sample_devices.h"
#include "wrong_details.h"

#define P0  SAMPLE_P0_PFN
#define E8  SAMPLE_E820_PFN
#define S48 48 * 0x8000, 0x8000
#define S49 49 * 0x8000, 0x8000

/*
 * CVE-2026-72172, cd681403a870 ("mm/mm_init: fix uninitialized struct pages for ZONE_DEVICE"): where the
 * memmap of boot is used again, pfns 128 to 511 of each compound stay as boot left them.
 */
static void tails_of_boot(const struct sample *s, struct snapshot *w)
{
	for (uint64_t head = E8; head < 0x48000; head += 512) {
		struct page_map map = { 0 };
		struct page_writer to = page_writer_begin(&s->layout, &map, head + 128, "DMA32");

		page_writer_put_plain(&to, 384, 1, "reserved", NULL);
		sample_page_replace(w, &map.run[0]);
		page_map_deinit(&map);
	}
}

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}
#define ADD_RANGE(...) (w->iomem[w->nr_iomem++] = ((struct range_entry){ __VA_ARGS__ }))

SPOIL(taint_missing, w->section[1].marks = 0x3)
SPOIL(taint_everywhere, w->section[1].marks = 0x13)
SPOIL(section_online, w->section[1].marks = 0x7)
SPOIL(section_early, w->section[1].marks = 0xb)
SPOIL(all_subsections, w->section[2].subsections = UINT64_MAX)
SPOIL(subsection_left, w->section[w->nr_sections++] = ((struct section_run){ 48, 1, 0, 1 }))
SPOIL(section_left, w->section[w->nr_sections++] = ((struct section_run){ 49, 1, 0x3, 0 }))
SPOIL(boot_subsections_left, w->section[1].subsections = UINT64_MAX)
SPOIL(boot_subsections_gone, w->section[1].subsections = 0)
SPOIL(present, sample_zone(w, 0, "Device")->present = 512; sample_zone(w, 0, "Device")->start_pfn = P0)
SPOIL(managed, sample_node_zone(w, 0, "Device")->managed = 1)
SPOIL(shrunk, sample_zone(w, 0, "Device")->spanned = 0)
SPOIL(begins_lower, sample_node_zone(w, 0, "Device")->start_pfn = 0x170000)
SPOIL(nr_zones, w->node[0].nr_zones = 2)
SPOIL(memmap_left, w->memmap_pages = 2048)
SPOIL(memmap_twice, w->memmap_pages *= 2)
SPOIL(end_too_low, w->kpageflags_pages = 0x198000)
SPOIL(dax_left, ADD_RANGE(0x44200000, 0x4fffffff, 1, "dax0.0"))
SPOIL(namespace_left, ADD_RANGE(0x180000000, 0x19fffffff, 1, "namespace1.0"))
SPOIL(ram_left, ADD_RANGE(0x188000000, 0x19fffffff, 2, "System RAM (kmem)"))
SPOIL(whole_device, w->iomem[w->nr_iomem - 2].start = 0x180200000)
SPOIL(head_online, w->section[w->nr_sections++] = ((struct section_run){ 48, 1, 0x7, UINT64_MAX }))
SPOIL(block_left, sample_add_block(w, 50, "offline", "Movable", 0))
SPOIL(dax_missing, w->nr_iomem -= 1)
SPOIL(region_missing, w->iomem[w->nr_iomem - 2] = w->iomem[w->nr_iomem - 1]; w->nr_iomem -= 1)

#define ROW(what, state, only, page, ...)     { what, SAMPLE_##state, BY_COMPARE, only, page, NULL, __VA_ARGS__ }
#define SPOILT(what, state, only, spoil, ...) { what, SAMPLE_##state, BY_COMPARE, only, { 0 }, spoil, __VA_ARGS__ }
#define EDIT(...) { __VA_ARGS__ }

const struct wrong_detail wrong_namespace[] = {
	SPOILT("CVE-2026-72172", E820_DEVDAX, 0, tails_of_boot, "page.refcount page.compound page.zone", E8 + 128, 32 * 384,
	       "device page: refcount=0 in a compound tail", "zone=DMA32"),
	ROW("no reference", FSDAX, 0, EDIT(WORD_REFCOUNT, P0 + 7, 1, NULL, 0),
	    "page.refcount", 0, 0, "device page: refcount=1", "refcount=0"),
	ROW("in a zone of the allocator", FSDAX, 0, EDIT(WORD_ZONE, P0 + 0x1ffff, 1, "Normal", 0),
	    "page.zone", 0, 0, "device page: zone=Device", "zone=Normal"),
	ROW("on another node", FSDAX_PART, 0, EDIT(WORD_NODE, P0 + 0x4000, 1, NULL, 1),
	    "page.node", 0, 0, "device page: node=0", "node=1"),
	ROW("not reserved", FSDAX, 0, EDIT(WORD_FLAG, P0, 512, "reserved", 0),
	    "page.flags", 0, 0, "device page: flags=reserved", "flags=none"),
	ROW("PageOffline", FSDAX, 0, EDIT(WORD_TYPE, P0 + 1, 1, "offline", 0),
	    "page.type", 0, 0, "device page: type=none mapcount=0", "type=offline"),
	ROW("never initialised", FSDAX, 0, EDIT(WORD_FILL, P0 + 100, 28, NULL, 0),
	    "page.flags page.type page.refcount page.zone", 0, 0, "device page: flags=reserved", "never initialised"),
	ROW("compound without need", FSDAX, 0, EDIT(WORD_HEAD, P0 + 1, 1, NULL, P0),
	    "page.compound", 0, 0, "device page: no compound page", NULL),
	ROW("belongs to nobody", FSDAX, 0, EDIT(WORD_PGMAP, P0 + 0x700, 0x100, NULL, PAGE_PGMAP_NONE),
	    "page.pgmap", 0, 0, "device page: the address of a struct dev_pagemap", "zone=Device node=0 pgmap=none"),
	ROW("nothing belongs to anybody", FSDAX_PART, 0, EDIT(WORD_PGMAP, P0 + 0x4000, 0x8000, NULL, PAGE_PGMAP_NONE),
	    "page.pgmap", 0, 0, "device page: the address of a struct dev_pagemap", "pgmap=none"),
	ROW("belongs to a list's poison", FSDAX, 0, EDIT(WORD_PGMAP, P0, 1, NULL, (int64_t)0xdead000000000100),
	    "page.pgmap", 0, 0, "device page: the address of a struct dev_pagemap", "pgmap=0xdead000000000100"),
	ROW("belongs to another", FSDAX_DEV, 0, EDIT(WORD_PGMAP, P0 + 0x1fffe, 2, NULL, SAMPLE_PGMAP + 0x200),
	    "page.pgmap", 0, 0, "device page: the same pgmap as pages before it in the namespace",
	    "pgmap=0xffff888003f1a218"),
	ROW("head that belongs to nobody", DEVDAX, 0, EDIT(WORD_PGMAP, P0 + 1024, 1, NULL, PAGE_PGMAP_NONE),
	    "page.pgmap", 0, 0, "device page: the address of a struct dev_pagemap", "pgmap=none"),
	ROW("head without mark", DEVDAX, 0, EDIT(WORD_FLAG, P0 + 512, 1, "head", 0),
	    "page.flags", 0, 0, "device page: flags=reserved,head", "reserved"),
	ROW("head without reference", DEVDAX, 0, EDIT(WORD_REFCOUNT, P0, 1, NULL, 0),
	    "page.refcount", 0, 0, "device page: refcount=1", "refcount=0"),
	ROW("tail with a reference", DEVDAX, 0, EDIT(WORD_REFCOUNT, P0 + 511, 1, NULL, 1),
	    "page.refcount", 0, 0, "device page: refcount=0 in a compound tail", "refcount=1"),
	ROW("tail of another head", DEVDAX, 0, EDIT(WORD_HEAD, P0 + 512 + 2, 1, NULL, P0),
	    "page.compound", 0, 0, "device page: a tail of the head in front of it", NULL),
	ROW("tail without head", DEVDAX, 0, EDIT(WORD_HEAD, P0 + 512 + 1, 1, NULL, PAGE_NO_HEAD),
	    "page.compound", 0, 0, "device page: a tail of the head in front of it", NULL),
	ROW("first tail with another order", DEVDAX, ON_6_12, EDIT(WORD_FLAG, P0 + 1, 1, "locked", 0),
	    "page.flags", 0, 0, "device page: flags=reserved", NULL),
	ROW("one page behind", DEVDAX, 0, EDIT(WORD_ORIGIN, P0 + 512, 1, NULL, P0),
	    "page.mapping", 0, 0, NULL, "mapped-from=0x180000"),
	ROW("mapped although nobody does", FSDAX, 0, EDIT(WORD_ORIGIN, P0 + 0x600, 2, NULL, P0 + 0x600),
	    "page.mapping", 0, 0, "device page: no mapping and no zone_device_data", "mapped-from=0x180600"),
	ROW("data of nobody", DEVDAX, 0, EDIT(WORD_ORIGIN, P0 + 512, 1, NULL, PAGE_ORIGIN_DATA),
	    "page.mapping", 0, 0, "device page: no mapping and no zone_device_data", "zone_device_data"),
	ROW("first tail without order", DEVDAX, 0, EDIT(WORD_TAIL_ORDER, P0 + 513, 1, NULL, 1),
	    "page.compound", 0, 0, "device page: order=9 in the first tail", "order=0"),
	ROW("memmap in a compound page", DEVDAX_DEV, 0, EDIT(WORD_HEAD, P0 + 3, 1, NULL, P0 + 2),
	    "page.compound", 0, 0, "device-memmap page: no compound page", NULL),
	ROW("memmap not reserved", FSDAX_DEV, 0, EDIT(WORD_FLAG, P0 + 2, 1, "reserved", 0),
	    "page.flags", 0, 0, "device-memmap page: flags=reserved", "flags=none"),
	ROW("memmap is PageOffline", DEVDAX_DEV, 0, EDIT(WORD_TYPE, P0 + 2559, 1, "offline", 0),
	    "page.type", 0, 0, "device-memmap page: type=none mapcount=0", "type=offline"),
	ROW("no struct page", FSDAX, 0, EDIT(WORD_GONE, P0 + 0x8000, 0x8000, NULL, 0),
	    "memmap.readable", 0, 0, "device page: a struct page that can be read", "no memmap"),
	ROW("shown to walkers", FSDAX, ON_6_1, EDIT(WORD_KPAGEFLAGS, P0 + 9, 1, NULL, 20),
	    "kpageflags.nopage", 0, 0, "device page: kpageflags NOPAGE", "kpageflags=0x0"),
	ROW("shown to walkers inside of boot memory", E820_DEVDAX, 0, EDIT(WORD_KPAGEFLAGS, E8, 1, NULL, 20),
	    "kpageflags.nopage", 0, 0, "device page: kpageflags NOPAGE", "kpageflags=0x0"),

	ROW("shown to walkers when it is gone", E820_GONE, 0, EDIT(WORD_KPAGEFLAGS, E8 + 77, 1, NULL, 20),
	    "kpageflags.nopage", 0, 0, "device-left page: kpageflags NOPAGE", "kpageflags=0x0"),

	SPOILT("taint missing", FSDAX_PART, 0, taint_missing, "section.state", S48,
	       "section marks 0x13 (present, has memmap, partly ZONE_DEVICE)", "0x3"),
	SPOILT("taint on whole sections", FSDAX, 0, taint_everywhere, "section.state", 48 * 0x8000, 4 * 0x8000,
	       "section marks 0x3 (present, has memmap)", "0x13"),
	SPOILT("sections of a device online", DEVDAX, 0, section_online, "section.state", 48 * 0x8000, 4 * 0x8000,
	       "section marks 0x3 (present, has memmap)", "0x7"),
	SPOILT("sections of a device early", FSDAX_DEV, 0, section_early, "section.state", 48 * 0x8000, 4 * 0x8000,
	       "section marks 0x3 (present, has memmap)", "0xb"),
	SPOILT("more sub-sections than there are", FSDAX_PART, 0, all_subsections, "section.subsections", S49,
	       "sub-sections 0xffffffff", "0xffffffffffffffff"),
	SPOILT("sub-section left", FSDAX_DISABLED, 0, subsection_left, "section.subsections", S48, NULL, "0x1"),
	SPOILT("section left", FSDAX_DISABLED, 0, section_left, "section.state", S49, NULL, "0x3"),
	SPOILT("sub-sections left in an early section", E820_GONE, 0, boot_subsections_left, "section.subsections",
	       8 * 0x8000, 0x8000, "sub-sections 0xffffffff", "0xffffffffffffffff"),
	SPOILT("boot's sub-sections gone with the others", E820_GONE, 0, boot_subsections_gone, "section.subsections",
	       8 * 0x8000, 0x8000, "sub-sections 0xffffffff", "0x0"),

	SPOILT("present", FSDAX, 0, present, "zone.present", 0, 0, "node 0 zone Device (zoneinfo): 0", "512 (+512)"),
	SPOILT("managed", DEVDAX, 0, managed, "zone.managed", 0, 0, "node 0 zone Device (struct zone): 0", "1 (+1)"),
	SPOILT("zone Device shrunk", FSDAX_DISABLED, 0, shrunk, "zone.spanned", 0, 0,
	       "node 0 zone Device (zoneinfo): 131072", "0 (-131072)"),
	SPOILT("zone Device begins lower", FSDAX, 0, begins_lower, "zone.start node.spanned", 0, 0,
	       "node 0 zone Device (struct zone): 1572864", "1507328 (-65536)"),
	SPOILT("zone Device not covered", FSDAX, 0, nr_zones, "node.nr_zones", 0, 0, "node 0: 5", "2 (-3)"),
	SPOILT("memmap never counted off", FSDAX_DISABLED, ON_6_12, memmap_left, "vmstat.memmap", 0, 0,
	       "nr_memmap_pages: 0", "2048 (+2048)"),
	SPOILT("memmap counted twice", DEVDAX, ON_6_12, memmap_twice, "vmstat.memmap", 0, 0, "nr_memmap_pages: 512",
	       "1024 (+512)"),
	SPOILT("end raised too little", FSDAX, ON_6_1, end_too_low, "kpageflags.length", 0, 0,
	       "entries of /proc/kpageflags: 1703936", "1671168 (-32768)"),
	SPOILT("dax device left", E820_GONE, 0, dax_left, "iomem.residue", 0, 0, "nothing there", "dax0.0"),
	SPOILT("namespace left", FSDAX_DISABLED, 0, namespace_left, "iomem.residue", 0, 0, "nothing there", "namespace1.0"),
	SPOILT("dax device missing", DEVDAX, 0, dax_missing, "iomem.missing", 0, 0,
	       "an entry for the device, but missing is", "dax#.#"),
	SPOILT("region missing", FSDAX, 0, region_missing, "iomem.missing", 0, 0,
	       "an entry for the device, but missing is", "Persistent Memory"),

	SPOILT("more than whole blocks", KMEM, 0, head_online, "section.state section.subsections", S48, NULL, "0x7"),
	SPOILT("more than what is added", KMEM, 0, whole_device, "iomem.missing iomem.residue", 0, 0,
	       "an entry for the device, but missing is", "0x188000000-0x19fffffff : dax#.#"),
	ROW("still ZONE_DEVICE", KMEM, 0, EDIT(WORD_ZONE, P0 + 0x8004, 1, "Device", 0),
	    "page.zone", 0, 0, "online page: zone=Movable", "zone=Device"),
	SPOILT("system RAM left", KMEM_BACK, 0, ram_left, "iomem.residue", 0, 0, "nothing there", "System RAM (kmem)"),
	SPOILT("memory block left", KMEM_BACK, 0, block_left, "block.set block.links", 0, 0,
	       "no memory block without a device", "memory50"),

	{ "boot page beside it", SAMPLE_E820_DEVDAX, BY_BOOT, 0, { WORD_ZONE, 0x50001, 1, "Device", 0 }, NULL,
	  "page.zone", 0, 0, "boot page: zone as at the start", "zone=Device" },
	{ "boot page beside it reserved", SAMPLE_E820_GONE, BY_BOOT, 0, { WORD_FLAG, E8 - 1, 1, "reserved", 0 }, NULL,
	  "boot.reserved", 0, 0, "boot page: not reserved as at the start", "reserved" },
};

const size_t nr_wrong_namespace = ARRAY_SIZE(wrong_namespace);
