// SPDX-License-Identifier: GPL-2.0-or-later
/* How resources are marked. */
#include "base/clean.h"
#include "page/resource_tree.h"
#include "wrong_details.h"

/* The first of System RAM behind 4 GiB that is, or is not, busy. */
static struct resource *ram(struct snapshot *w, bool busy)
{
	size_t i = 0;

	while (w->resource[i].start < 1ull << 32 || !(w->resource[i].flags & RESOURCE_SYSRAM) ||
	       busy != !!(w->resource[i].flags & RESOURCE_BUSY))
		i++;
	return &w->resource[i];
}

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}

SPOIL(managed_by_nobody, ram(w, true)->flags |= RESOURCE_DRIVER_MANAGED)
SPOIL(not_busy, ram(w, true)->flags &= ~RESOURCE_BUSY)
SPOIL(not_managed, ram(w, true)->flags &= ~RESOURCE_DRIVER_MANAGED)
SPOIL(not_mergeable, ram(w, true)->flags &= ~RESOURCE_MERGEABLE)
SPOIL(mergeable, ram(w, true)->flags |= RESOURCE_MERGEABLE)
SPOIL(described, ram(w, true)->desc = 4)
SPOIL(not_described, ram(w, true)->desc = 0)
SPOIL(container_managed, ram(w, false)->flags |= RESOURCE_DRIVER_MANAGED)
SPOIL(boot_not_busy, w->resource[0].flags &= ~RESOURCE_BUSY)
SPOIL(boot_described, w->resource[1].desc = 7)

#define ROW(what, state, spoil, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_COMPARE, 0, { 0 }, spoil, "iomem.flags", 0, 0, expected, seen \
	}

const struct wrong_detail wrong_resources[] = {
	ROW("DIMM with a driver", ADDED, managed_by_nobody, "0x100000000-0x10fffffff: flags 0x81000200, descriptor 0",
	    "flags 0x83000200"),
	ROW("DIMM that is not busy", ONLINE, not_busy, NULL, "flags 0x1000200"),
	ROW("DIMM of another kind", TWO, described, NULL, "flags 0x81000200, descriptor 4"),
	ROW("virtio-mem without driver", VMEM_FULL, not_managed, "0x140000000-0x14fffffff: flags 0x87000200, descriptor 0",
	    "flags 0x85000200"),
	ROW("virtio-mem that cannot be merged", VMEM_FULL, not_mergeable, NULL, "flags 0x83000200"),
	ROW("virtio-mem that is not busy", VMEM_FULL, not_busy, "0x140000000-0x14fffffff: flags 0x1000200, descriptor 0",
	    "flags 0x7000200"),
	ROW("kmem that can be merged", KMEM, mergeable, NULL, "flags 0x87000200, descriptor 4"),
	ROW("kmem of another kind than its device", KMEM, not_described, NULL, "flags 0x83000200, descriptor 0"),
	ROW("the device of kmem", KMEM, container_managed, NULL, "flags 0x3000200, descriptor 4"),
	ROW("boot RAM", ONLINE, boot_not_busy, "0x1000-0xfffff: flags 0x81000200, descriptor 0", "flags 0x1000200"),
	ROW("boot RAM of another kind", UNPLUGGED, boot_described, NULL, "descriptor 7"),
};

const size_t nr_wrong_resources = ARRAY_SIZE(wrong_resources);
