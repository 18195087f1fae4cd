/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * baseline: the machine before the first step, and the model that begins with it.  Level 5.
 */
#ifndef RIG_RUN_BASELINE_H
#define RIG_RUN_BASELINE_H

#include "run/run.h"

/** baseline_take() - look at the whole machine; what does not add up becomes findings of the boot */
int baseline_take(struct run *run, struct rig_err *err) RIG_CHECKED;
void baseline_forget(struct run *run);

#endif
