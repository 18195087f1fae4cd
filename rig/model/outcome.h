/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome: what a scenario on a kernel ended in, and what each format calls it.  Level 1, pure.
 *
 * One table; exit codes, bisect steps, KTAP, JUnit and KCIDB all come from it.
 */
#ifndef RIG_OUTCOME_H
#define RIG_OUTCOME_H

#include <stdbool.h>

enum outcome {			/* in rising rank: the worst of several wins */
	OUTCOME_PASS,
	OUTCOME_XFAIL,
	OUTCOME_SKIP,
	OUTCOME_XPASS,
	OUTCOME_ERROR,
	OUTCOME_FAIL,
};

enum fail_kind { FAIL_NONE, FAIL_INVARIANT, FAIL_SPLAT, FAIL_CRASH, FAIL_HANG, FAIL_BOOT };

const char *outcome_name(enum outcome o);	/* "PASS" ... */
const char *fail_kind_name(enum fail_kind k);	/* "invariant" ...; "" for FAIL_NONE */
/** outcome_find(), fail_kind_find() - by name; false: there is none, @ret is untouched */
bool outcome_find(const char *name, enum outcome *ret);
bool fail_kind_find(const char *name, enum fail_kind *ret);
enum outcome outcome_worst(enum outcome a, enum outcome b);

/** outcome_exit_code() - 0, 1, 3; SKIP gives 0: see outcome_run_exit_code() */
int outcome_exit_code(enum outcome o);

/** outcome_run_exit_code() - of @n outcomes: the worst; 77 when all were SKIP; 2 when n is 0 */
int outcome_run_exit_code(const enum outcome *o, unsigned int n);

#endif
