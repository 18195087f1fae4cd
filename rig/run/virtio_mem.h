/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio_mem: virtio-mem devices and the driver in the guest that follows their requested size.  Level 5.
 *
 * The driver is at rest when no kernel worker of the guest has work: it does all of its own on a
 * workqueue, queued before whatever causes it returns, be it the interrupt that tells of a new size or a
 * memory block that is onlined.  What it has not reached then it tries again 50 s later, in time every
 * 5 min; or at once when it is told a size, even the same one.
 *
 * So nothing moves between two such points, and the model knows the devices as they were at the last one:
 * every step ends with virtio_mem_settle(), and so begins every look.  A look in which a device is not as
 * the model was told (its timer ran out meanwhile) is taken again.
 */
#ifndef RIG_VIRTIO_MEM_H
#define RIG_VIRTIO_MEM_H

#include "run/run.h"

/** virtio_mem_plugged() - QEMU has the device: waits for its driver, tells the model, judges how far it came */
int virtio_mem_plugged(struct run *run, struct active_step *a, const struct host_device *h,
		       struct rig_err *err) RIG_CHECKED;

/** virtio_mem_drive() - take the driver off a device that has no memory, or give it back; a finding when the
 *  kernel refuses.  RIG_USAGE: there is memory of it */
int virtio_mem_drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err) RIG_CHECKED;

/** virtio_mem_settle() - wait until the drivers are at rest, and tell the model where they came to
 *  What differs from the last time is new: the uevents of its blocks are wanted.  Nothing to do without
 *  such a device.  RIG_TIMEOUT names the worker that does not end. */
int virtio_mem_settle(struct run *run, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** virtio_mem_as_told() - in @s each of them is as the model was told */
bool virtio_mem_as_told(const struct run *run, const struct snapshot *s);

/**
 * virtio_mem_follow() - wait until the driver knows the size that is requested now, and is at rest
 * Judges how far it came, unless a later step has requested another size since.
 * @target_bytes: what the step requested
 */
int virtio_mem_follow(struct run *run, struct active_step *a, const char *id, uint64_t target_bytes,
		      struct rig_err *err) RIG_CHECKED;

/** virtio_mem_await() - wait until the driver has come by itself to the size that was requested last
 *  A finding if it has not when the step's deadline passes. */
int virtio_mem_await(struct run *run, struct active_step *a, const char *id, struct rig_err *err) RIG_CHECKED;

#endif
