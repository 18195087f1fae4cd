/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blame: whose fault is it that a run could not go on?  Level 5.
 *
 * Only what the kernel under test did may become a finding; whatever is ours, QEMU's or the host's
 * stays an error.
 */
#ifndef RIG_RUN_BLAME_H
#define RIG_RUN_BLAME_H

#include "run/run.h"

/** blame_error() - judge @err; it becomes a finding (and its cause RIG_KERNEL), or stays with its cause */
void blame_error(struct run *run, struct rig_err *err);

/**
 * blame_host_for_reports() - a kernel that lost time by the host's fault complains of what takes too long, too
 * Returns whether that is all that was found: then @err says so, and no finding counts.
 */
bool blame_host_for_reports(struct run *run, struct rig_err *err);

#endif
