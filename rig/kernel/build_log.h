/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build_log: what the lines of a kernel's make tell: how far it is, and what went wrong first.  Level 2, pure.
 */
#ifndef RIG_KERNEL_BUILD_LOG_H
#define RIG_KERNEL_BUILD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build_log {
	size_t steps;		/* lines such as "  CC      mm/memory.o" */
	char step[96];		/* the last of them, "CC mm/memory.o" */
	char error
		[400]; /* first line that is an error; make's own only when there is no better one */
	bool error_is_makes;
	bool no_space;		/* somebody found the disk full */
	bool is_hosts;		/* a program was killed, had no memory, or is missing: not what the source says */
};

void build_log_add(struct build_log *log, const char *line);

/** build_share() - per mille done of @expected steps: never all before the end, whatever was expected */
unsigned int build_share(size_t steps, size_t expected);

/** build_left_s() - seconds left after @elapsed_s at @share per mille; -1: too early to tell */
long build_left_s(double elapsed_s, unsigned int share);

#endif
