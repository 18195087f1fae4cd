/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warm: guests from templates, and templates from guests.  Level 5, part of start.
 */
#ifndef RIG_RUN_WARM_H
#define RIG_RUN_WARM_H

#include "run/run.h"

/**
 * warm_start() - a machine from the template of run->plan, which is made when there is none
 * 0: it runs, or what is wrong with it stands in run->findings.
 * -ENOENT: there is no template and will be none (the reason is noted): boot.
 * Other errors are those of the boot for the template, or RIG_INTERRUPTED.
 */
int warm_start(struct run *run, struct rig_err *err) RIG_CHECKED;

#endif
