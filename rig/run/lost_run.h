/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost_run: the record of a run that could leave none itself.  Level 5.
 *
 * Its process ended before, which is a fault of the rig or the host and must be as visible as any other: an
 * ERROR with what is known without the process, which is what was to be run and how it ended.  Or it
 * cannot begin here at all: a SKIP.
 */
#ifndef RIG_LOST_RUN_H
#define RIG_LOST_RUN_H

#include "run/runner.h"

/** lost_run_record() - @why: how it ended, or RIG_MISSING: what it lacks.  Fails as runner_run() does. */
int lost_run_record(const struct run_request *request, const struct rig_err *why, struct run_result *ret,
		    struct rig_err *err) RIG_CHECKED;

#endif
