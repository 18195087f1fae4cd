/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill_pipe: memory that cannot move because a pipe has it.  Agent.
 *
 * What is made stays with the process until it ends.  All return 0 or a positive errno.
 */
#ifndef RIG_AGENT_FILL_PIPE_H
#define RIG_AGENT_FILL_PIPE_H

#include <stddef.h>
#include <stdint.h>

struct fill_pipes {
	int *read_end, *write_end;
	size_t nr;
};

/** fill_pipes_make() - room for @bytes; only fill_pipes_fill() allocates the pages, which never move */
int fill_pipes_make(uint64_t bytes, struct fill_pipes *ret);
int fill_pipes_fill(const struct fill_pipes *pipes, uint64_t seed, uint64_t bytes);

/** fill_pipes_check() - read without taking it out; *bad: offset of the first wrong word, or -1 */
int fill_pipes_check(const struct fill_pipes *pipes, uint64_t seed, uint64_t bytes, int64_t *bad);

/** fill_pipes_refer() - references to the pages at @at that keep them from moving, without a long-term pin */
int fill_pipes_refer(uint64_t *at, uint64_t bytes);

#endif
