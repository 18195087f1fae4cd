/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_input: what is reported: results, out of records or out of the merged record of a matrix.  Level 4.
 *
 * A merged record has less of each run than the run's own record, which is read instead where it lies beside.
 * What never ran is a result, too, an ERROR with the reason: nothing is lost from a report silently.
 */
#ifndef RIG_REPORT_INPUT_H
#define RIG_REPORT_INPUT_H

#include <jansson.h>

#include "base/err.h"

/**
 * report_input_add() - append the results of @path to array @results
 * @path: folder of a record, a result.json, or the merged record of a matrix
 * Errors: RIG_USAGE: it cannot be read, or is none of these.
 */
int report_input_add(const char *path, json_t *results, struct rig_err *err) RIG_CHECKED;

#endif
