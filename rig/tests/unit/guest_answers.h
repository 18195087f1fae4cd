/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest_answers: recorded answers of the agent, and the parser that each goes through. */
#ifndef TEST_GUEST_ANSWERS_H
#define TEST_GUEST_ANSWERS_H

#include <jansson.h>

#include "model/snapshot.h"

/* The range that the recorded query-pages asked for. */
#define ANSWER_START 0x100000ull
#define ANSWER_END   0x110000ull

/** guest_answer_load() - of kernel "6.1" or "6.12"; NULL when the fixture is missing or broken */
json_t *guest_answer_load(const char *kernel, const char *query);
/** guest_answer_parse() - any answer through its own parser */
int guest_answer_parse(const char *query, const json_t *answer, struct snapshot *s,
		       struct rig_err *err);

#endif
