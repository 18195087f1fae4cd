/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_junit: JUnit XML from results.  Level 4, pure: values in, text out.
 *
 * In the form that Jenkins, GitLab and Ant agree on: a suite for each kernel and variant, a case for each run.
 * Suites and cases are named alike from release to release, so that a CI can tell what is new.
 */
#ifndef RIG_REPORT_JUNIT_H
#define RIG_REPORT_JUNIT_H

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"

/**
 * junit_print() - the whole document
 * @results: array of what result.json holds, see fields.h; borrowed
 * Write errors stay in @out, see ferror(3).  Errors: RIG_HOST: no memory.
 */
int junit_print(FILE *out, const json_t *results, struct rig_err *err) RIG_CHECKED;

#endif
