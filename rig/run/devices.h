/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices: what the steps of all kinds of devices share: QEMU's word on one of them, and memory blocks
 * that come and go with it.  Level 5.
 */
#ifndef RIG_DEVICES_H
#define RIG_DEVICES_H

#include "run/run.h"

/** device_query() - what QEMU says of one device */
int device_query(struct run *run, const char *id, uint64_t until_ns, struct host_device *ret,
		 struct rig_err *err) RIG_CHECKED;

/** device_block_added() - the model has a new block: its uevents, and what the online policy did to it */
void device_block_added(struct run *run, uint32_t block);
/** device_block_removed() - a block is about to leave the model: its uevents */
void device_block_removed(struct run *run, const struct model_block *b);

#endif
