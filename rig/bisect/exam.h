/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exam: one candidate after the other is had, tried and written down; or it was before.  Level 7.
 *
 * What packages and git have in common: a candidate is a name, and the driver knows how to make a
 * kernel of it.  Its line in the journal:
 *	"tested"	name
 *	"verdict"	"good", "bad" or "skip"
 *	"reason"	one line
 *	"kernel"	how to name it for 'hotrig run'; not when there is none
 *	"release", "image_sha256", "build_id"
 *	"runs", "failures", "boots", "failed_boots", "doubt"
 *	"records"	folders below the results
 *	"finding"	as in the record, or not there
 *	"target"	target_json(), in the line of the bad end that showed it
 *	"same_as"	name of one with the same image, whose verdict it got
 *	"seconds"	{"make": of the compiler, "guest": of machines from power-on to the end, "own": all else}
 * What the journal has is never tried again.
 */
#ifndef RIG_BISECT_EXAM_H
#define RIG_BISECT_EXAM_H

#include <stdint.h>

#include "bisect/journal.h"
#include "bisect/trial.h"
#include "kernel/kernel.h"

/* Where kernels come from. */
struct exam_source {
	/**
	 * the kernel of candidate @name, to be destroyed by the exam
	 * Errors that are a skip: see verdict_of_error(); all others stop the bisect, the host's after TRIAL_RETRIES.
	 */
	int (*kernel)(void *arg, const char *name, struct kernel **ret, struct rig_err *err);
	/* of the last one: how long the compiler, or whoever made it for us, took; NULL: nobody did */
	const uint64_t *make_ns;
	void *arg;
};

struct exam {
	struct journal *journal;
	struct trial trial;		/* its target, odds and measure are the exam's */
	struct exam_source source;
	/* trial_run(), where a test has nothing else to say */
	int (*try)(struct trial *trial, const struct kernel *kernel, const json_t *part_of,
		   struct trial_result *ret, struct rig_err *err);
	struct target target;
	struct odds odds;
	bool flaky;
	/* a line has been written, or found; may be NULL */
	void (*on_line)(void *arg, const json_t *line, bool found);
	void *arg;
};

/**
 * exam_init() - go on where the journal ends: target, and what is known of how often bad kernels fail
 * @journal, @how, @source: borrowed, of @how and @source what they point to
 * @target: asked for, or open; taken
 * Errors: RIG_HOST: a line makes no sense.  To be deinitialised then, too.
 */
int exam_init(struct exam *e, struct journal *journal, const struct trial *how, const struct exam_source *source,
	      struct target *target, struct rig_err *err) RIG_CHECKED;
/** exam_expect_flaky() - the bug shows in some runs only, and @candidates kernels are between the ends */
void exam_expect_flaky(struct exam *e, size_t candidates);
void exam_deinit(struct exam *e);

/**
 * exam_take() - the line of candidate @name, borrowed from the journal
 * @measure: it is said to be bad, see trial.measure
 * Errors: trouble after all retries, of the cause that it had; RIG_INTERRUPTED.  Nothing was written then.
 */
int exam_take(struct exam *e, const char *name, bool measure, const json_t **ret, struct rig_err *err) RIG_CHECKED;

/** exam_verdict() - of a line; one that says nothing is a skip */
enum verdict exam_verdict(const json_t *line);

#endif
