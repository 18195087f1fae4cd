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
#include "model/page_class.h"
#include "model/policy.h"
#include "scenario/scenario.h"
#include "model/snapshot.h"
#include "model/tiers.h"

enum memmap_era { ERA_UNKNOWN, ERA_PG_RESERVED, ERA_PAGE_OFFLINE };

/* What kernels do differently, and what the first sight of it decides for all of a run. */
enum model_sight { SIGHT_NONE, SIGHT_NO, SIGHT_YES };

/* What a memmap that nobody has initialised reads as. */
enum memmap_fill { FILL_UNKNOWN, FILL_ZERO, FILL_ONES };

enum model_zone { MODEL_DMA, MODEL_DMA32, MODEL_NORMAL, MODEL_MOVABLE, MODEL_DEVICE, MODEL_NR_ZONES };

/* What virtio-mem plugs and unplugs inside a block; known while the block is online, kept when it is offlined. */
enum unit_state {
	UNIT_FRESH,		/* its block came online since it was looked at last */
	UNIT_PLUGGED,
	UNIT_NEVER_ONLINE,	/* not plugged since its block came online */
	UNIT_UNPLUGGED,		/* was plugged after that */
	UNIT_UNTOLD,		/* not plugged; which of the two cannot be told */
};

struct model_block {
	uint32_t id;
	enum page_class class;
	enum model_zone zone;	/* of VETOED, ONLINE and OFFLINED */
	bool had_kernel;	/* was online in another zone than Movable: the kernel may have used it for itself */
	bool placed;		/* where its memmap was put is judged */
	uint32_t type_left;	/* enum mmop of the kernel: what "state" was told of it while it was online; 0: nothing */
	uint64_t hosted_pages;	/* at its start, they hold its memmap; 0: the memmap is elsewhere */
	enum unit_state *unit;	/* virtio-mem */
	size_t nr_units;
};

enum model_kind {
	MODEL_DIMM,
	MODEL_VIRTIO_MEM,
	MODEL_NVDIMM,
	MODEL_VIRTIO_PMEM,
	MODEL_E820_PMEM,	/* memmap=SIZE!ADDR: carved out of boot RAM, unknown to the host */
	MODEL_KMEM,		/* a dax device as system RAM, unknown to the host */
};

/* What /proc/kcore shows of RAM: it is made anew by the first open after a block changed. */
struct kcore_view {
	struct model_range *ram;
	size_t nr;
	uint64_t changes;	/* of the model when it was made */
	bool known;
	bool unsure;		/* blocks may have changed unseen since then */
	bool shared;		/* others open it too, in the middle of steps */
};

struct model_device {
	char id[32];
	enum model_kind kind;
	uint64_t start_pfn, nr_pages;	/* of its range; virtio-mem need not use all of it */
	uint64_t unit_pages;		/* virtio-mem: what is plugged and unplugged at a time */
	uint64_t requested_bytes, plugged_bytes;	/* virtio-mem, the host's word */
	bool grew, shrank;		/* virtio-mem: since the last look */
	int fill;			/* byte that its memory held when it came; -1: nobody knows what is there */
	bool self_hosted;		/* its blocks hold their memmaps, if the kernel does that for so many */
	unsigned int node;
	struct model_block *block;
	size_t nr_blocks;
	bool refused;		/* QEMU has it, the guest refused it: no memory of it exists */
	bool rolled_back;	/* the guest refused to unplug it in this step */
	bool driverless;	/* virtio-mem without memory: its driver was taken off it */
	uint64_t size_bytes, backend_bytes;
	int64_t slot;
};

struct model_range {
	uint64_t start, end;	/* pfns */
};

enum model_mode { MODEL_RAW, MODEL_FSDAX, MODEL_DEVDAX };

#define MODEL_INFO_BLOCK_PAGES 2u	/* in front of whatever else a namespace holds */

/* A namespace on persistent memory, as its label and its driver's attributes say. */
struct model_namespace {
	char id[32];			/* the scenario's */
	char device[32];		/* id of the NVDIMM, virtio-pmem or e820 range that it is on */
	enum model_mode mode;
	bool enabled;			/* a driver is bound: it has its memmap, unless it is raw */
	bool system_ram;		/* devdax bound to kmem: its blocks are a device of kind MODEL_KMEM with
					 * the same id; no ZONE_DEVICE memmap */
	bool mounted;			/* fsdax: a file on it is mapped */
	bool map_dev;			/* the memmap lies in the namespace itself */
	uint64_t start_pfn, nr_pages;	/* whole, with its info block */
	uint64_t data_pfn;		/* where data begins: behind info block and memmap */
	uint64_t end_pfn;		/* where data ends: the driver may cut the end off for its alignment */
	uint64_t align_pages;		/* of fsdax and devdax; devdax: the size of its compound pages */
	unsigned int node;
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
	struct policy zone_policy;	/* where memory goes that is onlined without saying which zone */
	uint64_t max_pages;		/* highest pfn ever added, rounded up to a section */
	struct model_device *device;
	size_t nr_devices, cap;
	uint64_t nr_zones[64];		/* pgdat->nr_zones by node, node < 64 */
	bool boot_types_left;		/* "state" was told to online a block of boot that was */
	uint64_t roomy;			/* nodes < 64 that had room for a memmap in what was judged last */
	struct model_namespace *namespace;
	size_t nr_namespaces, cap_namespaces;
	struct model_range device_span[64];	/* of zone Device by node; never shrinks */
	uint64_t *tainted;		/* sections marked as partly ZONE_DEVICE */
	size_t nr_tainted, cap_tainted;
	uint64_t boot_device_memmap;	/* pages of memmap that the baseline counts and that a namespace has */
	uint64_t device_end;		/* highest pfn that a namespace ever had */
	enum model_sight device_raises_end;	/* ZONE_DEVICE raises max_pfn: until 7170130e4c72, v6.15 */
	enum model_sight shared_tails_counted;	/* nr_memmap_pages knows of tails that share their memmap */
	bool self_hosting;		/* memory_hotplug.memmap_on_memory */
	enum model_sight hosting_each;	/* of devices of several blocks too: since 6b8f0798b85a, v6.8 */
	enum model_sight slab_of_movable;	/* nodes that have memory in Movable alone are in slab_nodes */
	struct tiers tiers;
	uint64_t changes;		/* blocks that went online or offline so far */
	struct kcore_view kcore;
	uint64_t *poisoned;		/* pfns of pages of devices, ascending: taken out of use as broken */
	size_t nr_poisoned, cap_poisoned;
	uint64_t failures[64];		/* by node: those that memory_failure() took, and not soft offlining */
};

struct model_config {
	const struct page_layout *layout;
	bool raw;
	uint64_t block_bytes;
	enum memmap_era era;
	enum memmap_fill fill;
	bool poisons_removed;
	bool self_hosting;
	const char *policy;
	const char *cmdline;		/* of the kernel; NULL: says nothing */
};

/** model_init() - @base stays the caller's and must outlive the model; -EPROTO when it cannot be
 *  made sense of */
int model_init(struct model *m, const struct model_config *config, const struct snapshot *base,
	       struct rig_err *err) RIG_CHECKED;
void model_deinit(struct model *m);

/* Told what happened. */
struct model_plug {
	const char *id;
	enum model_kind kind;
	uint64_t addr, size_bytes;	/* guest-physical range; virtio-mem: the largest it may become */
	unsigned int node;
	int64_t slot;
	bool refused;			/* QEMU has it, the guest does not take it */
	uint64_t unit_bytes;		/* virtio-mem */
	uint64_t backend_bytes;		/* what the host maps for it; 0: size_bytes, or nothing where it knows nothing */
	int fill;			/* byte that its memory holds; -1: not known */
	bool self_hosted;		/* KMEM: its blocks shall hold their own memmaps */
};

/** model_plug() - a device is there; DIMM and kmem have all their memory blocks at once, virtio-mem gets
 *  its by model_resize(), the others have none */
void model_plug(struct model *m, const struct model_plug *plug);
void model_unplug(struct model *m, const char *id);
/**
 * model_resize() - virtio-mem and its driver came to rest
 * @block: the memory blocks in its range that the kernel lists, ascending.  Where the driver plugs and
 * unplugs is its own affair; that all of it adds up is not.  New blocks are PAGE_ADDED.
 */
void model_resize(struct model *m, const char *id, uint64_t requested_bytes, uint64_t plugged_bytes,
		  const uint32_t *block, size_t nr_blocks);

/**
 * model_namespace_set() - a namespace was made, enabled, disabled or changed; found by id
 * A new device begins as one raw namespace, which the first one of the scenario replaces.
 */
void model_namespace_set(struct model *m, const struct model_namespace *ns);
/** model_namespace_find() - NULL: there is none of that id */
const struct model_namespace *model_namespace_find(const struct model *m, const char *id);
/** model_namespace_mount() - a file on it is mapped from now on, or no longer */
void model_namespace_mount(struct model *m, const char *id, bool mounted);
/** model_namespace_drop() - it was destroyed */
void model_namespace_drop(struct model *m, const char *id);
/** model_namespace_has_memmap() - its pages are ZONE_DEVICE now */
bool model_namespace_has_memmap(const struct model *m, const struct model_namespace *ns);
/** model_online() - a block came online by @how; returns the zone it must be in */
enum model_zone model_online(struct model *m, uint32_t block, enum online_zone how);
/**
 * model_online_again() - "state" was told to online a block that is online, which it refuses
 * It has noted by then how; the next onlining that says nothing of that goes by it, and any clears it.
 */
void model_online_again(struct model *m, uint32_t block, enum online_zone how);
/** model_group() - the memory group that the blocks of a device are in */
struct policy_group model_group(const struct model *m, const struct model_device *d);
/** model_online_type() - how a block goes online when "online" is told to: as was left there, or ZONE_AUTO */
enum online_zone model_online_type(const struct model *m, uint32_t block);
/** model_no_online() - onlining was refused before anything was done */
void model_no_online(struct model *m, uint32_t block);
/** model_veto() - onlining was refused after the memmap had been initialised */
void model_veto(struct model *m, uint32_t block, enum online_zone how);
void model_offline(struct model *m, uint32_t block);
/**
 * model_poison() - the kernel took a page of an online block out of use, unless it had before
 * @failed: it was told that the page is broken, and counts that; else that it may break soon
 */
void model_poison(struct model *m, uint64_t pfn, bool failed);
/** model_unpoison() - it took it into use again; what was counted as failed stays so */
void model_unpoison(struct model *m, uint64_t pfn);
/** model_next_poisoned() - the first such page from @start on, @end when there is none before that */
uint64_t model_next_poisoned(const struct model *m, uint64_t start, uint64_t end);
/** model_forget_poisoned() - a block leaves, and what is known of it; for rig/model only */
void model_forget_poisoned(struct model *m, uint32_t block);

struct model_device *model_device_find(const struct model *m, const char *id);
struct model_block *model_block_find(const struct model *m, uint32_t id, struct model_device **device);

/** model_begin_namespace() - the raw namespace that a new device is; for rig/model only */
void model_begin_namespace(struct model *m, const struct model_device *d);
/** model_early_section() - its memmap is of boot, and stays */
bool model_early_section(const struct model *m, uint64_t section);
/** model_carved_out() - a page of a range that boot took out of its RAM, whatever is there now */
bool model_carved_out(const struct model *m, uint64_t pfn);
/** model_node_in_use() - it has memory blocks, or pages of ZONE_DEVICE, which keep it for ever */
bool model_node_in_use(const struct model *m, unsigned int node);

/** model_host_memmaps() - whose blocks hold their own memmaps, as far as is known; for rig/model only */
void model_host_memmaps(struct model *m, struct model_device *d);

/* Asked what must be. */
enum model_zone model_zone_for(const struct model *m, uint32_t block, unsigned int node,
			       enum online_zone how);
/** model_valid_zones() - text of valid_zones; @buf at least 64 bytes */
const char *model_valid_zones(const struct model *m, uint32_t block, char *buf);
/** model_span() - hull of what is online in a zone of a node; false: empty */
bool model_span(const struct model *m, unsigned int node, enum model_zone zone, uint64_t *start,
		uint64_t *end);
/** model_online_pages() - pages of plugged devices present in a zone of a node */
uint64_t model_online_pages(const struct model *m, unsigned int node, enum model_zone zone);
/** model_present_pages() - those, and what boot put there */
uint64_t model_present_pages(const struct model *m, unsigned int node, enum model_zone zone);
/** model_zone_by_name() - MODEL_NR_ZONES: no zone of the model */
enum model_zone model_zone_by_name(const char *name);
/** model_nodes_online() - mask of them; nodes beyond 63 do not occur in a machine shape */
uint64_t model_nodes_online(const struct model *m);
/** model_nodes_with_memory() - has_memory, as a mask */
uint64_t model_nodes_with_memory(const struct model *m);
/** model_normal_nodes() - has_normal_memory, as a mask; false: the kernel does not tell */
bool model_normal_nodes(const struct model *m, uint64_t *ret);
/** model_managed_pages() - those of them that the allocator has: without memmaps and what virtio-mem unplugged */
uint64_t model_managed_pages(const struct model *m, unsigned int node, enum model_zone zone);
/** model_memmap_pages() - what the memmaps of devices and namespaces take, as nr_memmap_pages counts */
uint64_t model_memmap_pages(const struct model *m);
const char *model_zone_name(enum model_zone zone);
const char *memmap_era_name(enum memmap_era era);

/**
 * model_learn() - take from a snapshot what is the kernel's free choice, before any of it is judged
 * Which units of virtio-mem are plugged; how a kernel does what kernels do differently (enum model_sight).
 */
void model_learn(struct model *m, const struct snapshot *s);

/**
 * model_compare() - hold a snapshot against the model
 * Findings carry @step.  The model may learn its era from the first page that shows it.
 */
void model_compare(struct model *m, const struct snapshot *s, const char *step, struct findings *out);

/**
 * model_compare_passing() - memory blocks of device @id while a step takes them offline, and nothing takes them online
 * @before, @s: their states, read before and after the pages that @s has.  What says offline twice was so between.
 */
void model_compare_passing(struct model *m, const char *id, const struct snapshot *before, const struct snapshot *s,
			   const char *step, struct findings *out);

/** model_compare_growth() - of virtio-mem @d that came to its size, from @was_blocks memory blocks, without another
 *  size on the way */
void model_compare_growth(const struct model *m, const struct model_device *d, size_t was_blocks, const char *step,
			  struct findings *out);

/** model_judged() - nobody will compare @s again: what comes next is new */
void model_judged(struct model *m, const struct snapshot *s);

/**
 * model_compare_leftovers() - what returns to its baseline, once no memory is plugged any more
 * Says nothing while a device has memory blocks or a namespace is in use.
 */
void model_compare_leftovers(const struct model *m, const struct snapshot *s, const char *step,
			     struct findings *out);

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
