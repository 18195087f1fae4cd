/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tape: what a guest answered before it was kept as a template.  Level 5.
 *
 * Every guest that starts from the template would answer the same, so it need not be asked again.
 * Answers of one command are played in the order in which they were recorded.
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
void tape_add(struct tape *t, const char *command, json_t *answer);	/* borrowed */
/** tape_next() - new reference; -EREMOTEIO where JSON null says that the guest refused; -ENODATA when
 *  there is no further one */
int tape_next(struct tape *t, const char *command, json_t **ret, struct rig_err *err) RIG_CHECKED;

/** tape_set(), tape_get() - what else belongs to the guest: its greeting, its kernel log; borrowed */
void tape_set(struct tape *t, const char *what, json_t *value);
const json_t *tape_get(const struct tape *t, const char *what);

char *tape_json(const struct tape *t);	/* caller frees */

#endif
