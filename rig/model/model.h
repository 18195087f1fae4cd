/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: what must be true of the machine's memory, from the baseline, the devices, the steps taken
 * and the kernel's memmap era.  Level 3, pure: it is told what happened and answers what must be.
 *
 * Every pfn of a plugged device is in exactly one class.  model_compare() (compare.c) holds a
 * snapshot against all of it.
 */
#ifndef RIG_MODEL_H
#define RIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "scenario/scenario.h"
#include "model/snapshot.h"

enum memmap_era { ERA_UNKNOWN, ERA_PG_RESERVED, ERA_PAGE_OFFLINE };

/* What a memmap that nobody has initialised reads as. */
enum memmap_fill { FILL_UNKNOWN, FILL_ZERO, FILL_ONES };

enum page_class {
	PAGE_ABSENT,		/* no memmap */
	PAGE_ADDED,		/* memmap there, never initialised */
	PAGE_VETOED,		/* initialised by an onlining that was refused */
	PAGE_ONLINE,		/* belongs to the buddy or was handed out by it */
	PAGE_OFFLINED,		/* was online, has been offlined */
	PAGE_BOOT,		/* boot RAM and the holes in its sections */
};

enum model_zone { MODEL_DMA, MODEL_DMA32, MODEL_NORMAL, MODEL_MOVABLE, MODEL_NR_ZONES };

struct model_block {
	uint32_t id;
	enum page_class class;
	enum model_zone zone;	/* of VETOED, ONLINE and OFFLINED */
};

struct model_device {
	char id[32];
	uint64_t start_pfn, nr_pages;
	unsigned int node;
	struct model_block *block;
	size_t nr_blocks;
	bool refused;		/* QEMU has it, the guest refused it: no memory of it exists */
	bool rolled_back;	/* the guest refused to unplug it in this step */
	uint64_t size_bytes;
	int64_t slot;
};

struct model {
	const struct page_layout *layout;
	bool raw;			/* struct pages can be read */
	const struct snapshot *base;	/* before the first step; borrowed */
	uint64_t block_pages;
	enum memmap_era era;		/* may start unknown; the first sight decides */
	enum memmap_fill fill;
	bool poisons_removed;		/* DEBUG_VM: an offlined memmap is 0xff again */
	char policy[24];		/* auto_online_blocks; "" when the kernel has none */
	uint64_t max_pages;		/* highest pfn ever added, rounded up to a section */
	struct model_device *device;
	size_t nr_devices, cap;
	uint64_t nr_zones[64];		/* pgdat->nr_zones by node, node < 64 */
};

struct model_config {
	const struct page_layout *layout;
	bool raw;
	uint64_t block_bytes;
	enum memmap_era era;
	enum memmap_fill fill;
	bool poisons_removed;
	const char *policy;
};

/** model_init() - @base stays the caller's and must outlive the model; -EPROTO when it cannot be
 *  made sense of */
int model_init(struct model *m, const struct model_config *config, const struct snapshot *base,
	       struct rig_err *err) RIG_CHECKED;
void model_deinit(struct model *m);

/* Told what happened. */
void model_plug(struct model *m, const char *id, uint64_t addr, uint64_t size_bytes, unsigned int node,
		int64_t slot, bool refused);
void model_unplug(struct model *m, const char *id);
/** model_online() - a block came online by @how; returns the zone it must be in */
enum model_zone model_online(struct model *m, uint32_t block, enum online_zone how);
/** model_veto() - onlining was refused after the memmap had been initialised */
void model_veto(struct model *m, uint32_t block, enum online_zone how);
void model_offline(struct model *m, uint32_t block);

struct model_range {
	uint64_t start, end;	/* pfns */
};

/** model_device_ranges() - the plugged devices that have blocks, ascending; caller frees *@ret */
size_t model_device_ranges(const struct model *m, struct model_range **ret);

struct model_device *model_device_find(const struct model *m, const char *id);
struct model_block *model_block_find(const struct model *m, uint32_t id, struct model_device **device);

/* Asked what must be. */
enum model_zone model_zone_for(const struct model *m, uint32_t block, unsigned int node,
			       enum online_zone how);
/** model_valid_zones() - text of valid_zones; @buf at least 64 bytes */
const char *model_valid_zones(const struct model *m, uint32_t block, char *buf);
/** model_span() - hull of what is online in a zone of a node; false: empty */
bool model_span(const struct model *m, unsigned int node, enum model_zone zone, uint64_t *start,
		uint64_t *end);
/** model_online_pages() - pages of plugged devices online in a zone of a node */
uint64_t model_online_pages(const struct model *m, unsigned int node, enum model_zone zone);
const char *model_zone_name(enum model_zone zone);
const char *page_class_name(enum page_class class);
const char *memmap_era_name(enum memmap_era era);

/**
 * model_compare() - hold a snapshot against the model
 * Findings carry @step.  The model may learn its era from the first page that shows it.
 */
void model_compare(struct model *m, const struct snapshot *s, const char *step, struct findings *out);

/** model_compare_boot() - boot memory at the end against the start */
void model_compare_boot(const struct model *m, const struct snapshot *start, const struct snapshot *end,
			const char *step, struct findings *out);

/**
 * model_agree() - the agent's word against that of the reader from outside, where there is one
 * @l: the outside reader's: what it does not know is not compared.
 * Findings "witness.*" say that one of the two is wrong, not which.
 */
void model_agree(const struct page_layout *l, const struct snapshot *s, const char *step, struct findings *out);

/**
 * model_agree_faults() - what is wrong with a page of a plugged device is wrong to both
 * Pages in circulation may differ, so their faults are neither found nor hidden by one reader alone.
 */
void model_agree_faults(struct model *m, const struct snapshot *s, const char *step, struct findings *out);

/** model_balance() - free lists, per-cpu lists and free pages seen of each zone that @s holds whole */
void model_balance(const struct model *m, const struct snapshot *s, const char *step,
		   struct findings *out);

#endif
