/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * last_runs: what each scenario last ended in on each kernel, out of a folder of records.  Level 4.
 *
 * The names of the folders tell what they hold, see record_commit(): records of other scenarios, and
 * older ones of what is known by then, are not opened.  A record that cannot be read or that makes
 * no sense is passed over with a word, and the next older one counts.
 */
#ifndef RIG_LAST_RUNS_H
#define RIG_LAST_RUNS_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct last_run {
	char *scenario, *release;
	char *outcome;		/* "PASS" */
	char *kind;		/* of a FAIL: "invariant"; else NULL */
	char *date;		/* as the record says: "2026-11-21T03:40:49Z" */
	char *folder;		/* of the record, below the results */
};

struct last_runs {
	struct last_run *run;	/* by scenario, then by release as versions go */
	size_t nr, cap;
	struct strv passed_over;	/* one line for each record that could not be used */
};

/**
 * last_runs_read() - the newest record of each of @scenarios (NULL-terminated names) on each kernel
 * @results: folder; one that is not there has no records
 * Errors: RIG_HOST when the folder itself cannot be read.  The caller deinits @ret, also on failure.
 */
int last_runs_read(const char *results, char *const *scenarios, struct last_runs *ret,
		   struct rig_err *err) RIG_CHECKED;
void last_runs_deinit(struct last_runs *l);

#endif
