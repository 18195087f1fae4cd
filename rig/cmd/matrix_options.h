/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * matrix_options: what the user asked of `hotrig matrix`.  Level 8.
 */
#ifndef RIG_CMD_MATRIX_OPTIONS_H
#define RIG_CMD_MATRIX_OPTIONS_H

#include <stdbool.h>

#include "cmd/how_options.h"

enum matrix_command { MATRIX_LIST = 1, MATRIX_PREPARE = 2, MATRIX_RUN = 4, MATRIX_MERGE = 8 };	/* bits of a mask */

struct matrix_options {
	enum matrix_command command;
	struct how_options common;
	const char *matrix, *durations, *output, *known;	/* NULL: not given */
	unsigned int shard, nr_shards;	/* shard from 0; 0 of 1 unless given */
	bool again, partial, json, no_known;
};

/**
 * matrix_options_parse() - options of @argv; optind is then at the first file
 * Says on stderr what is wrong, and shows the help on stdout when it is asked for.
 * Returns: -1 to go on, else the exit code
 */
int matrix_options_parse(int argc, char **argv, struct matrix_options *ret);
void matrix_options_deinit(struct matrix_options *o);

#endif
