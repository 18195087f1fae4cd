/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * durations: how long cells took when they ran last, out of a merged record.  Level 7, pure but for reading.
 */
#ifndef RIG_MATRIX_DURATIONS_H
#define RIG_MATRIX_DURATIONS_H

#include <jansson.h>
#include <stdint.h>

#include "matrix/cell.h"

struct durations;

/** durations_make() - out of what a merged record holds, see merged.h */
struct durations *durations_make(const json_t *merged);
void durations_destroy(struct durations *d);	/* NULL allowed */

/** durations_ms() - of one run of the cell: its own, else the median of its scenario, else that of all */
uint64_t durations_ms(const struct durations *d, const struct cell *cell);

#endif
