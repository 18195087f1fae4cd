/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_events: the list of all events of a QMP peer, in order of arrival.  Level 1, part of
 * qmp_client.  Nothing is ever taken out of it.
 */
#ifndef RIG_QMP_EVENTS_H
#define RIG_QMP_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qmp_client.h"

/* { .max_bytes = n } is the empty one */
struct qmp_events {
	size_t max_bytes;
	struct qmp_event **v;	/* pointers, because callers keep them while it grows */
	size_t n, cap, bytes;
};

/**
 * qmp_events_add() - append one
 * @data: borrowed; NULL: the event has none
 * @line_len: what it took on the wire; counts against max_bytes with a fixed part for the rest
 * Returns false, with nothing added, when the list would become too large.
 */
bool qmp_events_add(struct qmp_events *e, const char *name, json_t *data, size_t line_len,
		    uint64_t ns) RIG_CHECKED;
void qmp_events_deinit(struct qmp_events *e);

/**
 * qmp_events_find() - first one at or behind *@next with this @name and the members of @match
 * @next: set behind the found one, else to the end, so that nothing is looked at twice
 */
const struct qmp_event *qmp_events_find(const struct qmp_events *e, const char *name,
					const json_t *match, size_t *next);

/** qmp_events_names() - "A, B x3" for a message, from index @from on, cut to @size */
void qmp_events_names(const struct qmp_events *e, size_t from, char *dst, size_t size);

#endif
