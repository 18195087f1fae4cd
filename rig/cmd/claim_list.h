/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claim_list: each claim with the scenarios that show it and what they last ended in.  Level 8,
 * pure: values in, text out.  Write errors stay in the file, see ferror(3).
 */
#ifndef RIG_CLAIM_LIST_H
#define RIG_CLAIM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/catalogue.h"
#include "record/last_runs.h"

struct claim_list {		/* all borrowed */
	const struct catalogue *catalogue;	/* with its claims */
	const struct last_runs *runs;
};

/** claim_list_print() - @width: columns, 0 for lines of any length */
void claim_list_print(const struct claim_list *l, size_t width, bool color, FILE *out);
/** claim_list_json() - one object per line */
void claim_list_json(const struct claim_list *l, FILE *out);
/** claim_list_count() - "47 claims: 20 with a scenario, 27 without"; caller frees */
char *claim_list_count(const struct claim_list *l);

#endif
