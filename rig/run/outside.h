/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outside: the second witness of a run, which reads the guest's RAM instead of asking the agent.
 * Level 5.
 *
 * It sees the machine while it stands still, so what it sees belongs together; it needs no help from
 * the guest, so it also speaks when the guest is dead.
 */
#ifndef RIG_RUN_OUTSIDE_H
#define RIG_RUN_OUTSIDE_H

#include "run/run.h"

/**
 * outside_open() - run->witness, or a note why there is none
 * Errors: RIG_HOST when QEMU's memory cannot be read, or the kernel in the file is not the one that
 * runs; those of QEMU's monitor.
 */
int outside_open(struct run *run, struct rig_err *err) RIG_CHECKED;
void outside_close(struct run *run);

/** outside_look() - s->outside: sections, nodes, and pages of the plugged devices or of the @whole
 *  machine, in one moment */
int outside_look(struct run *run, bool whole, uint64_t until_ns, struct snapshot *s,
		 struct rig_err *err) RIG_CHECKED;

/** outside_autopsy() - keep the whole map of a machine that failed, if it can still be read */
void outside_autopsy(struct run *run);

#endif
