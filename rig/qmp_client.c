// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "qmp_client.h"
#include "qmp/qmp_events.h"
#include "qmp/qmp_line.h"
#include "qmp/qmp_link.h"
#include "qmp/qmp_requests.h"

struct qmp_client {
	struct qmp_link link;
	struct qmp_events events;
	struct qmp_requests requests;
	json_t *greeting;
	bool negotiated, oob;
	uint64_t resume_id, resume_nonce;	/* of the "sync" that is awaited; 0: none */
	void (*on_event)(void *arg, const struct qmp_event *e);	/* NULL: nobody is interested */
	void *on_event_arg;
};

static const char *name_of(const struct qmp_client *c)
{
	return c->link.config.name;
}

/* --- receiving --- */

static int refuse(const struct qmp_client *c, const char *why, struct rig_err *err)
{
	return rig_err_set(err, c->link.config.blame, EBADMSG,
			   "'%s' broke the protocol: %s; see the record of its wire",
			   name_of(c), why);
}

static int take_greeting(struct qmp_client *c, const struct qmp_message *m, struct rig_err *err)
{
	if (c->greeting)
		return refuse(c, "it greets again, as if started anew", err);
	c->greeting = json_incref(m->value);
	return 0;
}

static int take_event(struct qmp_client *c, const struct qmp_message *m, size_t len, uint64_t ns,
		      struct rig_err *err)
{
	if (!qmp_events_add(&c->events, json_string_value(m->value),
			    json_object_get(m->root, "data"), len, ns))
		return refuse(c, "flood of events", err);
	if (c->on_event)
		c->on_event(c->on_event_arg, c->events.v[c->events.n - 1]);
	return 0;
}

static int take_reply(struct qmp_client *c, const struct qmp_message *m, struct rig_err *err)
{
	const char *why = qmp_requests_answer(&c->requests, m);

	return why ? refuse(c, why, err) : 0;
}

/* Only the reply to our nonce tells that the peer speaks to this link; @m NULL: not even a message. */
static int take_resumed(struct qmp_client *c, const struct qmp_message *m)
{
	const json_t *nonce;

	if (!m)
		return 0;
	nonce = m->kind == QMP_RETURN ? json_object_get(m->value, "nonce") : NULL;
	if (nonce && m->has_id && (uint64_t)m->id == c->resume_id &&
	    (uint64_t)json_integer_value(nonce) == c->resume_nonce) {
		qmp_requests_answer(&c->requests, m);
		c->resume_id = 0;
	}
	json_decref(m->root);
	return 0;
}

static int take_line(void *arg, const char *line, size_t len, uint64_t ns, struct rig_err *err)
{
	struct qmp_client *c = arg;
	struct qmp_message m;
	int r = qmp_line_parse(&c->link.config, line, len, &m, err);

	if (c->resume_id)
		return take_resumed(c, r < 0 ? NULL : &m);
	if (r < 0)
		return r;
	switch (m.kind) {
	case QMP_GREETING:
		r = take_greeting(c, &m, err);
		break;
	case QMP_EVENT:
		r = take_event(c, &m, len, ns, err);
		break;
	case QMP_RETURN:
	case QMP_ERROR:
		r = take_reply(c, &m, err);
		break;
	}
	json_decref(m.root);
	return r;
}

/* --- sending --- */

/* The line with its end; @args is consumed. */
static char *format_command(const char *command, json_t *args, bool oob, uint64_t id)
{
	json_auto_t *root = json_object();
	AUTO_FREE char *json = NULL;

	json_object_set_new(root, oob ? "exec-oob" : "execute", json_string(command));
	if (args)
		json_object_set_new(root, "arguments", args);
	json_object_set_new(root, "id", json_integer((json_int_t)id));
	json = json_dumps(root, JSON_COMPACT);
	assert(json);		/* all of it was checked when it was made */
	return xasprintf("%s\n", json);
}

static int send_command(struct qmp_client *c, const char *command, json_t *args, bool oob, int fd,
			uint64_t until_ns, uint64_t *ret_id, struct rig_err *err)
{
	AUTO_FREE char *line = format_command(command, args, oob, c->requests.last_id + 1);
	int r = qmp_link_flush(&c->link, command, until_ns, err);	/* an earlier rest */
	uint64_t id;

	if (r < 0)
		return r;
	id = qmp_requests_add(&c->requests, command, oob);
	qmp_link_put_fd(&c->link, TAKE_PTR(line), fd);
	r = qmp_link_flush(&c->link, command, until_ns, err);
	if (r == 0)
		*ret_id = id;
	else if (qmp_link_take_back(&c->link))
		qmp_requests_drop(&c->requests, qmp_requests_find(&c->requests, id));
	else
		qmp_abandon(c, id);
	return r;
}

/* @args is dropped on failure */
static int check_sendable(const struct qmp_client *c, const char *command, json_t *args, bool oob,
			  struct rig_err *err)
{
	const char *why;

	assert(!args || json_is_object(args));
	if (c->link.is_broken || (c->negotiated && (!oob || c->oob)))
		return 0;	/* the reason why a link broke says more */
	why = c->negotiated ? "it offers no out-of-band commands" : "its greeting was not awaited";
	json_decref(args);
	return rig_err_set(err, RIG_HOST, ENOTCONN, "cannot send '%s' to '%s': %s", command,
			   name_of(c), why);
}

int qmp_send(struct qmp_client *c, const char *command, json_t *args, bool oob,
	     uint64_t until_ns, uint64_t *ret_id, struct rig_err *err)
{
	int r = check_sendable(c, command, args, oob, err);

	return r < 0 ? r : send_command(c, command, args, oob, -1, until_ns, ret_id, err);
}

/* --- waiting: what has arrived counts, also when the link broke behind it --- */

struct wait {
	const struct qmp_client *c;
	uint64_t id;			/* of a reply */
	const char *name;		/* of an event */
	const json_t *match;
	size_t next;
	const struct qmp_event *found;
};

static int fail_broken(const struct qmp_client *c, struct rig_err *err)
{
	*err = c->link.broken;
	return -err->eno;
}

static int wait_until(struct qmp_client *c, bool (*done)(void *arg), void *arg, uint64_t until_ns,
		      const char *what, struct rig_err *err)
{
	AUTO_FREE char *awaited = xasprintf("%s from '%s'", what, name_of(c));

	return loop_until(c->link.loop, done, arg, until_ns, awaited, err);
}

static bool reply_done(void *arg)
{
	const struct wait *w = arg;

	return qmp_reply_ready(w->c, w->id);
}

static bool event_done(void *arg)
{
	struct wait *w = arg;

	w->found = qmp_events_find(&w->c->events, w->name, w->match, &w->next);
	return w->found || w->c->link.is_broken;
}

static bool greeting_done(void *arg)
{
	const struct qmp_client *c = arg;

	return c->greeting || c->link.is_broken;
}

static int fail_refused(const struct qmp_client *c, const struct qmp_request *q,
			struct qmp_error *error, struct rig_err *err)
{
	const char *class = json_string_value(json_object_get(q->reply, "class"));
	const char *desc = json_string_value(json_object_get(q->reply, "desc"));
	char quoted_class[64], quoted_desc[600];	/* leaves room for context in front */

	if (error) {
		qmp_line_copy(error->class, sizeof(error->class), class);
		qmp_line_copy(error->desc, sizeof(error->desc), desc);
	}
	qmp_line_quote(quoted_class, sizeof(quoted_class), class);
	qmp_line_quote(quoted_desc, sizeof(quoted_desc), desc);
	return rig_err_set(err, c->link.config.blame, EREMOTEIO, "'%s' refused '%s': %s: %s",
			   name_of(c), q->command, quoted_class, quoted_desc);
}

int qmp_wait_reply(struct qmp_client *c, uint64_t id, uint64_t until_ns, json_t **ret,
		   struct qmp_error *error, struct rig_err *err)
{
	struct wait w = { .c = c, .id = id };
	struct qmp_request *q = qmp_requests_find(&c->requests, id);
	AUTO_FREE char *what = NULL;
	int r;

	if (!q || q->abandoned)
		return c->link.is_broken ? fail_broken(c, err) :
		       rig_err_set(err, RIG_HOST, EINVAL, "nobody waits for reply %llu of '%s'",
				   (unsigned long long)id, name_of(c));
	what = xasprintf("the reply to '%s'", q->command);
	r = wait_until(c, reply_done, &w, until_ns, what, err);
	if (r == -ETIMEDOUT)
		qmp_abandon(c, id);
	if (r < 0)
		return r;
	q = qmp_requests_find(&c->requests, id);	/* the table may have moved */
	if (!q->reply)
		return fail_broken(c, err);
	if (q->kind == QMP_ERROR)
		r = fail_refused(c, q, error, err);
	else if (ret)
		*ret = json_incref(q->reply);
	qmp_requests_drop(&c->requests, q);
	return r;
}

bool qmp_reply_ready(const struct qmp_client *c, uint64_t id)
{
	const struct qmp_request *q = qmp_requests_find(&c->requests, id);

	return !q || q->abandoned || q->reply || c->link.is_broken;
}

void qmp_abandon(struct qmp_client *c, uint64_t id)
{
	qmp_requests_abandon(&c->requests, id);
}

static int call(struct qmp_client *c, const char *command, json_t *args, int fd, uint64_t until_ns,
		json_t **ret, struct qmp_error *error, struct rig_err *err)
{
	uint64_t id;
	int r = send_command(c, command, args, false, fd, until_ns, &id, err);

	if (r < 0)
		return r;
	r = qmp_wait_reply(c, id, until_ns, ret, error, err);
	if (r < 0)
		qmp_abandon(c, id);	/* interrupted: nobody else knows the id */
	return r;
}

int qmp_call(struct qmp_client *c, const char *command, json_t *args, uint64_t until_ns,
	     json_t **ret, struct qmp_error *error, struct rig_err *err)
{
	int r = check_sendable(c, command, args, false, err);

	return r < 0 ? r : call(c, command, args, -1, until_ns, ret, error, err);
}

int qmp_pass_fd(struct qmp_client *c, const char *name, int fd, uint64_t until_ns,
		struct rig_err *err)
{
	json_t *args = json_pack("{ss}", "fdname", name);
	int r = check_sendable(c, "getfd", args, false, err);

	return r < 0 ? r : call(c, "getfd", args, fd, until_ns, NULL, NULL, err);
}

int qmp_wait_event(struct qmp_client *c, const char *name, const json_t *match, size_t *cursor,
		   uint64_t until_ns, const struct qmp_event **ret, struct rig_err *err)
{
	struct wait w = { .c = c, .name = name, .match = match, .next = *cursor };
	AUTO_FREE char *what = xasprintf("the event '%s'", name ? name : "any");
	int r = wait_until(c, event_done, &w, until_ns, what, err);

	if (r == -ETIMEDOUT) {
		char seen[400];

		qmp_events_names(&c->events, *cursor, seen, sizeof(seen));
		return rig_err_set(err, err->cause, err->eno, "%s; events seen: %s", err->text,
				   seen);
	}
	if (r < 0)
		return r;
	if (!w.found)
		return fail_broken(c, err);
	*cursor = w.next;
	*ret = w.found;
	return 0;
}

/* --- life --- */

/* whether the greeting names it, which the parser has checked */
static bool offers(const struct qmp_client *c, const char *capability)
{
	const json_t *offered = json_object_get(c->greeting, "capabilities");

	for (size_t i = 0; i < json_array_size(offered); i++)
		if (!strcmp(json_string_value(json_array_get(offered, i)), capability))
			return true;
	return false;
}

int qmp_negotiate(struct qmp_client *c, uint64_t until_ns, struct rig_err *err)
{
	json_t *args = NULL;
	bool oob;
	int r;

	if (c->negotiated)
		return 0;
	r = wait_until(c, greeting_done, c, until_ns, "the greeting", err);
	if (r < 0)
		return r;
	if (!c->greeting)
		return fail_broken(c, err);
	oob = offers(c, "oob");
	if (oob)
		args = json_pack("{s:[s]}", "enable", "oob");
	r = call(c, "qmp_capabilities", args, -1, until_ns, NULL, NULL, err);
	if (r < 0)
		return r;
	c->negotiated = true;
	c->oob = oob;
	return 0;
}

int qmp_resume(struct qmp_client *c, const json_t *greeting, uint64_t until_ns, struct rig_err *err)
{
	uint64_t nonce;
	int r;

	assert(!c->greeting && !c->negotiated);
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		nonce = clock_ns();
	c->resume_nonce = nonce & INT64_MAX;
	c->resume_id = c->requests.last_id + 1;
	c->greeting = json_incref((json_t *)greeting);
	r = call(c, "sync", json_pack("{sI}", "nonce", (json_int_t)c->resume_nonce), -1, until_ns, NULL, NULL, err);
	if (r < 0)
		return r;
	c->negotiated = true;
	return 0;
}

int qmp_client_create(struct loop *loop, int fd, const struct qmp_config *config,
		      struct qmp_client **ret, struct rig_err *err)
{
	AUTO_FREE struct qmp_client *c = xcalloc(1, sizeof(*c));
	int r;

	c->link.take = take_line;
	c->link.take_arg = c;
	c->events.max_bytes = config->max_event_bytes;
	r = qmp_link_init(&c->link, loop, fd, config, err);
	if (r == 0)
		*ret = TAKE_PTR(c);
	return r;
}

void qmp_client_destroy(struct qmp_client *c)
{
	if (!c)
		return;
	qmp_link_deinit(&c->link);
	qmp_requests_deinit(&c->requests);
	qmp_events_deinit(&c->events);
	json_decref(c->greeting);
	free(c);
}

/* --- what is known --- */

const json_t *qmp_greeting(const struct qmp_client *c)
{
	return c->greeting;
}

bool qmp_has_oob(const struct qmp_client *c)
{
	return c->oob;
}

void qmp_on_event(struct qmp_client *c, void (*fn)(void *arg, const struct qmp_event *e),
		  void *arg)
{
	c->on_event = fn;
	c->on_event_arg = arg;
}

size_t qmp_nr_events(const struct qmp_client *c)
{
	return c->events.n;
}

const struct qmp_event *qmp_event_at(const struct qmp_client *c, size_t index)
{
	assert(index < c->events.n);
	return c->events.v[index];
}

void qmp_drain(struct qmp_client *c)
{
	qmp_link_drain(&c->link);
}

const struct rig_err *qmp_broken(const struct qmp_client *c)
{
	return c->link.is_broken ? &c->link.broken : NULL;
}
