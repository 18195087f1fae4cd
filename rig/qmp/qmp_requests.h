/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_requests: the commands sent to a QMP peer whose reply is not used up, in order of sending.
 * Level 1, part of qmp_client.
 */
#ifndef RIG_QMP_REQUESTS_H
#define RIG_QMP_REQUESTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qmp/qmp_line.h"

struct qmp_request {
	uint64_t id;
	char *command;
	bool oob;
	bool abandoned;		/* nobody waits any more: drop the reply when it comes */
	enum qmp_kind kind;	/* of the reply */
	json_t *reply;		/* NULL: not here yet */
};

/* { 0 } is the empty one; ids count from 1 and are not used again */
struct qmp_requests {
	struct qmp_request *v;
	size_t n, cap;
	uint64_t last_id;
};

/** qmp_requests_add() - register @command under the id after last_id; returns that id */
uint64_t qmp_requests_add(struct qmp_requests *q, const char *command, bool oob);
void qmp_requests_deinit(struct qmp_requests *q);

/** qmp_requests_find() - NULL when unknown; valid until the next call that is not a find */
struct qmp_request *qmp_requests_find(const struct qmp_requests *q, uint64_t id);
void qmp_requests_drop(struct qmp_requests *q, struct qmp_request *r);
void qmp_requests_abandon(struct qmp_requests *q, uint64_t id);

/**
 * qmp_requests_answer() - give the reply in @m to the request it belongs to
 * An error without id belongs to the oldest in-band command without reply: it stems from a
 * command that the peer could not even parse.
 * Returns NULL, or why there is no such request.
 */
const char *qmp_requests_answer(struct qmp_requests *q, const struct qmp_message *m);

#endif
