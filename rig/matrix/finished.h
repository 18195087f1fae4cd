/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finished: runs of a matrix that left a record before, so that they need not run again.  Level 7.
 *
 * A record says of which matrix, cell and run it is, and how and by which rig it was run.  It counts when
 * that, the scenario and the kernel are still the same, and when it was not cut short: the runs of a killed
 * rig say that they were interrupted.  The newest one counts.
 */
#ifndef RIG_MATRIX_FINISHED_H
#define RIG_MATRIX_FINISHED_H

#include <jansson.h>

#include "matrix/cell.h"

struct finished;

/* What is the same for all runs */
struct finished_of {
	const char *matrix;	/* digest */
	const char *how;	/* digest of what else their outcome depends on: options, bugs that are expected */
	const char *rig;	/* its digest: another one may judge in another way */
};

/** finished_find() - the runs in folder @results, which need not be there
 *  A record that cannot be read is passed over: then the run is done again.  Errors: RIG_HOST: the folder. */
int finished_find(const char *results, const struct finished_of *of, struct finished **ret, struct rig_err *err)
	RIG_CHECKED;
void finished_destroy(struct finished *f);	/* NULL allowed */

/** finished_run() - as result_run() made it, borrowed; NULL: it must be done
 *  @image: digest of the kernel's image; NULL: the kernel cannot be had now, any will do */
json_t *finished_run(const struct finished *f, const struct cell *cell, unsigned int run, const char *image);

/** finished_part_of() - what the record of such a run is to say.  @shard: "1/4".  New reference */
json_t *finished_part_of(const struct finished_of *of, const struct cell *cell, unsigned int run, const char *shard);

#endif
