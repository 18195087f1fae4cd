/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tape: what a guest answered before it was kept as a template.  Level 5.
 *
 * Every guest that starts from the template would answer the same, so it need not be asked again.
 * Answers of one command are played in the order in which they were recorded, and only to the same question: another
 * version of the rig may ask otherwise, and must not take for missing what nobody asked for.
 */
#ifndef RIG_RUN_TAPE_H
#define RIG_RUN_TAPE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct tape;

struct tape *tape_create(void);	/* empty, to record */
/** tape_load() - from tape_json(), to play; RIG_HOST -EBADMSG */
int tape_load(const char *text, struct tape **ret, struct rig_err *err) RIG_CHECKED;
void tape_destroy(struct tape *t);	/* NULL allowed */

bool tape_plays(const struct tape *t);
/** tape_add() - @args: of the question, NULL: none; both borrowed */
void tape_add(struct tape *t, const char *command, const json_t *args, json_t *answer);
/** tape_next() - new reference; -EREMOTEIO where JSON null says that the guest refused; RIG_HOST -ENODATA when
 *  there is no further one, or it answers another question */
int tape_next(struct tape *t, const char *command, const json_t *args, json_t **ret, struct rig_err *err) RIG_CHECKED;

/** tape_set(), tape_get() - what else belongs to the guest: its greeting, its kernel log; borrowed */
void tape_set(struct tape *t, const char *what, json_t *value);
const json_t *tape_get(const struct tape *t, const char *what);

char *tape_json(const struct tape *t);	/* caller frees */

#endif
