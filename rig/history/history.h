/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history: an index of the records in a folder, <results>/history.db.  Level 5.
 *
 * SQLite, a row for each run.  It can be made again from the records, and outlives them: a nightly's
 * merge job carries the index along and not the records, so rows whose record is gone stay.
 *
 * A cell is what is compared over time: one scenario on one kernel in one variant, "KERNEL/VARIANT/SCENARIO"
 * with the kernel as the user named it, so that "debian:6.12" is the same cell from release to release.
 * A record says in part_of which one it is; the others are of "<kernel.spec>/<variant or ->/<scenario>".
 *
 * Several processes may use it at once: writing is one transaction, which waits for the others, until the
 * operation's deadline.  A file that is damaged, or is no index, is moved aside, never removed, and a new
 * one begun; records that make no sense are passed over.  history_words() tells of both.
 *
 * Errors of all: RIG_HOST (disk, permissions, another process held it all the time), RIG_INTERRUPTED.
 */
#ifndef RIG_HISTORY_H
#define RIG_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "history/history_class.h"
#include "history/history_run.h"

struct history;

/**
 * history_open() - open the index of folder @results; made when missing, and then empty
 * Errors: RIG_USAGE, too: it was made by a newer version of this program.
 */
int history_open(const char *results, struct history **ret, struct rig_err *err) RIG_CHECKED;
/** history_begin_anew() - the same, with whatever index there is moved aside */
int history_begin_anew(const char *results, struct history **ret, struct rig_err *err) RIG_CHECKED;
void history_close(struct history *h);	/* NULL allowed */

/** history_words() - what a person should know: one line for each thing passed over or moved aside */
const struct strv *history_words(const struct history *h);

/** history_update() - add the records of the folder that it does not have yet; @ret_added: how many; may be NULL */
int history_update(struct history *h, size_t *ret_added, struct rig_err *err) RIG_CHECKED;

/**
 * history_import() - add the runs of @path: another index, or a merged record of a matrix
 * What is there already is not added again.  Errors: RIG_USAGE: @path is neither, or cannot be read.
 */
int history_import(struct history *h, const char *path, size_t *ret_added, struct rig_err *err) RIG_CHECKED;

/**
 * history_duration() - how long a run of @cell takes, as far as is known
 * @scenario: asked for in any other cell when this one was never run
 * @ret_ms: median of the last nine runs that were no ERROR; 0: nothing is known.  The same index gives the
 *	same answer.
 */
int history_duration(struct history *h, const char *cell, const char *scenario, uint64_t *ret_ms,
		     struct rig_err *err) RIG_CHECKED;

/**
 * history_classify() - what the runs of now are, beside what the index has of their cell
 * @now: at least one, all of one cell; they may be in the index already, and what is dated later than the
 *	first of them is not looked at
 */
int history_classify(struct history *h, const struct history_run *now, size_t nr, struct history_verdict *ret,
		     struct rig_err *err) RIG_CHECKED;

/* Which cells are asked for; what is NULL is not asked. */
struct history_filter {
	const char *scenario;	/* name, or pattern as of the shell */
	const char *kernel;	/* kernel.spec */
	const char *release;
};

/** history_each() - @fn for each run that @filter lets through: cell by cell, in a cell by date */
int history_each(struct history *h, const struct history_filter *filter,
		 void (*fn)(void *arg, const struct history_run *run), void *arg, struct rig_err *err) RIG_CHECKED;

#endif
