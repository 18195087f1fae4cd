/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_kcidb: results as kernelci's KCIDB takes them, I/O schema 5.3.  Level 4, pure.
 *
 * A kernel image is a checkout and a build of it, a run a test on that, a known bug an issue and its showing
 * an incident.  Ids follow from what they name, so that the same results submitted twice are the same objects.
 */
#ifndef RIG_REPORT_KCIDB_H
#define RIG_REPORT_KCIDB_H

#include <jansson.h>

#include "base/err.h"

#define KCIDB_ORIGIN "hotrig"

/** kcidb_check_origin() - the name of a CI system: small letters, digits and '_'; RIG_USAGE when it is none */
int kcidb_check_origin(const char *origin, struct rig_err *err) RIG_CHECKED;

/**
 * kcidb_report() - the whole report
 * @results: array of what result.json holds, see fields.h; borrowed
 * @origin: checked
 * New reference.
 */
json_t *kcidb_report(const json_t *results, const char *origin);

#endif
