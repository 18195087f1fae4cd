/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resource: what /proc/iomem and /sys/firmware/memmap must list.  Level 3, for rig/model only.
 */
#ifndef RIG_RESOURCE_H
#define RIG_RESOURCE_H

#include "model/model.h"

struct range_list {
	struct range_entry *v;		/* names: '#' stands for a number */
	size_t n, cap;
};

/**
 * model_resources() - entries for devices and namespaces, beside those of boot
 * @must: in /proc/iomem; @gone: entries of boot that count no more, as what they belong to is in @must or
 * has changed; @ram: in the firmware's map.  The caller frees each list's v.
 */
void model_resources(const struct model *m, struct range_list *must, struct range_list *gone,
		     struct range_list *ram);

#endif
