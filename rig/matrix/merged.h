/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merged: the record of a matrix, of one shard or of all.  Level 7, pure but for reading and writing.
 *
 * JSON, described by results/matrix.schema.json and hotrig-matrix(5).  Whatever order things ended in, and on however
 * many machines, cells stand in the order of their names.
 */
#ifndef RIG_MATRIX_MERGED_H
#define RIG_MATRIX_MERGED_H

#include <jansson.h>
#include <stdbool.h>

#include "matrix/plan.h"

#define MERGED_FORMAT 1

/**
 * merged_make() - of shard @shard, from 0, of a plan
 * @how: SHA-256 of the options that outcomes depend on
 * @result: array of what result_cell() gave; cells of the shard that are not in it are missing.  Borrowed
 * New reference.
 */
json_t *merged_make(const struct matrix *m, const struct cells *cells, const struct plan *plan, unsigned int shard,
		    const char *how, const json_t *result);

/** merged_load() - read a file and check that it is such a record; RIG_USAGE when it is not.  New reference */
int merged_load(const char *path, json_t **ret, struct rig_err *err) RIG_CHECKED;
/** merged_save() - whole or not at all */
int merged_save(const json_t *merged, const char *path, struct rig_err *err) RIG_CHECKED;

struct merged_part {
	const char *path;	/* stands in messages */
	json_t *record;
};

/**
 * merged_join() - shards of one plan become one record
 * @partial: go without those that are missing, and name their cells as missing
 * Errors: RIG_USAGE: they are not of one plan, one is no shard, or one is given twice and says different things;
 * RIG_HOST: something is missing, and not @partial.  @ret: new reference
 */
int merged_join(const struct merged_part *part, size_t nr, bool partial, json_t **ret, struct rig_err *err) RIG_CHECKED;

/** merged_exit_code() - as outcomes say: the worst, what is missing counts as ERROR */
int merged_exit_code(const json_t *merged);
/** merged_count() - "12 cells: 11 PASS 1 FAIL, 3 excluded, 2 missing"; caller frees */
char *merged_count(const json_t *merged);

#endif
