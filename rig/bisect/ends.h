/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ends: the two that a person says are good and bad are tried before anything else.  Level 7.
 */
#ifndef RIG_BISECT_ENDS_H
#define RIG_BISECT_ENDS_H

#include "bisect/exam.h"

/**
 * ends_check() - bad must be bad, and what it shows becomes the target unless that is known; good must be good
 * @good, @bad: candidates
 * Errors: RIG_USAGE: one is not what it is said to be, with what it did instead; as exam_take().
 */
int ends_check(struct exam *e, const char *good, const char *bad, struct rig_err *err) RIG_CHECKED;

#endif
