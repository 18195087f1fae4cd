/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: results of a batch as they come, told in the order of their numbers.  Level 8.
 *
 * A result is printed as soon as all before it have been, and waits in memory until then.  Runs
 * count from 0 here, from 1 in what is printed.
 */
#ifndef RIG_REPORT_H
#define RIG_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/outcome.h"

struct report {
	FILE *out;
	bool json;		/* a record per line; else KTAP */
	size_t nr_runs, next;	/* next: all before it are printed */
	bool *ended;
	json_t **record;	/* those that wait */
	enum outcome *outcome;	/* of those that left a record */
	size_t nr_outcomes;
};

void report_init(struct report *r, FILE *out, bool json, size_t nr_runs);
void report_deinit(struct report *r);

/** report_plan() - what KTAP says first */
void report_plan(struct report *r);

/** report_take() - @run has ended; takes @record, NULL when none could be made.  Write errors stay in
 *  the stream, see ferror(3). */
void report_take(struct report *r, size_t run, enum outcome outcome, json_t *record);

/** report_count() - "3 runs: 2 PASS 1 FAIL"; caller frees */
char *report_count(const struct report *r);

/** report_exit_code() - see outcome_run_exit_code() */
int report_exit_code(const struct report *r);

#endif
