/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix_text: a matrix, its plan and its record, printed.  Level 8.
 */
#ifndef RIG_CMD_MATRIX_TEXT_H
#define RIG_CMD_MATRIX_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "matrix/plan.h"

/** matrix_text_list() - the cells of shard @shard, from 0, and what is left out */
void matrix_text_list(FILE *out, const struct cells *cells, const struct plan *plan, unsigned int shard, bool json);

/** matrix_text_record() - what a person should look at: a line for each cell that is not as it should be */
void matrix_text_record(FILE *out, const json_t *merged);

#endif
