/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_kind: what a kind of device is to QEMU, to the model, and what it needs of the guest's
 * kernel.  Level 5, a table.
 */
#ifndef RIG_DEVICE_KIND_H
#define RIG_DEVICE_KIND_H

#include "kernel/kernel.h"
#include "model/model.h"
#include "scenario/scenario.h"

#define LABEL_BYTES (128ull << 10)	/* the smallest label area that QEMU takes */

/* A kernel option, and the module that it makes where it is no part of the kernel itself. */
struct kernel_need {
	const char *config;	/* NULL: the end of a list */
	const char *module;	/* NULL: never a module */
};

struct device_kind_info {
	const char *driver;		/* QEMU's name */
	const char *addr_property;	/* where the guest-physical address goes */
	enum model_kind model;
	bool on_port;			/* a PCI device: it takes a root port */
	bool labels;			/* an area for namespace labels is added to the backend */
	bool pmem;			/* libnvdimm makes a region of it, no ACPI_DEVICE_OST answers */
	struct kernel_need needs[10];
};

const struct device_kind_info *device_kind(enum device_kind kind);

/* Of legacy persistent memory, which is no device of QEMU's; ends with a config of NULL. */
extern const struct kernel_need legacy_pmem_needs[];

/** kernel_needs_lack() - CONFIG name that the kernel says it has not; NULL: none is missing */
const char *kernel_needs_lack(const struct kernel_need *needs, const struct kernel *k);
/** device_kind_lacks() - the same of a kind of device */
const char *device_kind_lacks(enum device_kind kind, const struct kernel *k);

/** kernel_needs_load() - the modules that @needs are on this kernel, appended to @load, each once */
void kernel_needs_load(const struct kernel_need *needs, const struct kernel *k, struct strv *load);

#endif
