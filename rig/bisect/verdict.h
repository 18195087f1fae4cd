/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict: what a run, or a kernel that could not be had, says of one step of a bisect.  Level 7, pure.
 *
 * Only the target is bad.  What failed otherwise, did not come up, lacks a feature or could not be
 * built says nothing about it: skip.  Trouble of rig or host is no word about the kernel at all.
 */
#ifndef RIG_BISECT_VERDICT_H
#define RIG_BISECT_VERDICT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "bisect/target.h"

enum verdict { VERDICT_GOOD, VERDICT_SKIP, VERDICT_TROUBLE, VERDICT_BAD };	/* in rising rank */

const char *verdict_name(enum verdict v);	/* "good" ... */
bool verdict_find(const char *name, enum verdict *ret);

/** verdict_exit_code() - for git bisect run: 0, 1, 125; 200 stops it */
int verdict_exit_code(enum verdict v);

/** verdict_worst() - of several scenarios on one kernel: bad as soon as one shows the target */
enum verdict verdict_worst(enum verdict a, enum verdict b);

/**
 * verdict_of_record() - of one run
 * @record: what result.json holds; NULL: the run could leave none, which is trouble
 * @reason: one line, caller frees
 */
enum verdict verdict_of_record(const json_t *record, const struct target *target, char **reason);

/**
 * verdict_of_error() - why there is no kernel to run: skip or trouble
 * Skip: it does not build (RIG_KERNEL), is served no more (RIG_MISSING), or is too old for a wanted
 * option (RIG_USAGE, -EOPNOTSUPP).
 */
enum verdict verdict_of_error(const struct rig_err *err);

/** verdict_error_may_pass() - is it worth another try?  The host's are: a compiler that was killed, a download that was
 *  cut off; but a full disk stays full, and whoever took all the time would take it again. */
bool verdict_error_may_pass(const struct rig_err *err);

#endif
