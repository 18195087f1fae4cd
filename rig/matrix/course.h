/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * course: a shard of a matrix, run.  Level 7.
 *
 * In rounds: all cells, then once more those of which one run does not say enough, on a fresh template.  What a round
 * has to do follows from records alone, so that it can be ended at any moment, and begun again: runs that have left
 * a record are not done again.  Two of them do not run beside each other on the same folder of records.
 */
#ifndef RIG_MATRIX_COURSE_H
#define RIG_MATRIX_COURSE_H

#include <jansson.h>

#include "batch/batch.h"
#include "matrix/plan.h"

struct course_request {
	const struct matrix *matrix;
	const struct cells *cells;
	const struct plan *plan;
	unsigned int shard;		/* from 0 */
	const struct batch_how *how;
	const char *how_digest;		/* of all in it that outcomes depend on */
	const char *rig_digest;		/* of what runs them */
	bool again;			/* whatever was run before */
	struct progress *progress;
};

struct matrix_course;

/** course_create() - wait for what a killed one left, and look at what is done
 *  Errors: RIG_HOST: another one is running, or the folder cannot be used; RIG_INTERRUPTED. */
int course_create(const struct course_request *request, struct matrix_course **ret, struct rig_err *err) RIG_CHECKED;
void course_destroy(struct matrix_course *c);	/* NULL allowed */

/** course_run() - what is left to do
 *  Errors: as batch_run(); RIG_INTERRUPTED.  What has ended by then is kept. */
int course_run(struct matrix_course *c, struct rig_err *err) RIG_CHECKED;

/** course_record() - the merged record of all that has ended.  New reference */
json_t *course_record(const struct matrix_course *c);

#endif
