/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespace: the namespaces of a run: what the scenario calls them, what the kernel does, and the
 * layout that the kernel gave them.  Level 5.
 */
#ifndef RIG_NAMESPACE_H
#define RIG_NAMESPACE_H

#include "run/nd.h"
#include "run/run.h"

#define NAMESPACE_IDENTITY_BYTES 80u

struct namespace {
	char id[32];		/* the scenario's */
	char device[32];	/* id of the device that it is on */
	char name[32];		/* the kernel's: "namespace0.1" */
	char identity[NAMESPACE_IDENTITY_BYTES];	/* its UUID and that of its info block, as it was made: "UUID UUID"; "-" for none */
};

/** namespace_find() - by id; NULL when there is none */
struct namespace *namespace_find(const struct run *run, const char *id);
struct namespace *namespace_add(struct run *run, const char *id, const char *device, const char *name);
/** namespace_drop() - the model forgets it too */
void namespace_drop(struct run *run, const char *id);

/**
 * namespace_describe() - what the kernel says of a namespace now, for the model
 * What a namespace without driver does not say of itself is as it was before.
 * Errors: RIG_AGENT when the kernel lists no such namespace or says of it what makes no sense.
 */
int namespace_describe(const struct run *run, const struct nd_view *v, const struct namespace *n,
		       struct model_namespace *ret, struct rig_err *err) RIG_CHECKED;

/** namespace_identity() - of the namespace that the kernel calls @name; @ret as in struct namespace */
void namespace_identity(const struct nd_view *v, const char *name, char ret[NAMESPACE_IDENTITY_BYTES]);

/**
 * namespace_free_slots() - how many labels more fit on the NVDIMM that @device is
 * Returns false when it is on none, or that has no label area.  One without an index has all its slots free.
 */
bool namespace_free_slots(const struct run *run, const struct nd_view *v, const char *device, uint64_t *ret);
void namespace_judge_slots(struct run *run, uint64_t expected, uint64_t seen);

/** namespace_note_speed() - a figure for the record, which nothing judges: @a's ndctl made @id work */
void namespace_note_speed(struct run *run, const struct active_step *a, const char *id);

/** namespace_dax_name() - "dax0.1", the device-dax device of a namespace; @buf 32 bytes */
const char *namespace_dax_name(const struct namespace *n, char *buf);
/** namespace_disk_name() - "pmem0.1", "pmem0" of namespace0.0: its block device; @buf 32 bytes */
const char *namespace_disk_name(const struct namespace *n, char *buf);
/** namespace_dax_driver() - "device_dax", "kmem"; NULL: none, or there is no such device */
const char *namespace_dax_driver(const struct nd_view *v, const struct namespace *n);

#endif
