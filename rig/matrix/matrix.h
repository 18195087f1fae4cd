/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix: a file that says which scenarios run on which kernels in which variants.  Level 7, pure.
 *
 * JSON, read as strictly as a scenario, see hotrig-matrix(5).  Whatever refers to a name of the file
 * is resolved here; which scenarios the patterns of a set mean is known to cell.h.  The tree of the
 * document is kept: mistakes that show only later are told with file, line and pointer, too.
 */
#ifndef RIG_MATRIX_H
#define RIG_MATRIX_H

#include "run/runner.h"
#include "scenario/scenario_doc.h"
#include "vm/vm.h"

#define MATRIX_MAX_REPEAT 20

struct matrix_kernel {
	const struct doc_node *node;
	char *name;
	char *spec;		/* as kernel_resolve() takes it; NULL: built from source */
	char *source;		/* folder, or "debian-source:6.12"; NULL: spec */
	char **config;		/* fragments, NULL-terminated; NULL: none */
	char *apply;		/* patches; NULL: none */
};

struct matrix_variant {
	const struct doc_node *node;
	char *name;
	char *machine;		/* in the place of "small"; NULL: as the scenario says */
	char **kernel_args;	/* NULL-terminated; NULL: none */
	char **config;		/* more fragments for a kernel from source; NULL-terminated; NULL: none */
	enum accel accel;	/* ACCEL_AUTO: as for all */
	struct run_variant run;	/* the same for the runner; borrows */
};

struct matrix_set {
	const struct doc_node *node;
	char *name;
	char **scenarios;	/* names, patterns, "core"; NULL-terminated */
};

/* Places in the arrays of the matrix. */
struct matrix_pick {
	size_t *index;
	size_t nr;
};

struct matrix_row {		/* kernels x variants x sets */
	const struct doc_node *node;
	struct matrix_pick kernels, variants, sets;
};

struct matrix_exclude {
	const struct doc_node *node;
	struct matrix_pick kernels, variants;	/* none: all */
	char **scenarios;	/* names or patterns; NULL: all */
	char *reason;
};

struct matrix {
	struct doc *doc;
	char digest[65];	/* SHA-256 of the file, hex */
	char *summary;
	unsigned int repeat;	/* how often more a cell runs that failed */
	struct matrix_kernel *kernel;
	struct matrix_variant *variant;
	struct matrix_set *set;
	struct matrix_row *row;
	struct matrix_exclude *exclude;
	size_t nr_kernels, nr_variants, nr_sets, nr_rows, nr_excludes;
};

/**
 * matrix_parse() - read and check one
 * @path: stands in messages
 * Errors: RIG_USAGE, "PATH:LINE: POINTER: what is wrong".
 */
int matrix_parse(const char *path, const char *text, size_t len, struct matrix **ret,
		 struct rig_err *err) RIG_CHECKED;
/** matrix_load() - the same of a file */
int matrix_load(const char *path, struct matrix **ret, struct rig_err *err) RIG_CHECKED;
void matrix_destroy(struct matrix *m);	/* NULL allowed */

#endif
