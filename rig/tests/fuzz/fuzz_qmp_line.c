// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Feeds bytes of a hostile peer to a client, twice: at once and in pieces.  Apart from crashes it
 * looks for a difference between the two, for cutting a stream must not change its meaning.
 *
 * First byte: bit 0 greets and issues commands before; the rest is the size of the pieces.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "qmp_client.h"

#define MAX_INPUT 16384		/* what a socket surely takes without being read */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	size_t nr_events;
	int replies[3];
	struct rig_err broken;
};

struct session {
	struct qmp_client *client;
	int fd;
	bool answered;
};

static bool is_read(void *arg)
{
	const struct session *s = arg;
	int unread = 0;

	return qmp_broken(s->client) || ioctl(s->fd, FIONREAD, &unread) < 0 || !unread;
}

static bool is_broken(void *arg)
{
	const struct session *s = arg;

	return qmp_broken(s->client);
}

static void wait_for(struct loop *loop, bool (*done)(void *arg), struct session *s)
{
	struct rig_err err;

	if (loop_until(loop, done, s, clock_in_ms(10000), "the client", &err) < 0)
		abort();
}

static void send_bytes(int fd, const void *data, size_t len)
{
	if (len && io_write_all(fd, data, len) < 0)
		abort();
}

/* the one thing that needs an answer is the first command */
static void on_command(void *arg, int fd)
{
	static const char reply[] = "{\"return\":{},\"id\":1}\n";
	struct session *s = arg;
	char sink[4096];

	if (recv(fd, sink, sizeof(sink), 0) > 0 && !s->answered)
		send_bytes(fd, reply, sizeof(reply) - 1);
	s->answered = true;
}

/* ids 2 and 3 are awaited, 4 is given up */
static void begin(struct session *s, struct loop *loop, int peer)
{
	static const char greeting[] =
		"{\"QMP\":{\"version\":{},\"capabilities\":[\"oob\"]}}\n{\"event\":\"FIRST\"}\n";
	const uint64_t until_ns = clock_in_ms(10000);
	struct rig_err err;
	uint64_t id = 0;

	loop_watch(loop, peer, on_command, s);
	send_bytes(peer, greeting, sizeof(greeting) - 1);
	if (qmp_negotiate(s->client, until_ns, &err) < 0 ||
	    qmp_send(s->client, "a", NULL, false, until_ns, &id, &err) < 0 ||
	    qmp_send(s->client, "b", NULL, true, until_ns, &id, &err) < 0 ||
	    qmp_send(s->client, "c", NULL, false, until_ns, &id, &err) < 0)
		abort();
	qmp_abandon(s->client, id);
	loop_unwatch(loop, peer);
}

/* the stream has ended, so nothing waits any more */
static void collect(struct qmp_client *c, struct result *ret)
{
	const struct qmp_event *event = NULL;
	struct qmp_error error;
	struct rig_err err;
	size_t cursor = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ret->replies); i++) {
		json_t *value = NULL;

		ret->replies[i] = qmp_wait_reply(c, i + 2, 0, &value, &error, &err);
		json_decref(value);
	}
	while (qmp_wait_event(c, NULL, NULL, &cursor, 0, &event, &err) == 0)
		if (!json_is_object(event->data))
			abort();
	if (cursor != qmp_nr_events(c))
		abort();
	ret->nr_events = cursor;
	ret->broken = *qmp_broken(c);
}

static void run(const uint8_t *data, size_t size, size_t piece, bool greeted, struct result *ret)
{
	const struct qmp_config config = {
		.name = "fuzz", .greeting_key = "QMP", .blame = RIG_AGENT,
		.max_line_bytes = 1000, .max_event_bytes = 4000,
	};
	struct session s = { 0 };
	struct loop *loop;
	struct rig_err err;
	int pair[2];

	if (loop_create(&loop, &err) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		abort();
	s.fd = pair[0];
	if (qmp_client_create(loop, pair[0], &config, &s.client, &err) < 0)
		abort();
	if (greeted)
		begin(&s, loop, pair[1]);
	for (size_t at = 0, n; at < size && !qmp_broken(s.client); at += n) {
		n = size - at < piece ? size - at : piece;
		send_bytes(pair[1], data + at, n);
		wait_for(loop, is_read, &s);
	}
	shutdown(pair[1], SHUT_WR);
	wait_for(loop, is_broken, &s);
	collect(s.client, ret);
	qmp_client_destroy(s.client);
	close(pair[1]);
	loop_destroy(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole = { 0 }, cut = { 0 };

	if (!size || size > MAX_INPUT)
		return 0;
	run(data + 1, size - 1, MAX_INPUT, data[0] & 1, &whole);
	run(data + 1, size - 1, (size_t)(data[0] >> 1) + 1, data[0] & 1, &cut);
	if (whole.nr_events != cut.nr_events ||
	    memcmp(whole.replies, cut.replies, sizeof(cut.replies)) ||
	    whole.broken.cause != cut.broken.cause || whole.broken.eno != cut.broken.eno ||
	    strcmp(whole.broken.text, cut.broken.text))
		abort();
	return 0;
}
