/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result: what came of one cell: its runs, and what they amount to.  Level 7, pure.
 *
 * Made from the records that the runs left, so that it does not matter who ran them and when.
 */
#ifndef RIG_MATRIX_RESULT_H
#define RIG_MATRIX_RESULT_H

#include <jansson.h>
#include <stdbool.h>

#include "matrix/cell.h"
#include "model/outcome.h"

/** result_run() - a run, as the merged record has it, out of its own record
 *  @folder: of that, below the results; NULL: it has none.  New reference */
json_t *result_run(const json_t *record, const char *folder);

/**
 * result_wants() - is run @number, from 0, still to be done, after those in @runs?
 * The first always is.  A failure is tried again so that history can tell a flake from a bug, and an ERROR, which
 * says nothing of the kernel, until there is something better; up to @repeat times.
 */
bool result_wants(const json_t *runs, unsigned int number, unsigned int repeat);

/** result_outcome() - the worst of @runs, an array that is not empty; an ERROR counts when there is nothing else
 *  @ret_which: the first run that ended so; may be NULL */
enum outcome result_outcome(const json_t *runs, const json_t **ret_which);

/** result_cell() - a cell, as the merged record has it
 *  @trouble: why nothing could run; NULL.  New reference */
json_t *result_cell(const struct cell *cell, json_t *runs, const char *trouble);

#endif
