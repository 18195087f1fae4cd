// SPDX-License-Identifier: GPL-2.0-or-later
/* What a struct page must be, by the class of its span. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare_page.h"

/* Memory of a device that holds its own memmap was cleared by nobody: the memmap reads as it does. */
static void check_hosted(const struct page_check *c, const struct page_run *run)
{
	int fill = c->span->device->fill;
	struct page_state expected;
	unsigned char raw[256];
	char text[256];

	if (fill < 0)
		return;
	memset(raw, fill, sizeof(raw));
	page_decode(c->m->layout, raw, 0, 0, &expected);
	expected.head_pfn = run->state.head_pfn;	/* depends on where the page is */
	if (page_state_equal(&expected, &run->state))
		return;
	snprintf(text, sizeof(text), "all bytes 0x%02x, as the memory that it lies in", (unsigned int)fill);
	page_report(c, "page.added", run, text);
}

static void check_added(const struct page_check *c, const struct page_run *run)
{
	/* whether it lies in the device is not known before the first onlining */
	bool maybe_hosted = c->span->device->self_hosted && c->m->hosting_each == SIGHT_NONE && !c->span->hosted;

	if (c->m->fill == FILL_ONES && !run->state.all_ones)
		page_report(c, "page.added", run, "all bytes 0xff");
	else if (c->m->fill != FILL_ONES && c->span->hosted)
		check_hosted(c, run);
	else if (c->m->fill == FILL_ZERO && !run->state.all_zero && !(maybe_hosted && c->span->device->fill))
		page_report(c, "page.added", run, "all bytes 0x00");
}

/*
 * The first page that shows an era settles an unknown one; from then on the other one is a mixture.
 * True: this page is of the model's era, so its flags and type can be judged by it.
 */
static bool learn_era(const struct page_check *c, const struct page_run *run)
{
	bool reserved = page_has_flag(c, run, "reserved");
	bool offline = page_has_type(c, run, "offline");

	if (reserved && offline) {
		page_report(c, "era.mixed", run, "PG_reserved or PageOffline, not both");
		return false;
	}
	if (c->m->era == ERA_UNKNOWN && reserved)
		c->m->era = ERA_PG_RESERVED;
	if (c->m->era == ERA_UNKNOWN && offline)
		c->m->era = ERA_PAGE_OFFLINE;
	if ((c->m->era == ERA_PG_RESERVED && offline) ||
	    (c->m->era == ERA_PAGE_OFFLINE && reserved)) {
		page_report(c, "era.mixed", run,
			    c->m->era == ERA_PG_RESERVED ?
				    "PG_reserved like the others, not PageOffline" :
				    "PageOffline like the others, not PG_reserved");
		return false;
	}
	return true;
}

static void check_initialised(const struct page_check *c, const struct page_run *run)
{
	bool by_offline = c->m->era == ERA_PAGE_OFFLINE;

	if (!by_offline && run->state.flags != layout_flag_mask(c->m->layout, "reserved"))
		page_report(c, "page.flags", run, "flags=reserved");
	if (by_offline && run->state.flags)
		page_report(c, "page.flags", run, "flags=none");
	if (by_offline && !page_has_type(c, run, "offline"))
		page_report(c, "page.offline", run, "type=offline");
	else if (by_offline && page_has_stray_type(c, run))
		page_report(c, "page.type", run, "type=offline and nothing else in its word");
	if (!by_offline && (run->state.type != PAGE_TYPE_NONE || run->state.mapcount))
		page_report(c, "page.type", run, "type=none");
}

/* With DEBUG_VM a memmap that was removed from its zone is 0xff again; false: this one is judged by its class. */
static bool check_removed(const struct page_check *c, const struct page_run *run)
{
	if (!c->m->poisons_removed || c->span->online)
		return false;
	if (!run->state.all_ones)
		page_report(c, "page.added", run, "all bytes 0xff");
	return true;
}

static void check_vetoed(const struct page_check *c, const struct page_run *run)
{
	if (check_removed(c, run))
		return;
	if (learn_era(c, run))
		check_initialised(c, run);
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

static void check_offlined(const struct page_check *c, const struct page_run *run)
{
	if (check_removed(c, run))
		return;
	if (run->state.flags)
		page_report(c, "page.flags", run, "flags=none");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none mapcount=0");
	if (run->state.refcount)
		page_report(c, "page.refcount", run, "refcount=0");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

/* What virtio-mem took away: PG_dirty tells what never was given to the allocator. */
static void check_fake_offline(const struct page_check *c, const struct page_run *run)
{
	uint64_t dirty = layout_flag_mask(c->m->layout, "dirty"), flags = run->state.flags;
	uint64_t must = c->span->never_online ? dirty : c->span->any_dirty ? flags & dirty : 0;
	int refcount = c->span->class == PAGE_FAKE_OFFLINE;

	if (check_removed(c, run))
		return;
	if (flags != must)
		page_report(c, "page.flags", run, must ? "flags=dirty: it never was online" : "flags=none");
	if (!page_has_type(c, run, "offline"))
		page_report(c, "page.offline", run, "type=offline");
	else if (page_has_stray_type(c, run))
		page_report(c, "page.type", run, "type=offline and nothing else in its word");
	if (run->state.refcount != refcount)
		page_report(c, "page.refcount", run, refcount ? "refcount=1" : "refcount=0");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

/* What the kernel itself takes for an owner when a page is freed: PAGE_FLAGS_CHECK_AT_FREE. */
static uint64_t owned_flags(const struct page_check *c)
{
	static const char *const names[] = {
		"locked", "lru", "private", "private_2", "writeback", "reserved", "slab", "active", "unevictable", "mlocked",
		"head",
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		flags |= layout_flag_mask(c->m->layout, names[i]);
	return flags;
}

/*
 * take_page_off_buddy(), page_handle_poison().  A page that was in use keeps what its last owner noted of its content,
 * such as PG_dirty: free_pages_prepare() turns it away before it clears that.
 */
static void check_poisoned(const struct page_check *c, const struct page_run *run)
{
	uint64_t poison = layout_flag_mask(c->m->layout, "hwpoison");

	if (check_removed(c, run))
		return;
	if ((run->state.flags & (poison | owned_flags(c))) != poison)
		page_report(c, "page.flags", run, "flags=hwpoison, and none that only a page in use has");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none mapcount=0");
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

/* Pages that hold the memmap of their own block: mhp_init_memmap_on_memory(). */
static void check_self_hosted(const struct page_check *c, const struct page_run *run)
{
	const struct page_layout *l = c->m->layout;
	uint64_t mark = layout_flag_mask(l, "vmemmap_self_hosted") | layout_flag_mask(l, "owner_priv_1");
	uint64_t reserved = layout_flag_mask(l, "reserved");

	if (check_removed(c, run))
		return;
	if (c->m->era == ERA_UNKNOWN)
		c->m->era = run->state.flags & reserved ? ERA_PG_RESERVED : ERA_PAGE_OFFLINE;
	if (run->state.flags != (mark | (c->m->era == ERA_PG_RESERVED ? reserved : 0)))
		page_report(c, "page.flags", run, c->m->era == ERA_PG_RESERVED ? "flags=reserved,owner_priv_1" :
			    "flags=owner_priv_1");
	if (run->state.type != PAGE_TYPE_NONE || run->state.mapcount)
		page_report(c, "page.type", run, "type=none");
	if (run->state.refcount != 1)
		page_report(c, "page.refcount", run, "refcount=1");
	if (run->state.head_pfn != PAGE_NO_HEAD)
		page_report(c, "page.compound", run, "no compound page");
	page_check_links(c, run);
}

void page_check_class(const struct page_check *c, const struct page_run *run, const struct page_map *pages)
{
	switch (c->span->class) {
	case PAGE_ADDED:
		check_added(c, run);
		break;
	case PAGE_VETOED:
		check_vetoed(c, run);
		break;
	case PAGE_ONLINE:
		page_check_online(c, run, pages);
		break;
	case PAGE_OFFLINED:
		check_offlined(c, run);
		break;
	case PAGE_POISONED:
		check_poisoned(c, run);
		break;
	case PAGE_FAKE_OFFLINE:
	case PAGE_FAKE_OFFLINED:
		check_fake_offline(c, run);
		break;
	case PAGE_SELF_HOSTED:
		check_self_hosted(c, run);
		break;
	case PAGE_DEVICE:
	case PAGE_DEVICE_MEMMAP:
		page_check_device(c, run);
		break;
	case PAGE_DRIVER_RESERVED:	/* whatever the medium held: nobody may look at it */
	case PAGE_ABSENT:
	case PAGE_BOOT:
	case PAGE_DEVICE_LEFT:
		break;
	}
}
