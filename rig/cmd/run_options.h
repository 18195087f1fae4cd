/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_options: what the user asked of `hotrig run`.  Level 8.
 */
#ifndef RIG_RUN_OPTIONS_H
#define RIG_RUN_OPTIONS_H

#include <stdbool.h>

#include "base/mem.h"
#include "cmd/how_options.h"

struct run_options {
	struct how_options common;
	struct strv kernels;		/* as the user named them; owned */
	unsigned int repeat, fresh;	/* fresh 0: not given */
	const char *known, *known_as;	/* NULL: not given */
	bool json, dry_run, no_known;
};

/**
 * run_options_parse() - options of @argv; optind is then at the first scenario
 * Says on stderr what is wrong, and shows the help on stdout when it is asked for.
 * Returns: -1 to go on, else the exit code
 */
int run_options_parse(int argc, char **argv, struct run_options *ret);
void run_options_deinit(struct run_options *o);

#endif
