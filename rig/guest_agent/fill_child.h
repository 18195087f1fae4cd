/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill_child: the process that holds the memory of a fill.  Agent.
 *
 * It takes the memory, says so, and then checks the content each time it is asked, until nobody can ask
 * any more.
 */
#ifndef RIG_AGENT_FILL_CHILD_H
#define RIG_AGENT_FILL_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#define FILL_UNIT_BYTES	(2ull << 20)	/* a huge page: every kind of fill can be had in it */
#define FILL_MAX_NODES	1024

struct fill_plan {
	const char *kind;
	const char *device;	/* of devdax and dax-file: "/dev/dax0.0" */
	const char *where;	/* dax-file: where it is mounted */
	uint64_t bytes, seed;
	bool has_node;
	uint64_t node;
	int talk;		/* a socket of packets: one letter asks, one struct fill_answer comes back */
};

/* How far the child came, and what went wrong. */
struct fill_answer {
	int32_t eno;
	int32_t what;		/* for fill_doing() */
	int64_t bad_offset;	/* -1: content is right */
};

/** fill_child_main() - what the process does; its exit code */
int fill_child_main(const struct fill_plan *p);

/** fill_died() - the answer of a child that gives none */
struct fill_answer fill_died(void);

/** fill_doing() - what failed with the answer's errno: "map memory" */
const char *fill_doing(const struct fill_answer *a);

/** fill_hugetlb_release() - the huge pages of a child that has ended go back */
void fill_hugetlb_release(void);

#endif
