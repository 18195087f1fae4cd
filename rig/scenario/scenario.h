/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario: a machine and steps, as data.  Level 2, pure: text in, structures out.
 *
 * JSON, parsed strictly: an unknown or duplicate key, a wrong type, unit or value is an error
 * with file, line and JSON pointer; a syntax error has its column.  The format is described in
 * rig/man/hotrig-scenario.5 and scenarios/scenario.schema.json.  A scenario says what is done and
 * what a step is refused with; what must always hold is the model's business.
 */
#ifndef RIG_SCENARIO_H
#define RIG_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

enum step_kind {
	STEP_PLUG,		/* add a backend and a device over QMP */
	STEP_UNPLUG,		/* ask for removal, wait for the end, remove the backend */
	STEP_RESIZE,		/* request another size of a virtio-mem device, wait until its driver rests */
	STEP_ONLINE,		/* online memory blocks of a device */
	STEP_OFFLINE,
	STEP_FILL,		/* let the guest hold memory with a known content */
	STEP_CHECK,		/* the content of a fill is what was put in */
	STEP_RELEASE,		/* let go of a fill, or end a walk */
	STEP_WALK,		/* let programs in the guest read what the kernel shows of its pages, all the time */
	STEP_DEVMEM,		/* read or write a page by its physical address */
	STEP_POISON,		/* tell the kernel that a page is broken, will break, or is good after all */
	STEP_INJECT,		/* memory-notifier-error-inject: veto a notifier event, or lift it */
	STEP_POLICY,		/* auto_online_blocks */
	STEP_RUN,		/* a program in the guest */
	STEP_WRITE,		/* one write to a file of the guest, for what no program does */
	STEP_LEAKS,		/* hold slab objects by call site against those of the last such step */
	STEP_AWAIT,		/* wait until the kernel logs a line, or QEMU sends an event */
	STEP_JOIN,		/* wait for a background step */
	STEP_NAMESPACE,		/* make a namespace on persistent memory */
	STEP_DISABLE,		/* take the driver off a namespace, or off a virtio-mem device */
	STEP_ENABLE,
	STEP_DESTROY,
	STEP_CONVERT,		/* a devdax namespace to system RAM, or back */
	STEP_REPEAT,		/* several times its own list of steps; flattened by the parser */
};

enum device_kind { DEVICE_DIMM, DEVICE_NVDIMM, DEVICE_VIRTIO_PMEM, DEVICE_VIRTIO_MEM };

enum online_zone { ZONE_AUTO, ZONE_KERNEL, ZONE_MOVABLE };	/* online, online_kernel, online_movable */

enum fill_kind {
	FILL_ANON,		/* anonymous, small pages */
	FILL_THP,		/* anonymous, transparent huge pages */
	FILL_HUGETLB,
	FILL_PAGECACHE,		/* a file on tmpfs, kept only by the cache */
	FILL_MLOCK,		/* anonymous, locked */
	FILL_PINNED,		/* anonymous, referenced by a pipe (vmsplice): movable zone, cannot move */
	FILL_UNMOVABLE,		/* pages of the kernel itself: pipe buffers */
	FILL_DEVDAX,		/* a devdax namespace, mapped */
	FILL_DAX_FILE,		/* a file on ext4 with DAX on an fsdax namespace, mapped */
};

/* How a step is expected to be refused.  All unset: it must succeed. */
struct expect {
	bool has_errno;		/* "errno": the guest's errno of online, offline, devmem, poison, run,
				 * write */
	int eno;		/* 0 without has_errno */
	bool has_qmp;		/* "qmp_error": QEMU refuses the command */
	char *qmp_class;	/* required with has_qmp */
	char *qmp_desc;		/* must be contained in desc; NULL: any */
	bool or_success;	/* "or": not refused, or finished, is as good; unplug, resize, offline */
	bool unfinished;	/* "unfinished": the requested size is not reached; plug, resize; or offlining does not end */
	bool has_ost;		/* "ost": the guest refuses by _OST; unplug, plug */
	unsigned int ost_status;
	bool has_exit;		/* "exit": of the program of a run, or of ndctl or daxctl; default 0 */
	int exit_code;
	char *output;		/* "output": must be contained in what it prints; NULL: any */
};

/* Boot RAM where a step names a device: its blocks can be offlined where that must be refused. */
#define DEVICE_ID_BOOT "boot"

struct plug {
	char *id;		/* [a-z][a-z0-9]{0,15}, unique among what is plugged, not DEVICE_ID_BOOT */
	enum device_kind device;
	uint64_t size_bytes;	/* virtio-mem: the largest it may become */
	uint64_t requested_bytes, unit_bytes;	/* virtio-mem; unit 0: QEMU's default */
	bool has_node, has_slot, has_addr, has_pattern;
	unsigned int node, slot;
	uint64_t addr;
	unsigned char pattern;	/* backend starts filled with this byte */
};

enum namespace_mode { NAMESPACE_RAW, NAMESPACE_FSDAX, NAMESPACE_DEVDAX };

/* "namespace"; the device it is made on is step.device */
struct namespace_action {
	char *id;		/* unique among devices and namespaces */
	enum namespace_mode mode;
	bool map_dev;		/* the memmap lies in the namespace itself */
	uint64_t size_bytes;	/* 0: all that is free */
	uint64_t align_bytes;
};

enum convert_zone { CONVERT_OFFLINE, CONVERT_KERNEL, CONVERT_MOVABLE };

struct convert {
	bool to_ram;		/* to system RAM; else back to devdax */
	enum convert_zone zone;
	bool has_memmap_on_memory, memmap_on_memory;
};

/* Boot RAM that the kernel is told to take for persistent memory: memmap=SIZE!ADDR */
struct pmem_range {
	char *id;
	uint64_t addr, size_bytes;
};

struct block_set {
	bool all;
	unsigned int *index;	/* relative to the device's first block, of boot RAM block 0; ascending, unique */
	size_t nr;
};

struct fill {
	char *id;
	enum fill_kind kind;
	uint64_t size_bytes;
	bool has_node;
	unsigned int node;
	char *namespace;	/* FILL_DEVDAX, FILL_DAX_FILE: id of the one it is on; else NULL */
};

struct devmem {
	uint64_t offset;	/* from the start of step.device; without one it is the address */
	bool write, has_pattern;
	unsigned char pattern;	/* byte that the page is filled with, or must read as */
};

enum poison_how {
	POISON_SOFT,		/* it will break, and its content is still good */
	POISON_HARD,		/* it is broken */
	POISON_LIFTED,		/* it is good after all */
};

struct poison {
	uint64_t offset;	/* from the start of step.device */
	enum poison_how how;
};

struct walk {
	char *id;		/* shares its names with fills */
	char **files;		/* "kpageflags"; NULL-terminated; NULL: all that the kernel has */
};

struct step {
	enum step_kind kind;
	char *name;		/* "name", or made: "3 online d0"; unique, stable */
	char *pointer;		/* JSON pointer of the step, "/steps/2/repeat/steps/0" */
	unsigned int line;
	char *background;	/* "background": name for a later join; NULL: in the foreground */
	uint64_t deadline_ms;	/* 0: the runner's default for the kind */
	struct expect expect;
	/* by kind: */
	struct plug plug;
	char *device;		/* UNPLUG, RESIZE, ONLINE, OFFLINE, POISON, NAMESPACE, LEAKS; FILL, CHECK and RELEASE use fill.id;
				 * AWAIT: virtio-mem that comes to its size; NULL: log or event
				 * DISABLE, ENABLE, DESTROY, CONVERT: id of a namespace */
	uint64_t to_bytes;	/* RESIZE */
	enum online_zone zone;	/* ONLINE, OFFLINE with online_again */
	struct block_set blocks;	/* ONLINE, OFFLINE */
	bool by_online_file;	/* ONLINE, OFFLINE: through the file "online", not "state" */
	bool online_again;	/* OFFLINE: each block comes online again at once */
	struct fill fill;	/* FILL, CHECK, RELEASE; the last two of a walk, too */
	struct walk walk;	/* WALK */
	struct devmem devmem;	/* DEVMEM */
	struct poison poison;	/* POISON */
	struct namespace_action namespace;	/* NAMESPACE */
	struct convert convert;	/* CONVERT */
	char *inject_event;	/* INJECT: "MEM_GOING_ONLINE" or "MEM_GOING_OFFLINE" */
	int inject_errno;	/* INJECT: positive; 0 lifts the veto */
	char *policy;		/* POLICY: offline, online, online_kernel, online_movable */
	char **argv;		/* RUN: NULL-terminated */
	char *write_file, *write_text;	/* WRITE */
	char *await_kmsg;	/* AWAIT: text that a log record must contain */
	char *await_event;	/* AWAIT: QMP event name */
	int64_t await_ost_status;	/* AWAIT ACPI_DEVICE_OST with this status; -1: any */
	char *join;		/* JOIN: name of a background step */
};

struct scenario {
	char *name;		/* "dimm/online-movable": from its path below the catalogue */
	char *path;
	char *summary;
	char *origin;		/* thread and claim, or fix commit */
	char **claims;		/* ids of the claims it shows, see claims.h; NULL-terminated */
	unsigned int claims_line;	/* of the key, for messages; 0: not given */
	char *why;		/* why an option is unusual; NULL */
	char *machine;		/* name of a shape */
	char **kernel_args;	/* NULL-terminated, appended to the rig's own */
	char *online_policy;	/* memhp_default_state=; "offline" unless given */
	char **needs;		/* CONFIG names without prefix; NULL-terminated */
	char **modules;		/* carried, loaded on request by steps; NULL-terminated */
	struct pmem_range *pmem;	/* legacy persistent memory, there from boot on */
	size_t nr_pmem;
	bool core;		/* "core": part of the short selection */
	struct step *steps;	/* repeats are unrolled: names carry "(2/3)" */
	size_t nr_steps;
};

/**
 * scenario_parse() - parse and check one scenario
 * @name: its name; @path: stands in messages
 * Also checks what needs no machine: devices used are plugged, joins name background steps,
 * fills are checked before they are released, every background step is joined.
 * Errors: RIG_USAGE, "PATH:LINE: POINTER: what is wrong" (syntax: "PATH:LINE:COLUMN: ...").
 */
int scenario_parse(const char *name, const char *path, const char *text, size_t len,
		   struct scenario **ret, struct rig_err *err) RIG_CHECKED;

/** scenario_load() - read and parse a file; the name is the path below @root, without .json */
int scenario_load(const char *root, const char *path, struct scenario **ret, struct rig_err *err)
	RIG_CHECKED;
void scenario_destroy(struct scenario *s);

/** scenario_list_files() - path of every scenario below the folder @root, sorted, added to @paths
 *  Names that start with '.', the schema and the claims of @root are no scenarios.  None at all:
 *  -ENOENT. */
int scenario_list_files(const char *root, struct strv *paths, struct rig_err *err) RIG_CHECKED;

/** scenario_list_names() - the same, but their names, of which no file is read */
int scenario_list_names(const char *root, struct strv *names, struct rig_err *err) RIG_CHECKED;

/** scenario_length() - of its steps, reckoned in ordinary ones: tells which of two scenarios takes longer, mostly */
size_t scenario_length(const struct scenario *s);

/** step_takes_away() - whether it takes @id away, so that a cycle ends: unplug, resize to 0, destroy of a namespace */
bool step_takes_away(const struct step *step, const char *id);
/** step_fill_is_cut() - whether the fill of @step, one of @s, was on a devdax device that has gone since */
bool step_fill_is_cut(const struct scenario *s, const struct step *step);

const char *step_kind_name(enum step_kind kind);	/* "plug" */
const char *online_zone_state(enum online_zone zone);	/* "online_movable": what sysfs is told */
const char *namespace_mode_name(enum namespace_mode mode);	/* "fsdax" */
const char *fill_kind_name(enum fill_kind kind);	/* "anon" */
/** fill_kind_mode() - of the namespace that such a fill is on; -ENOENT: it is on none */
int fill_kind_mode(enum fill_kind kind, enum namespace_mode *ret) RIG_CHECKED;
/** ost_status_name() - "busy"; NULL when the format has no name for it */
const char *ost_status_name(unsigned int status);
int ost_status_from_name(const char *name, unsigned int *ret) RIG_CHECKED;	/* 0 or -ENOENT */
/** errno_from_name() - "EBUSY" to 16; 0 when unknown.  errno_text() - also "success" and "unknown errno". */
int errno_from_name(const char *name);
const char *errno_text(int eno);

#endif
