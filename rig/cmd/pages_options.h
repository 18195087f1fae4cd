/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages_options: what the command line of `hotrig pages` asks for.  Level 8.
 */
#ifndef RIG_PAGES_OPTIONS_H
#define RIG_PAGES_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cmd/page_rows.h"

/* Texts are argv's; NULL: not given. */
struct pages_options {
	const char *run;
	const char *state, *results, *qmp, *kernel;
	pid_t pid;		/* 0: not given */
	struct pfn_range range;
	bool ranged, stop, summary, json;
};

/** pages_options_parse() - the exit code when there is nothing to be done, else -1 */
int pages_options_parse(int argc, char **argv, struct pages_options *ret);

#endif
