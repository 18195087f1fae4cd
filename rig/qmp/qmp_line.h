/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_line: cuts what a QMP peer sends into lines, and a line into a checked message.  Level 1,
 * the lower half of qmp_client, without descriptors, time or memory of earlier messages.
 */
#ifndef RIG_QMP_LINE_H
#define RIG_QMP_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct qmp_config;

/* bytes received and not yet handed out; { .max_bytes = n } is the empty one */
struct qmp_line {
	size_t max_bytes;	/* of a line, without its end */
	char *buf;
	size_t start, scanned, end, cap;
};

void qmp_line_deinit(struct qmp_line *l);

/** qmp_line_room() - where to put the next bytes, *@room of them at most (never 0) */
char *qmp_line_room(struct qmp_line *l, size_t *room);
/** qmp_line_fill() - @n bytes were put there */
void qmp_line_fill(struct qmp_line *l, size_t n);

/**
 * qmp_line_next() - take the next line; LF and CR LF end one
 * Space in front of a line, and so a blank line, is skipped, as QEMU's own parser does.
 * @line: not NUL-terminated, valid until qmp_line_room()
 * Returns 1, 0 when more bytes are needed, -EMSGSIZE when the line is too long (nothing taken).
 */
int qmp_line_next(struct qmp_line *l, const char **line, size_t *len) RIG_CHECKED;

/** qmp_line_rest() - take all bytes that did not become a line; returns how many */
size_t qmp_line_rest(struct qmp_line *l, const char **rest);

enum qmp_kind {
	QMP_GREETING,
	QMP_EVENT,
	QMP_RETURN,
	QMP_ERROR,
};

struct qmp_message {
	enum qmp_kind kind;
	json_t *root;		/* owned by the receiver of the message */
	json_t *value;		/* what stands under the key that makes the kind; borrowed from root */
	bool has_id;
	json_int_t id;		/* -1: an id, but none that we could have issued */
};

/**
 * qmp_line_parse() - check one line against the protocol
 * @config: gives the name, the greeting key and the blame
 * What this lets through has the shape that its kind demands:
 *   greeting: object with an object "version"; "capabilities" absent or an array of strings
 *   event: non-empty string; "data" absent or an object
 *   error: object with strings "class" and "desc";  return: anything, with an id
 * Errors: -EBADMSG
 */
int qmp_line_parse(const struct qmp_config *config, const char *line, size_t len,
		   struct qmp_message *ret, struct rig_err *err) RIG_CHECKED;

/** qmp_line_copy() - copy UTF-8 text, cut between characters */
void qmp_line_copy(char *dst, size_t size, const char *utf8);

/** qmp_line_quote() - same, control bytes replaced: a peer must not steer our terminal */
void qmp_line_quote(char *dst, size_t size, const char *utf8);

#endif
