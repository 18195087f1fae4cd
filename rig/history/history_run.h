/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history_run: one run as the index knows it.  Level 5, pure.
 *
 * A run is made from the result.json of a record or from a run in a merged record of a matrix, and
 * checked: whatever is in one has the shape that is said here.  Texts are never NULL; "" is unknown.
 */
#ifndef RIG_HISTORY_RUN_H
#define RIG_HISTORY_RUN_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "model/outcome.h"

struct history_run {
	char *folder;		/* of the record, without what is above it */
	char *date;		/* when it ended: "2026-11-21T03:40:49Z" */
	char *cell;
	char *scenario, *variant;
	char *spec, *release;	/* of the kernel */
	char *image_sha256;
	char *accel, *qemu;	/* under what it ran */
	char *matrix;		/* digest of the matrix that it was a part of */
	char *sign;		/* in short, by what it is known again: of a FAIL or XFAIL the invariant of the worst
				 * finding, of a splat with its title; of an ERROR the cause and text; of a
				 * SKIP what was missing */
	char *bugs;		/* known bugs that it shows, or with XPASS should have */
	enum outcome outcome;
	enum fail_kind kind;
	uint64_t ms;		/* how long it took; 0: not known */
};

/**
 * history_run_of_record() - out of a result.json
 * @folder: of the record; what is above it is cut off
 * Errors: RIG_HOST -EINVAL: what makes no sense in it.
 */
int history_run_of_record(const char *folder, const json_t *result, struct history_run *ret, struct rig_err *err)
	RIG_CHECKED;

/**
 * history_run_of_cell() - out of a merged record of a matrix: element @run of "runs" of @cell
 * Read are, of the cell: cell, kernel, variant, scenario; of the run: folder, outcome, and if they are there
 * date, fail_kind, release, image_sha256, accel, qemu, seconds, finding, error, skip_reason, known_bugs.
 * @matrix: digest; @date: of a run without one, whose folder does not tell, either
 */
int history_run_of_cell(const json_t *cell, const json_t *run, const char *matrix, const char *date,
			struct history_run *ret, struct rig_err *err) RIG_CHECKED;

/** history_run_check() - of what came from elsewhere */
int history_run_check(const struct history_run *run, struct rig_err *err) RIG_CHECKED;
void history_run_deinit(struct history_run *run);

#endif
