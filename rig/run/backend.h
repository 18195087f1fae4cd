/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backend: host memory behind a plugged device, as an object of QEMU named mem-ID.  Level 5.
 */
#ifndef RIG_BACKEND_H
#define RIG_BACKEND_H

#include "run/run.h"

/** backend_bytes() - what the host must give: the device's size and, for some kinds, a label area */
uint64_t backend_bytes(const struct plug *p);
/** backend_add() - make it, filled with the pattern where one is given; the label area starts zeroed
 *  @ret: its memory, where it was filled; else untouched */
int backend_add(struct run *run, const struct plug *p, uint64_t until_ns, int *ret, struct rig_err *err) RIG_CHECKED;
/** backend_fill() - the pattern into its memory, all but the label area */
int backend_fill(const struct plug *p, int fd, struct rig_err *err) RIG_CHECKED;
/** backend_del() - @id: the device's */
int backend_del(struct run *run, const char *id, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

#endif
