/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * region: the persistent memory of one device as a whole, from which libnvdimm makes namespaces by what their
 * labels and info blocks say.  Level 5.
 */
#ifndef RIG_REGION_H
#define RIG_REGION_H

#include "run/nd.h"
#include "run/run.h"

/** region_find() - that of @device in @v; RIG_USAGE when it has none */
int region_find(const struct run *run, const char *device, const struct nd_view *v, const json_t **ret,
		struct rig_err *err) RIG_CHECKED;

/**
 * region_drive() - take the driver off the region of the step's device, or give it back
 * Its namespaces go and come back with it; what they then are is judged.
 */
int region_drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err) RIG_CHECKED;

#endif
