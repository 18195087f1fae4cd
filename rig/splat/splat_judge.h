/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * splat_judge: which lines of a kernel's log are a splat of their own.  Level 1, pure; only for
 * splat.c, which cuts the streams into lines.
 *
 * One event prints many lines.  What has been said already is remembered per stream, so that the
 * "invalid opcode" of a BUG or the WARNING that follows "refcount_t: ..." is not counted again.
 */
#ifndef RIG_SPLAT_JUDGE_H
#define RIG_SPLAT_JUDGE_H

#include "splat/splat.h"

/* All zero is the state at the start of a stream. */
struct splat_judge {
	struct splat pending;		/* an oops that still lacks its function */
	size_t pending_base;		/* length of its title before " in <function>" */
	unsigned int pending_lines;	/* lines left to find it in; 0: nothing is pending */
	unsigned int die_lines;		/* lines left in which "...: 0000 [#1]" is old news */
	unsigned int headline_lines;	/* lines left in which WARNING and kernel BUG are */
	bool oom_open;			/* "invoked oom-killer" without its "Killed process" yet */
};

#define SPLAT_JUDGE_MAX 2	/* one line can complete the pending splat and bring its own */

/**
 * splat_judge_line() - judge one line, without timestamp and line end
 * @number: line or sequence number, for the splat
 * @out: splats that are complete now; their from_console is left to the caller
 * Returns how many.
 */
size_t splat_judge_line(struct splat_judge *j, const char *text, uint64_t number,
			struct splat out[SPLAT_JUDGE_MAX]);

/** splat_judge_end() - the stream has ended: what is pending is taken as it is */
size_t splat_judge_end(struct splat_judge *j, struct splat out[SPLAT_JUDGE_MAX]);

#endif
