/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cell: one scenario on one kernel in one variant.  Level 7, pure.
 *
 * Out of a matrix and the scenarios there are come its cells, and those that are left out with the
 * reason: an exclude of the file, or a variant whose machine cannot stand in for the one that a scenario
 * asks for itself.  Both in the order of the file, kernel by kernel and variant by variant.
 */
#ifndef RIG_MATRIX_CELL_H
#define RIG_MATRIX_CELL_H

#include "matrix/matrix.h"
#include "matrix/repertoire.h"

#define CELL_PLAIN_MACHINE "small"	/* a variant's machine may stand in for this one */

struct cell {
	char *name;		/* "KERNEL/VARIANT/SCENARIO" */
	char *group;		/* the same for all that start from one template; never shown */
	const struct matrix_kernel *kernel;
	const struct matrix_variant *variant;
	const struct scenario *scenario;
	const char *digest;	/* of the scenario; the repertoire's */
};

struct cell_excluded {
	char *name;
	const char *reason;	/* the matrix's */
	char *machine;		/* instead of a reason: what the scenario asks for itself */
};

struct cells {
	struct cell *cell;
	size_t nr, cap;
	struct cell_excluded *excluded;
	size_t nr_excluded, cap_excluded;
};

/**
 * cells_find() - all cells of @m; borrows from both
 * Errors: RIG_USAGE, with file, line and pointer: a pattern that matches no scenario, an exclude that
 * excludes nothing, a row of which no cell is left.
 */
int cells_find(const struct matrix *m, const struct repertoire *all, struct cells *ret, struct rig_err *err) RIG_CHECKED;
void cells_deinit(struct cells *c);

/** cell_excluded_reason() - in words; caller frees */
char *cell_excluded_reason(const struct cell_excluded *e);

#endif
