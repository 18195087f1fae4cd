/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_ktap: KTAP version 1 from records.  Level 4, pure: values in, text out.
 *
 * Knows result.json and nothing else, so that a record can be reported years later.  Values that
 * are missing or odd end in an ERROR line, never in a crash or in text that a parser trips over.
 */
#ifndef RIG_REPORT_KTAP_H
#define RIG_REPORT_KTAP_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

/** ktap_begin() - version line and plan; @nr_plan: results that will follow */
void ktap_begin(FILE *out, size_t nr_plan);

/**
 * ktap_result() - one result, its steps as nested tests in front of it
 * @number: counts from 1
 * @result: what result.json holds; borrowed.  Read are: scenario, kernel.release, outcome,
 *	fail_kind, skip_reason, known_bugs, error (text, or an object with "text"), steps[] (name,
 *	outcome), findings[] (invariant, kind, step, first_pfn, nr_pfns, expected, seen, why)
 * Write errors stay in @out, see ferror(3).
 */
void ktap_result(FILE *out, size_t number, const json_t *result);

#endif
