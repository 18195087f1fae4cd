/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_client: the QMP wire protocol on a connected stream socket.  Level 1, above base/ only.
 *
 * Drives QEMU's monitor and the guest agent alike; knows nothing of memory or of devices.
 * Source: QEMU docs/interop/qmp-spec.rst.
 *
 * Events are kept for the life of the client, in order of arrival, from the first byte; nobody
 * can take one away from somebody else.  A waiter brings a cursor, an index into that list.
 */
#ifndef RIG_QMP_CLIENT_H
#define RIG_QMP_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct qmp_client;

struct qmp_config {
	const char *name;		/* "qmp", "agent": stands in messages */
	const char *greeting_key;	/* "QMP", "HOTRIG": the greeting's one key */
	enum rig_cause blame;		/* RIG_QEMU or RIG_AGENT: cause of protocol errors */
	size_t max_line_bytes;		/* longer is a protocol error */
	size_t max_event_bytes;		/* all queued events together; more is a protocol error */
	/*
	 * Called with every line in both directions, and with bytes that never became one;
	 * @dir '<' received, '>' sent; @line without line end, not NUL-terminated; may be NULL.
	 */
	void (*trace)(void *arg, char dir, uint64_t ns, const char *line, size_t len);
	void *trace_arg;
};

struct qmp_event {
	const char *name;
	json_t *data;		/* object, possibly empty; owned by the client */
	uint64_t seen_ns;	/* when the rig read it, CLOCK_MONOTONIC */
};

struct qmp_error {
	char class[64];		/* "GenericError" ... */
	char desc[1024];	/* bytes that are not UTF-8 cannot occur: such a line is refused */
};

/** qmp_client_create() - take over @fd (closed on failure too) and watch it in @loop */
int qmp_client_create(struct loop *loop, int fd, const struct qmp_config *config,
		      struct qmp_client **ret, struct rig_err *err) RIG_CHECKED;
/** qmp_client_destroy() - NULL allowed; may still call trace with bytes that never became a line */
void qmp_client_destroy(struct qmp_client *c);

/**
 * qmp_negotiate() - wait for the greeting, check it, leave capabilities mode
 * Enables "oob" when offered.  Events may already be queued when this returns.
 */
int qmp_negotiate(struct qmp_client *c, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/**
 * qmp_resume() - go on with a peer that greeted on an earlier link: a guest restored from its state
 * @greeting: what it said then; borrowed
 * Sends "sync" with a nonce.  What comes before the reply, halves of lines too, was meant for the
 * earlier link and is dropped.
 */
int qmp_resume(struct qmp_client *c, const json_t *greeting, uint64_t until_ns,
	       struct rig_err *err) RIG_CHECKED;

/** qmp_greeting() - the object under the greeting key; NULL before; owned by the client */
const json_t *qmp_greeting(const struct qmp_client *c);
bool qmp_has_oob(const struct qmp_client *c);

/**
 * qmp_send() - send a command without waiting
 * @args: object, reference stolen also on failure; NULL for none
 * @oob: out of band; only when qmp_has_oob()
 * @until_ns: a peer that does not read must not hold us up longer
 * A line that is half sent when this fails is ended by the next qmp_send(), so the peer may carry
 * it out later; its reply is ignored.  A line not begun is never sent.
 */
int qmp_send(struct qmp_client *c, const char *command, json_t *args, bool oob,
	     uint64_t until_ns, uint64_t *ret_id, struct rig_err *err) RIG_CHECKED;

/**
 * qmp_wait_reply() - wait for the reply to @id
 * @ret: what stood under "return", new reference; NULL to drop it
 * @error: filled when the peer refused; may be NULL
 * Errors: -EREMOTEIO with cause @blame when the peer answered "error" (text has class and desc);
 * -ETIMEDOUT: the id is given up, a late reply is recorded and otherwise ignored;
 * -EPIPE peer gone; -EBADMSG protocol broken (kept: every later call fails the same way, but a
 * reply that came before is still handed out); -EINVAL @id is given up or used up.
 * Interrupted or cancelled: @id stays good.
 */
int qmp_wait_reply(struct qmp_client *c, uint64_t id, uint64_t until_ns, json_t **ret,
		   struct qmp_error *error, struct rig_err *err) RIG_CHECKED;

/** qmp_reply_ready() - true once qmp_wait_reply(@id) would not block */
bool qmp_reply_ready(const struct qmp_client *c, uint64_t id);

/** qmp_abandon() - give up on @id: its late reply will be ignored */
void qmp_abandon(struct qmp_client *c, uint64_t id);

/** qmp_call() - qmp_send() and qmp_wait_reply() */
int qmp_call(struct qmp_client *c, const char *command, json_t *args, uint64_t until_ns,
	     json_t **ret, struct qmp_error *error, struct rig_err *err) RIG_CHECKED;

/**
 * qmp_pass_fd() - hand QEMU a descriptor under @name, for "fd:<name>"; @fd stays the caller's
 * It travels with the command "getfd", so the socket must be a local one.
 */
int qmp_pass_fd(struct qmp_client *c, const char *name, int fd, uint64_t until_ns,
		struct rig_err *err) RIG_CHECKED;

size_t qmp_nr_events(const struct qmp_client *c);
/** qmp_event_at() - valid until the client is destroyed; @index < qmp_nr_events() */
const struct qmp_event *qmp_event_at(const struct qmp_client *c, size_t index);

/**
 * qmp_on_event() - call @fn for every event that arrives from now on, once it is in the list
 * For the one who must react at once whoever waits; @fn must not wait itself.  NULL: no more.
 */
void qmp_on_event(struct qmp_client *c, void (*fn)(void *arg, const struct qmp_event *e),
		  void *arg);

/**
 * qmp_wait_event() - wait for the first matching event at or behind *@cursor
 * @name: event name; NULL: any
 * @match: flat object of strings/integers/booleans that must be equal in the event's data;
 *         NULL: any (borrowed)
 * @cursor: start index; set behind the found event on success, else untouched
 * Errors: -ETIMEDOUT (text lists the names of the events seen since the cursor), -EPIPE, -EBADMSG
 */
int qmp_wait_event(struct qmp_client *c, const char *name, const json_t *match, size_t *cursor,
		   uint64_t until_ns, const struct qmp_event **ret, struct rig_err *err) RIG_CHECKED;

/**
 * qmp_drain() - take in what has arrived by now, without waiting
 * For the one who learns on another way that the peer is gone and wants its last words first.
 */
void qmp_drain(struct qmp_client *c);

/** qmp_broken() - NULL while the link works, else why it does not */
const struct rig_err *qmp_broken(const struct qmp_client *c);

#endif
