/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * coverage: what the rig knows of each file and field that speaks of memory.  Level 3, a table.
 *
 * Each is predicted by an invariant, or returns to its baseline once everything that was plugged is
 * gone, or is excluded for a reason.  What no line names is news of a kernel: worth a note, never a
 * fault of that kernel.
 */
#ifndef RIG_COVERAGE_H
#define RIG_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

enum coverage_kind { COVER_PREDICTED, COVER_BASELINE, COVER_EXCLUDED, COVER_NR_KINDS };

struct coverage {
	const char *file;	/* patterns as of glob(7), by blanks; "zone" for what is read raw */
	const char *names;	/* the same for counters in it, or for what is behind their last slash; "" for
				 * a file that is one */
	enum coverage_kind kind;
	const char *why;	/* PREDICTED: invariants, by blanks; else the reason */
};

/** coverage_at() - line @i of the table; NULL behind the last */
const struct coverage *coverage_at(size_t i);
/** coverage_fits() - whether one of the patterns of @list, which blanks divide, fits; @flags as fnmatch() takes them.  An
 *  empty list fits the empty text */
bool coverage_fits(const char *list, const char *text, int flags);
/** coverage_find() - the first line that names this counter; NULL: nobody knows it */
const struct coverage *coverage_find(const char *file, const char *name);
const char *coverage_kind_name(enum coverage_kind kind);

#endif
