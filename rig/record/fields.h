/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields: what reports and bisects read out of a result, the value of a result.json.  Level 4, pure.
 *
 * Nothing is taken for granted: a key that is missing or of another type reads as "", 0 or false.
 * Beside what a run writes, a result may say which folder it is from ("folder") and what has become of its
 * cell ("class" and "class_why"), see report_input.h.
 */
#ifndef RIG_RECORD_FIELDS_H
#define RIG_RECORD_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "model/outcome.h"

const char *fields_text(const json_t *object, const char *key);
/** fields_or_null(), fields_or_unknown() - the same with NULL, or "?" to be printed, where there is none */
const char *fields_or_null(const json_t *object, const char *key);
const char *fields_or_unknown(const json_t *object, const char *key);

/** fields_outcome() - ERROR when it has none */
enum outcome fields_outcome(const json_t *result);
enum fail_kind fields_kind(const json_t *result);
/** fields_error() - what went wrong, or that it has no outcome */
const char *fields_error(const json_t *result);
/** fields_bugs() - known bugs that it shows or should, ", " between them; caller frees; "" when there are none */
char *fields_bugs(const json_t *result);
/** fields_worst_finding() - the first of the kind that it failed by; NULL: it has none */
const json_t *fields_worst_finding(const json_t *result);
/** fields_splat_title() - of the splat that made it a FAIL; else what went wrong */
const char *fields_splat_title(const json_t *result);
/** fields_began() - a step was begun, so that the scenario was more than a plan */
bool fields_began(const json_t *result);
double fields_seconds(const json_t *result);

/** fields_kernel() - kernel and variant, as "debian:6.12/two-nodes"; caller frees */
char *fields_kernel(const json_t *result);

#endif
