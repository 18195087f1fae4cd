/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: tells a person how far it is, on stderr.  Level 6.
 *
 * On a terminal one line that is rewritten: time elapsed, runs done, what each running one does,
 * cut at the terminal's width.  Elsewhere one plain line for each that has ended.  NO_COLOR and
 * TERM=dumb are honoured.
 */
#ifndef RIG_PROGRESS_H
#define RIG_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_run {
	size_t number;			/* counts from 1 */
	char what[96], step[64];	/* "dimm/online-movable", "3 online d0 (3/8)" */
};

struct progress {
	uint64_t start_ns;
	bool terminal, color, line_open;
	size_t of, nr_done;		/* runs */
	struct progress_run *running;	/* in the order in which they began */
	size_t nr_running, cap_running;
	char *said_once;		/* the last of them */
};

void progress_init(struct progress *p);
void progress_deinit(struct progress *p);

/** progress_plan() - so many runs will follow, and are counted from none */
void progress_plan(struct progress *p, size_t of);
/** progress_begin() - run @number begins; @what: short, there may be many in a line */
void progress_begin(struct progress *p, size_t number, const char *what);
/** progress_step() - within run @number; may be called often */
void progress_step(struct progress *p, size_t number, const char *step, size_t at, size_t of);
/** progress_done() - run @number has ended; "dimm/online-movable on 6.1.0-56-cloud-amd64", "PASS" */
void progress_done(struct progress *p, size_t number, const char *what, const char *how);

/** progress_text() - a message that stays */
void progress_text(struct progress *p, const char *text);
/** progress_text_once() - the same, but not right after itself: one batch behind the other says the same */
void progress_text_once(struct progress *p, const char *text);
/** progress_end() - wipes an open line: something else is going to be printed */
void progress_end(struct progress *p);

#endif
