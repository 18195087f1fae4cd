/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmem: persistent memory from the moment the machine has it until the guest's kernel has made a
 * region of it.  Level 5.
 */
#ifndef RIG_PMEM_H
#define RIG_PMEM_H

#include "run/run.h"

/** pmem_plugged() - wait for the region of what a plug step added, hold it against what was asked for,
 *  tell the model */
int pmem_plugged(struct run *run, const struct active_step *a, const struct host_device *host,
		 struct rig_err *err) RIG_CHECKED;

/** pmem_at_boot() - tell the model of the legacy ranges that are there from boot on */
int pmem_at_boot(struct run *run, struct rig_err *err) RIG_CHECKED;

#endif
