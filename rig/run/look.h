/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look: take a snapshot of the machine's memory, keep it, and compare it.  Level 4.
 */
#ifndef RIG_RUN_LOOK_H
#define RIG_RUN_LOOK_H

#include "run/run.h"

/** look_take() - everything once; pages of the plugged devices, or of the @whole machine */
int look_take(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err) RIG_CHECKED;
/** look_keep() - into the record, as state-<number>-<when> */
void look_keep(struct run *run, size_t number, const char *when, const struct snapshot *s);
/** look_compare() - take, keep and compare after step @number */
int look_compare(struct run *run, size_t number, struct rig_err *err) RIG_CHECKED;

#endif
