/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress: tells a person how far it is, on stderr.  Level 6.
 *
 * On a terminal one line that is rewritten, with the time elapsed; elsewhere one plain line for
 * each thing begun.  NO_COLOR and TERM=dumb are honoured.
 */
#ifndef RIG_PROGRESS_H
#define RIG_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	uint64_t start_ns;
	bool terminal, color, line_open;
	char what[160];		/* the scenario and kernel that run */
};

void progress_init(struct progress *p);
/** progress_begin() - something begins: "dimm/online-movable on 6.1.0-56-cloud-amd64" */
void progress_begin(struct progress *p, size_t number, size_t of, const char *what);
/** progress_step() - within it; may be called often */
void progress_step(struct progress *p, const char *step, size_t number, size_t of);
/** progress_text() - a message that stays */
void progress_text(struct progress *p, const char *text);
/** progress_end() - wipes an open line */
void progress_end(struct progress *p);

#endif
