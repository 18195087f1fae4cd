/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history_list: runs of the index as lines: one for each cell, or as JSON one for each run.  Level 8.
 */
#ifndef RIG_CMD_HISTORY_LIST_H
#define RIG_CMD_HISTORY_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "history/history_run.h"

struct history_list {
	FILE *out;
	bool json;
	unsigned int number;	/* of runs shown of each cell */
	char *cell;		/* whose runs are gathered; NULL: none yet */
	json_t *runs;		/* of that cell, oldest first */
};

void history_list_init(struct history_list *list, FILE *out, bool json, unsigned int number);
/** history_list_deinit() - prints what is left, too.  Write errors stay in the stream. */
void history_list_deinit(struct history_list *list);

/** history_list_take() - for history_each(); @arg: the list */
void history_list_take(void *arg, const struct history_run *run);

#endif
