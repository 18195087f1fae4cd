// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "qmp/qmp_requests.h"

uint64_t qmp_requests_add(struct qmp_requests *q, const char *command, bool oob)
{
	GROW(q->v, q->n, q->cap);
	q->v[q->n++] = (struct qmp_request){
		.id = ++q->last_id, .command = xstrdup(command), .oob = oob,
	};
	return q->last_id;
}

void qmp_requests_deinit(struct qmp_requests *q)
{
	while (q->n)
		qmp_requests_drop(q, &q->v[q->n - 1]);
	free(q->v);
	*q = (struct qmp_requests){ .last_id = q->last_id };
}

struct qmp_request *qmp_requests_find(const struct qmp_requests *q, uint64_t id)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].id == id)
			return &q->v[i];
	return NULL;
}

void qmp_requests_drop(struct qmp_requests *q, struct qmp_request *r)
{
	size_t behind = q->n - (size_t)(r - q->v) - 1;

	free(r->command);
	json_decref(r->reply);
	memmove(r, r + 1, behind * sizeof(*r));
	q->n--;
}

void qmp_requests_abandon(struct qmp_requests *q, uint64_t id)
{
	struct qmp_request *r = qmp_requests_find(q, id);

	if (r && r->reply)
		qmp_requests_drop(q, r);
	else if (r)
		r->abandoned = true;
}

static struct qmp_request *find_oldest(const struct qmp_requests *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (!q->v[i].reply && !q->v[i].oob)
			return &q->v[i];
	return NULL;
}

const char *qmp_requests_answer(struct qmp_requests *q, const struct qmp_message *m)
{
	struct qmp_request *r;

	if (!m->has_id) {
		r = find_oldest(q);
		if (!r)
			return "error without id while no command is under way";
	} else if (m->id < 1 || (uint64_t)m->id > q->last_id) {
		return "reply to an id that was never issued";
	} else {
		r = qmp_requests_find(q, (uint64_t)m->id);
		if (!r || r->reply)
			return "second reply to the same id";
	}
	if (r->abandoned) {
		qmp_requests_drop(q, r);
		return NULL;
	}
	r->kind = m->kind;
	r->reply = json_incref(m->value);
	return NULL;
}
