// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of virtio-mem: what is not plugged, and what both sides count. */
#include <string.h>

#include "base/clean.h"
#include "sample_devices.h"
#include "wrong_details.h"

#define B41	 (SAMPLE_V0_PFN + 0x8000)
#define GONE_PFN (B41 + 0x4000)		/* not plugged from here on */

/* Pages change sides, and the guest's counters with them. */
static void move_unit(const struct sample *s, struct snapshot *w, uint64_t pfn, bool offline)
{
	struct page_map one = { 0 };
	struct page_writer to = page_writer_begin(&s->layout, &one, pfn, "Movable");
	int64_t pages = offline ? -1024 : 1024;

	to.raw = w->raw;
	to.online = true;
	page_writer_put_plain(&to, 1024, offline ? 1 : 2, "", offline ? "offline" : NULL);
	sample_page_replace(w, &one.run[0]);
	page_map_deinit(&one);
	sample_zone(w, 0, "Movable")->managed += (uint64_t)pages;
	if (w->nr_nodes)
		sample_node_zone(w, 0, "Movable")->managed += (uint64_t)pages;
	w->mem_total_kib += (uint64_t)pages * 4;
}

static void units_lost(const struct sample *s, struct snapshot *w)
{
	move_unit(s, w, B41 + 0x3c00, true);
}

static void units_stolen(const struct sample *s, struct snapshot *w)
{
	move_unit(s, w, GONE_PFN, false);
}

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}

SPOIL(managed_more, sample_zone(w, 0, "Movable")->managed += 0x4000)
SPOIL(size_of_request, w->device[0].size_bytes = w->device[0].requested_bytes + MIB(2))
SPOIL(no_device, w->nr_iomem -= 1)
SPOIL(not_merged, w->iomem[w->nr_iomem] = w->iomem[w->nr_iomem - 1];
      w->iomem[w->nr_iomem - 1].end = 0x147ffffff; w->iomem[w->nr_iomem++].start = 0x148000000)

#define ROW(what, state, only, page, ...)   { what, SAMPLE_VMEM_##state, BY_COMPARE, only, page, NULL, __VA_ARGS__ }
#define SPOILT(what, state, only, spoil, ...) { what, SAMPLE_VMEM_##state, BY_COMPARE, only, { 0 }, spoil, __VA_ARGS__ }
#define EDIT(...) { __VA_ARGS__ }

const struct wrong_detail wrong_virtio_mem[] = {
	ROW("given to nobody, and not PageOffline", HALF, 0, EDIT(WORD_TYPE, GONE_PFN + 5, 1, "none", 0),
	    "page.offline", 0, 0, "fake-offline page: type=offline", "dirty"),
	ROW("the same, by kpageflags", HALF, WITHOUT_RAW, EDIT(WORD_KPAGEFLAGS, GONE_PFN + 5, 1, NULL, 23),
	    "page.offline", 0, 0, "fake-offline page: kpageflags with OFFLINE", "kpageflags=0x10"),
	ROW("a word that is not PageOffline alone", HALF, ON_6_12, EDIT(WORD_RAW_TYPE, GONE_PFN, 2, NULL, 0xf1000001),
	    "page.type", 0, 0, "fake-offline page: type=offline and nothing else in its word", "type=offline"),
	ROW("no reference", HALF, 0, EDIT(WORD_REFCOUNT, GONE_PFN, 512, NULL, 0),
	    "page.refcount", 0, 0, "fake-offline page: refcount=1", "refcount=0"),
	ROW("reserved", HALF, 0, EDIT(WORD_FLAG, GONE_PFN + 0x3fff, 1, "reserved", 0),
	    "page.flags page.reserved", 0, 0, "fake-offline page: flags=dirty: it never was online", "reserved"),
	ROW("the same, by kpageflags", HALF, WITHOUT_RAW, EDIT(WORD_KPAGEFLAGS, GONE_PFN, 1, NULL, 32),
	    "page.reserved", 0, 0, "fake-offline page: kpageflags without RESERVED", "kpageflags=0x100800010"),
	ROW("never was online, and not dirty", HALF, 0, EDIT(WORD_FLAG, GONE_PFN, 0x200, "dirty", 0),
	    "page.flags", 0, 0, "fake-offline page: flags=dirty: it never was online", "type=offline"),
	ROW("was online, and dirty", SHRUNK, 0, EDIT(WORD_FLAG, GONE_PFN + 0x200, 0x200, "dirty", 0),
	    "page.flags", 0, 0, "fake-offline page: flags=none", "dirty"),
	ROW("in another zone", SHRUNK, 0, EDIT(WORD_ZONE, GONE_PFN, 1, "Normal", 0),
	    "page.zone", 0, 0, "fake-offline page: zone=Movable", "zone=Normal"),
	ROW("a plugged page is PageOffline", HALF, 0, EDIT(WORD_TYPE, B41 + 0x123, 1, "offline", 0),
	    "page.offline", 0, 0, "online page: not type=offline", "type=offline"),
	ROW("referenced after its block was offlined", OFFLINED, 0, EDIT(WORD_REFCOUNT, GONE_PFN, 1, NULL, 1),
	    "page.refcount", 0, 0, "fake-offlined page: refcount=0", "refcount=1"),
	ROW("not PageOffline after that", OFFLINED, 0, EDIT(WORD_TYPE, GONE_PFN + 1, 1, "none", 0),
	    "page.offline", 0, 0, "fake-offlined page: type=offline", "type=none"),
	SPOILT("units lost", HALF, 0, units_lost, "host.plugged", 0, 0, "pages of 'v0' that QEMU counts as plugged: 49152",
	       "48128 (-1024)"),
	SPOILT("the same, by kpageflags", HALF, WITHOUT_RAW, units_lost, "host.plugged", 0, 0,
	       "pages of 'v0' that QEMU counts as plugged: 49152", "48128 (-1024)"),
	SPOILT("units used that are not there", SHRUNK, 0, units_stolen, "host.plugged", 0, 0,
	       "pages of 'v0' that QEMU counts as plugged: 49152", "50176 (+1024)"),
	SPOILT("managed whole", HALF, 0, managed_more, "zone.managed", 0, 0, "node 0 zone Movable (zoneinfo): 49152",
	       "65536 (+16384)"),
	SPOILT("the host has another size", HALF, 0, size_of_request, "host.devices", 0, 0, "the device as it was plugged",
	       "203423744 bytes"),
	SPOILT("the device claims nothing", EMPTY, 0, no_device, "iomem.missing", 0, 0,
	       "an entry for the device, but missing is", "virtio#"),
	SPOILT("a range for each block", FULL, 0, not_merged, "iomem.missing iomem.residue", 0, 0,
	       "an entry for the device, but missing is", "0x140000000-0x14fffffff"),
	{ "unplugged, and managed", SAMPLE_VMEM_SHRUNK, BY_BALANCE, 0, { 0 }, managed_more, "zone.balance", 0, 0, NULL,
	  "16384 pages too few" },
};

const size_t nr_wrong_virtio_mem = ARRAY_SIZE(wrong_virtio_mem);
