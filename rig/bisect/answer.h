/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer: what a bisect has found, as text and as JSON.  Level 7.
 *
 * History goes from old to new.  Both sides were tested: @last is the newest that behaves as the old
 * end, @first the oldest that behaves as the new end.  When none lies between, @first is the answer;
 * else it is an interval: the change is in one of @between or in @first.
 */
#ifndef RIG_BISECT_ANSWER_H
#define RIG_BISECT_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include "bisect/exam.h"

/* All borrowed. */
struct answer {
	const char *noun;		/* "release", "commit" */
	const char *good, *bad;		/* the ends */
	bool bad_is_new;		/* false: time runs from bad to good, the first good one is wanted */
	const char *term_old, *term_new; /* NULL: "good" and "bad" */
	const char *last, *first;
	const json_t *between;		/* array of {"name", "reason"}, old to new */
	const json_t *gaps;		/* array of the same: all that the archive has dropped; NULL */
	const char *about;		/* of the first one: commit message and author; NULL */
	const char *log;		/* of git bisect; NULL */
	char *const *scenarios;		/* NULL-terminated names, for the command to reproduce */
};

/** answer_term() - what a kernel of this verdict is called: "good", "bad", or as the person says */
const char *answer_term(const struct answer *a, enum verdict v);

/** answer_json() - new reference */
json_t *answer_json(const struct answer *a, const struct exam *e);
/** answer_text() - the same for a person, made of answer_json(); caller frees */
char *answer_text(const json_t *answer);

/** answer_save() - answer.json and answer.txt in the journal's folder */
int answer_save(const json_t *answer, const struct exam *e, struct rig_err *err) RIG_CHECKED;

#endif
