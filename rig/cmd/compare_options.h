/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare_options: what the user asked of `hotrig compare`.  Level 8.
 */
#ifndef RIG_COMPARE_OPTIONS_H
#define RIG_COMPARE_OPTIONS_H

#include <stdbool.h>

#include "cmd/how_options.h"

struct compare_options {
	struct how_options common;
	const char *base, *patched;	/* kernels; both NULL: two records are compared */
	unsigned int repeat, fresh;	/* fresh 0: not given */
	bool json;
};

/**
 * compare_options_parse() - options of @argv; optind is then at the first scenario or record
 * Says on stderr what is wrong, and shows the help on stdout when it is asked for.
 * Returns: -1 to go on, else the exit code
 */
int compare_options_parse(int argc, char **argv, struct compare_options *ret);
void compare_options_deinit(struct compare_options *o);

#endif
