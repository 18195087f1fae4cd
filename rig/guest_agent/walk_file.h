/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_file: the files by which the kernel shows its pages one by one, and one round through each:
 * from end to end, or as much as is read in a moment.  Agent only.
 *
 * Every read must succeed, whatever is plugged or unplugged meanwhile; of the content only what no
 * page can ever be is held against the kernel here, what it should be is the host's business.
 */
#ifndef RIG_AGENT_WALK_FILE_H
#define RIG_AGENT_WALK_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* How far one walker came.  In memory that it shares with the agent. */
struct walk_state {
	uint64_t rounds, bytes;
	uint64_t asked;		/* number of the latest check; the agent's */
	uint64_t answered;	/* the latest check since which there was a whole round */
	uint64_t offset;	/* of the read that failed, or of the wrong entry */
	int32_t eno;		/* of that read */
	char wrong[128];	/* what can never be; "" */
};

struct walk_file {
	const char *name, *path;
	int nice;		/* as setpriority(2) takes it */
	/* 0, or -1 with @state saying why */
	int (*round)(const struct walk_file *file, struct walk_state *state);
	/* the same for a few pages everywhere; NULL: a round takes no longer */
	int (*pick)(const struct walk_file *file, struct walk_state *state);
};

const struct walk_file *walk_file_find(const char *name);	/* NULL: no such file is known */
const struct walk_file *walk_file_at(unsigned int i);		/* NULL behind the end */

#endif
