/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: a machine that is ready for the first step, booted or from a template.  Level 5.
 */
#ifndef RIG_RUN_START_H
#define RIG_RUN_START_H

#include "run/run.h"

/**
 * start_machine() - run->plan becomes run->vm with agent, baseline and model
 * What is wrong with the machine already is in run->findings.  A template that cannot be had is no
 * error: the machine boots, and the record says why.
 */
int start_machine(struct run *run, struct rig_err *err) RIG_CHECKED;
/** start_boot() - boot @config, up to and with the baseline */
int start_boot(struct run *run, const struct vm_config *config, struct rig_err *err) RIG_CHECKED;
/** start_undo() - end the machine and forget what was learned of it */
void start_undo(struct run *run);

#endif
