/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_scene: what is right in a state of the sample machine, as tables of figures worked out by hand.
 *
 * Beside boot memory, which is as ever, and all on node 0.  What two kernels do differently is told by the
 * look of pages, or by a state that only one of them can be in.
 */
#ifndef TEST_SAMPLE_SCENE_H
#define TEST_SAMPLE_SCENE_H

#include "sample_devices.h"

enum scene_look {
	LOOK_ONLINE,		/* as every online block of the sample machine: pages in use, two on a per-cpu list */
	LOOK_FREE,		/* free chunks */
	LOOK_ADDED,		/* zeroes */
	LOOK_A5,		/* an added block's memmap in memory of the device */
	LOOK_OFFLINED,
	LOOK_NEVER_ONLINE,	/* not plugged, in an online block */
	LOOK_UNPLUGGED,		/* the same, was plugged */
	LOOK_NEVER_ONLINED,	/* not plugged, in a block that was offlined */
	LOOK_HOSTS,		/* holds the memmap of its block, which is online */
	LOOK_HOSTED,		/* ... or was */
	LOOK_POISONED,		/* taken out of use, in an online block */
	LOOK_POISONED_OFFLINE,	/* ... or in one that was */
	LOOK_GARBAGE,		/* left to the driver */
	LOOK_DEVICE,
	LOOK_COMPOUND,		/* of 512 */
	LOOK_GONE,		/* boot has a memmap there, now there is none */
};

struct scene_pages {
	uint64_t pfn, nr;	/* 0: behind the last */
	enum scene_look look;
	const char *zone;
};

struct scene_block {
	uint32_t id;
	const char *state, *zones;
	uint64_t poisoned;		/* pages */
};

struct scene_zone {
	const char *name;
	uint64_t start, spanned, present, managed, free, pcp;
};

struct sample_scene {
	bool only;			/* there is it on one kernel only: */
	enum sample_kernel kernel;
	void (*enter)(struct sample *s);
	struct scene_pages pages[6];
	struct section_run section[5];	/* all, with those of boot */
	struct scene_block block[4];
	struct scene_zone zone[3];
	struct range_entry iomem[5], firmware[2];
	struct host_device device[1];
	uint64_t memfd_bytes;
	uint64_t memmap_pages;		/* nr_memmap_pages, where the kernel counts it */
	uint64_t hosted;		/* pages of each block that hold its memmap */
	uint64_t nr_zones;		/* pgdat->nr_zones */
	uint64_t end;			/* entries of /proc/kpageflags */
	uint64_t device_end;		/* the same where ZONE_DEVICE raises it, as our 6.1 does; 0: not */
};

#define SCENE_BOOT_SECTIONS { 0, 16, 0xf, UINT64_MAX }
#define SCENE_NEW(block, nr)	{ block, nr, 0x3, UINT64_MAX }
#define SCENE_ONLINE(block, nr) { block, nr, 0x7, UINT64_MAX }

extern const struct sample_scene scenes_virtio_mem[], scenes_hosted[], scenes_poisoned[], scenes_namespace[];

/** sample_scene() - of a state that is told by a table; NULL for others */
const struct sample_scene *sample_scene(enum sample_state state);
/** sample_scene_show() - put it over what boot shows */
void sample_scene_show(const struct sample_scene *scene, const struct sample *s, struct snapshot *boot);

#endif
