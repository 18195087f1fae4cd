/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bisect_course: what `hotrig bisect packages` and `git` do alike: journal, exam, what is said meanwhile,
 * the answer.  Level 8.
 */
#ifndef RIG_CMD_BISECT_COURSE_H
#define RIG_CMD_BISECT_COURSE_H

#include "batch/selection.h"
#include "bisect/answer.h"
#include "bisect/exam.h"
#include "cmd/bisect_options.h"

struct bisect_course {
	const struct bisect_options *options;
	struct progress progress;
	struct selection selection;
	struct strv scenarios;			/* their names */
	struct target target;			/* asked for, until the exam takes it */
	struct kernel_resolve_options resolve;	/* fetches, and tells progress */
	struct journal *journal;
	struct exam exam;
};

/** bisect_course_init() - check options and scenarios; @scenarios: NULL-terminated arguments; RIG_USAGE, RIG_HOST */
int bisect_course_init(struct bisect_course *c, const struct bisect_options *o, char *const *scenarios,
		       struct rig_err *err) RIG_CHECKED;
void bisect_course_deinit(struct bisect_course *c);

/**
 * bisect_course_open() - the journal of this bisect, and the exam, which goes on from there
 * @asked: what the driver asks beside scenarios, target and machine: its name as "command", its ends ...; taken
 * Then, for a flaky bug, exam_expect_flaky() once the candidates are known.
 */
int bisect_course_open(struct bisect_course *c, json_t *asked, const struct exam_source *source, struct rig_err *err)
	RIG_CHECKED;

/** bisect_course_answer() - save and print it; the exit code: 0, or 1 for an interval */
int bisect_course_answer(struct bisect_course *c, const struct answer *a);

/** bisect_course_fail() - say on stderr why there is no answer, and where to go on; the exit code */
int bisect_course_fail(struct bisect_course *c, const struct rig_err *err);

#endif
