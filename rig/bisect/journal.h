/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal: what a bisect has found out so far, on disk, so that it goes on after any end.  Level 7.
 *
 *	results/bisect-<key>/journal.jsonl
 *
 * One JSON object a line, each on disk before anything follows from it.  The first says the format and what was asked;
 * the key is the digest of that, so the same command finds the same journal.  Then
 *	{"tested": NAME, "verdict", "reason", "kernel", "image_sha256", "runs", ...}	see exam.h
 *	{"event": NAME, ...}								whatever the driver must know again
 * The end of a line that was cut off by the end of the rig is dropped.  One bisect at a time has the journal.
 */
#ifndef RIG_BISECT_JOURNAL_H
#define RIG_BISECT_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define JOURNAL_FORMAT 1

struct journal;

/**
 * journal_open() - the journal of what is @asked, made when there is none
 * @results: folder, made when missing
 * @asked: object that says all that the verdicts depend on
 * @anew: forget what is there
 * Errors: RIG_USAGE: it is of another version (-EPROTONOSUPPORT), or another bisect has it (-EBUSY);
 * RIG_HOST: not readable or writable, or damaged.
 */
int journal_open(const char *results, const json_t *asked, bool anew, struct journal **ret, struct rig_err *err)
	RIG_CHECKED;
void journal_close(struct journal *j);	/* NULL allowed */

const char *journal_dir(const struct journal *j);	/* the folder */
const char *journal_key(const struct journal *j);	/* 16 hex digits */

/** journal_add() - append @line, which is taken, and wait until it is on disk
 *  Errors: RIG_HOST; then it is not there, and the journal as good as before. */
int journal_add(struct journal *j, json_t *line, struct rig_err *err) RIG_CHECKED;

/** journal_text() - @text as a string for a line, new reference; of what is no UTF-8 the bytes that are no ASCII become '?' */
json_t *journal_text(const char *text);

/* Lines, borrowed; the first, which says what was asked, is not among them. */
size_t journal_size(const struct journal *j);
const json_t *journal_line(const struct journal *j, size_t i);
/** journal_tested() - the line of the candidate @name; NULL: not tested yet */
const json_t *journal_tested(const struct journal *j, const char *name);
/** journal_same_image() - a line of any candidate that was run with this image; NULL: none */
const json_t *journal_same_image(const struct journal *j, const char *image_sha256);
/** journal_event() - the last event of that name; NULL: none */
const json_t *journal_event(const struct journal *j, const char *event);

#endif
