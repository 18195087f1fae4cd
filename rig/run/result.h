/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result: what result.json holds of a run, and its outcome.  Level 5.
 */
#ifndef RIG_RUN_RESULT_H
#define RIG_RUN_RESULT_H

#include "run/run.h"
#include "run/runner.h"

/** result_settle() - outcome and kind; @why: the error that ended the run, NULL when none did */
void result_settle(const struct run *run, const struct rig_err *why, struct run_result *result);
/** result_json() - new reference */
json_t *result_json(const struct run *run, const struct run_result *result, const struct rig_err *why);

#endif
