/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_class: what a page can be to the model, and what must then be true of its struct page.
 * Level 3, a table.
 *
 * Thread 003 ("pfn walkers") names five cases of pages that are present and not online: added (1),
 * device (2), absent inside a section that is there (3), device whose memmap is not initialised yet,
 * which no look can meet as it only lasts while a namespace is enabled (4), and driver-reserved (5).
 */
#ifndef RIG_PAGE_CLASS_H
#define RIG_PAGE_CLASS_H

#include <stddef.h>

enum page_class {
	PAGE_ABSENT,		/* no memmap, or none of its own: a sub-section that is not there */
	PAGE_ADDED,		/* memmap there, never initialised */
	PAGE_VETOED,		/* initialised by an onlining that was refused */
	PAGE_ONLINE,		/* belongs to the buddy or was handed out by it */
	PAGE_OFFLINED,		/* was online, has been offlined */
	PAGE_POISONED,		/* of a block that is or was online, taken out of use as broken */
	PAGE_BOOT,		/* boot RAM and the holes in its sections */
	PAGE_FAKE_OFFLINE,	/* of an online block of virtio-mem, and not plugged */
	PAGE_FAKE_OFFLINED,	/* the same in a block that has been offlined since */
	PAGE_SELF_HOSTED,	/* holds the memmap of its own block, which is or was online */
	PAGE_DEVICE,		/* ZONE_DEVICE, initialised */
	PAGE_DEVICE_MEMMAP,	/* ZONE_DEVICE, holds the memmap of its namespace (map=dev) */
	PAGE_DRIVER_RESERVED,	/* ZONE_DEVICE, in front of it, never initialised */
	PAGE_DEVICE_LEFT,	/* its namespace is gone, its memmap is of boot and stays */
};

struct page_class_info {
	const char *name;
	unsigned int thread_003;	/* number of the case; 0: none */
	const char *what;		/* which pages these are */
	const char *must;		/* of their struct pages and sections */
};

/** page_class_at() - NULL behind the last; the index is the enum */
const struct page_class_info *page_class_at(size_t i);
const char *page_class_name(enum page_class class);

#endif
