// SPDX-License-Identifier: GPL-2.0-or-later
/* The wire: framing, end of stream, a peer that does not read, the trace.  No guest, no QEMU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "base/mem.h"
#include "fake_server.h"
#include "qmp_client.h"
#include "qmp/qmp_line.h"

/* --- framing --- */

/* a bit of everything */
static const char stream[] =
	"{\"event\":\"A\",\"data\":{\"t\":\"\xc3\xa4\\n\"}}\r\n"
	"{\"return\":[1],\"id\":2}\n"
	"{\"event\":\"B\"}\n"
	"{\"error\":{\"class\":\"C\",\"desc\":\"d\"},\"id\":3}\r\n"
	"{\"event\":\"C\"}\r\n";
#define STREAM_LEN (sizeof(stream) - 1)

/* the stream cut in two at @cut, or into bytes when it is 0 */
static void check_split(size_t cut)
{
	struct qmp_error error;
	struct fake_session f;
	struct rig_err err;

	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	fake_server_expect(f.server, "b", NULL);
	fake_session_send(&f, "a");
	fake_session_send(&f, "b");
	for (size_t at = 0, n; at < STREAM_LEN; at += n) {
		n = cut ? (at ? STREAM_LEN - at : cut) : 1;
		fake_server_send_bytes(f.server, stream + at, n);
		fake_server_settle(f.server, f.client);
	}
	assert_null(qmp_broken(f.client));
	assert_int_equal(qmp_wait_reply(f.client, 2, LATE, NULL, NULL, &err), 0);
	assert_int_equal(qmp_wait_reply(f.client, 3, LATE, NULL, &error, &err), -EREMOTEIO);
	assert_int_equal(qmp_nr_events(f.client), 3);
	assert_string_equal(json_string_value(json_object_get(qmp_event_at(f.client, 0)->data,
							      "t")), "\xc3\xa4\n");
	fake_session_stop(&f);
}

static void test_split_everywhere(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= STREAM_LEN; cut++)
		check_split(cut);
}

static void test_greeting_split_everywhere(void **state)
{
	static const char greeting[] = FAKE_GREETING;

	(void)state;
	for (size_t cut = 1; cut < sizeof(greeting) - 1; cut++) {
		struct fake_session f;
		struct rig_err err;

		fake_session_start(&f);
		fake_server_expect(f.server, "qmp_capabilities", FAKE_OK);
		fake_server_send_bytes(f.server, greeting, cut);
		fake_server_settle(f.server, f.client);
		fake_server_send(f.server, greeting + cut);
		assert_int_equal(qmp_negotiate(f.client, LATE, &err), 0);
		fake_session_stop(&f);
	}
}

/* QEMU ignores space between messages; init puts a line end in front of its death notice. */
static void test_blank_lines(void **state)
{
	static const char blank[] = "\n\r\n \t\n{\"event\":\"A\"}\n\n \r \n  {\"event\":\"B\"}  \r\n\n ";

	(void)state;
	for (size_t piece = 1; piece < sizeof(blank); piece++) {
		struct fake_session f;

		fake_session_negotiate(&f, FAKE_GREETING);
		for (size_t at = 0, n; at < sizeof(blank) - 1; at += n) {
			n = sizeof(blank) - 1 - at < piece ? sizeof(blank) - 1 - at : piece;
			fake_server_send_bytes(f.server, blank + at, n);
			fake_server_settle(f.server, f.client);
		}
		assert_null(qmp_broken(f.client));
		assert_int_equal(qmp_nr_events(f.client), 2);
		assert_string_equal(qmp_event_at(f.client, 1)->name, "B");
		assert_null(strstr(f.traced, "<\n"));
		fake_session_stop(&f);
	}
}

/* what has arrived, without the loop */
static void test_drain(void **state)
{
	struct fake_session f;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server, "{\"event\":\"A\"}\n");
	qmp_drain(f.client);
	assert_int_equal(qmp_nr_events(f.client), 1);
	qmp_drain(f.client);
	assert_null(qmp_broken(f.client));
	fake_server_send(f.server, "{\"event\":\"B\"}\nrubbish\n{\"event\":\"C\"}\n");
	qmp_drain(f.client);
	qmp_drain(f.client);
	assert_int_equal(qmp_nr_events(f.client), 2);
	assert_text(qmp_broken(f.client), "'rubbish'");
	fake_session_stop(&f);
}

/* an event line of exactly @len bytes without its end */
static char *make_line(size_t len, const char *end)
{
	return xasprintf("{\"event\":\"%0*d\"}%s", (int)len - 12, 7, end);
}

static void test_line_length(void **state)
{
	static const struct {
		size_t len;
		const char *end;
		bool fits;
	} cases[] = {
		{ FAKE_MAX_LINE, "\n", true },
		{ FAKE_MAX_LINE, "\r\n", true },
		{ FAKE_MAX_LINE + 1, "\n", false },
		{ FAKE_MAX_LINE + 1, "\r\n", false },
		{ FAKE_MAX_LINE + 1, "", true },	/* may still end in CR LF */
		{ FAKE_MAX_LINE + 2, "", false },
		{ 50000, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *line = make_line(cases[i].len, cases[i].end);
		struct fake_session f;

		fake_session_negotiate(&f, FAKE_GREETING);
		fake_server_send(f.server, line);
		fake_server_settle(f.server, f.client);
		assert_int_equal(!qmp_broken(f.client), cases[i].fits);
		if (!cases[i].fits) {
			assert_int_equal(qmp_broken(f.client)->eno, EBADMSG);
			assert_text(qmp_broken(f.client), "line of more than 4096 bytes");
			assert_non_null(strstr(f.traced, "<{\"event\":\"0000"));
		}
		fake_session_stop(&f);
	}
}

/* A long line in small pieces: no byte is looked at twice, the bytes move at most once. */
static void test_long_line_cost(void **state)
{
	const size_t total = 32 << 20, piece = 1000;
	struct qmp_line l = { .max_bytes = 64 << 20 };
	size_t moves = 0, len = 0, room;
	const char *line, *before;

	(void)state;
	memcpy(qmp_line_room(&l, &room), "x\ny", 3);
	qmp_line_fill(&l, 3);
	assert_int_equal(qmp_line_next(&l, &line, &len), 1);
	assert_int_equal(len, 1);
	before = l.buf;
	for (size_t sent = 0; sent < total; sent += piece) {
		assert_int_equal(qmp_line_next(&l, &line, &len), 0);
		assert_int_equal(l.scanned, l.end);
		memset(qmp_line_room(&l, &room), 'y', piece);
		assert_true(room >= piece);
		moves += l.buf != before;
		before = l.buf;
		qmp_line_fill(&l, piece);
	}
	assert_true(moves < 20);
	*qmp_line_room(&l, &room) = '\n';
	qmp_line_fill(&l, 1);
	assert_int_equal(qmp_line_next(&l, &line, &len), 1);
	assert_true(len > total);
	assert_int_equal(qmp_line_next(&l, &line, &len), 0);
	qmp_line_room(&l, &room);
	assert_true(l.cap <= 1 << 20);	/* given back */
	qmp_line_deinit(&l);
}

static void test_deep_nesting(void **state)
{
	static const char *const openers[] = { "[", "{\"a\":", "[[{\"a\":" };
	const struct qmp_config config = { .name = "qmp", .greeting_key = "QMP" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
		const size_t n = 200000, len = strlen(openers[i]);
		AUTO_FREE char *line = xcalloc(n, len);
		struct qmp_message m;
		struct rig_err err;

		for (size_t k = 0; k < n; k++)
			memcpy(line + k * len, openers[i], len);
		assert_int_equal(qmp_line_parse(&config, line, n * len, &m, &err), -EBADMSG);
		assert_text(&err, "maximum parsing depth");
	}
}

/* --- end of stream --- */

static void test_eof(void **state)
{
	static const char *const cases[][2] = {
		{ NULL, "'qmp' closed the connection;" },
		{ "{\"event\":\"LAST\"}\n", "'qmp' closed the connection;" },
		{ "{\"return\":{},", "in the middle of a line" },
		{ "{\"return\":{},\"id\":$ID}", "in the middle of a line" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct qmp_event *event;
		struct fake_session f;
		struct rig_err err;
		size_t cursor = 0;

		fake_session_negotiate(&f, FAKE_GREETING);
		fake_server_expect_last(f.server, "a", cases[i][0]);
		assert_int_equal(qmp_call(f.client, "a", NULL, LATE, NULL, NULL, &err), -EPIPE);
		assert_int_equal(err.cause, RIG_QEMU);
		assert_text(&err, cases[i][1]);
		/* waiters of other kinds learn it at once, and what had come is there */
		assert_int_equal(qmp_wait_event(f.client, "X", NULL, &cursor, LATE, &event, &err),
				 -EPIPE);
		assert_int_equal(qmp_nr_events(f.client), i == 1);
		assert_int_equal(qmp_call(f.client, "b", NULL, LATE, NULL, NULL, &err), -EPIPE);
		fake_session_stop(&f);
	}
}

static void test_eof_before_greeting(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_start(&f);
	fake_server_close(f.server);
	assert_int_equal(qmp_negotiate(f.client, LATE, &err), -EPIPE);
	fake_session_stop(&f);
}

/* The reply to "quit" and the end come together; the reply counts. */
static void test_reply_then_eof(void **state)
{
	struct fake_session f;
	struct rig_err err;
	uint64_t id;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", NULL);
	fake_server_expect_last(f.server, "quit", FAKE_OK);
	fake_session_send(&f, "a");
	id = fake_session_send(&f, "quit");
	assert_int_equal(qmp_wait_reply(f.client, 2, LATE, NULL, NULL, &err), -EPIPE);
	assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), 0);
	assert_int_equal(qmp_wait_reply(f.client, id, LATE, NULL, NULL, &err), -EPIPE);
	fake_session_stop(&f);
}

/* What a peer said before it died is read, also when it is sending that finds out. */
static void test_last_words(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server, "{\"event\":\"SHUTDOWN\"}\n{\"event\":\"HALF");
	fake_server_close(f.server);
	assert_int_equal(qmp_call(f.client, "a", NULL, LATE, NULL, NULL, &err), -EPIPE);
	assert_text(&err, "in the middle of a line");
	assert_int_equal(qmp_nr_events(f.client), 1);
	assert_non_null(strstr(f.traced, "<{\"event\":\"HALF\n"));
	fake_session_stop(&f);
}

/* --- a peer that does not read --- */

/* more than the socket takes, so that sending gets stuck half-way */
static json_t *big_args(int fd)
{
	int size = 4096;
	char *text = xcalloc(1, 100001);
	json_t *args;

	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	memset(text, 'x', 100000);
	args = json_pack("{s:s}", "text", text);
	free(text);
	return args;
}

static void test_peer_does_not_read(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_stop_reading(f.server);
	fake_server_send(f.server, "{\"event\":\"MEANWHILE\"}\n");
	assert_int_equal(qmp_call(f.client, "big", big_args(f.fd), SOON, NULL, NULL, &err),
			 -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_TIMEOUT);
	assert_text(&err, "'qmp' to take 'big'");
	assert_int_equal(qmp_nr_events(f.client), 1);	/* read while sending */
	/* nothing of this one goes out, so the peer must never see it */
	assert_int_equal(qmp_call(f.client, "never", NULL, SOON, NULL, NULL, &err), -ETIMEDOUT);
	assert_null(strstr(f.traced, "big"));
	/* it reads again: the begun line is ended, its reply ignored, the next one whole */
	fake_server_expect(f.server, "big", FAKE_OK);
	fake_server_expect(f.server, "small", "{\"return\":\"small\",\"id\":$ID}\n");
	fake_server_read_on(f.server);
	assert_int_equal(qmp_call(f.client, "small", NULL, LATE, NULL, NULL, &err), 0);
	assert_non_null(strstr(f.traced, ">{\"execute\":\"big\""));
	assert_non_null(strstr(f.traced, ">{\"execute\":\"small\""));
	assert_null(qmp_broken(f.client));
	fake_session_stop(&f);
}

static void test_slow_peer(void **state)
{
	struct fake_session f;
	struct rig_err err;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "big", FAKE_OK);
	assert_int_equal(qmp_call(f.client, "big", big_args(f.fd), LATE, NULL, NULL, &err), 0);
	fake_session_stop(&f);
}

static void hang_up(void *arg, int fd)
{
	struct fake_session *f = arg;

	loop_unwatch(f->loop, fd);
	fake_server_close(f->server);
}

static void test_peer_dies_while_sending(void **state)
{
	struct fake_session f;
	struct rig_err err;
	int pair[2];

	(void)state;
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_stop_reading(f.server);
	loop_watch(f.loop, pair[0], hang_up, &f);
	close(pair[1]);		/* readable: hang up in the first round */
	assert_int_equal(qmp_call(f.client, "big", big_args(f.fd), LATE, NULL, NULL, &err), -EPIPE);
	assert_non_null(strstr(f.traced, ">{\"execute\":\"big\""));	/* the part that went out */
	close(pair[0]);
	fake_session_stop(&f);
}

/* --- trace --- */

static void test_trace(void **state)
{
	struct fake_session f;
	struct rig_err err;
	AUTO_FREE char *traced = NULL;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_expect(f.server, "a", "{\"event\":\"E\"}\r\n" FAKE_OK);
	assert_int_equal(qmp_call(f.client, "a", NULL, LATE, NULL, NULL, &err), 0);
	fake_server_send(f.server, "unfinished");
	fake_server_settle(f.server, f.client);
	qmp_client_destroy(TAKE_PTR(f.client));	/* the last bytes are recorded here */
	traced = xstrdup(f.traced);
	fake_session_stop(&f);
	assert_string_equal(traced,
			    "<{\"QMP\":{\"version\":{\"qemu\":{\"major\":7}},\"capabilities\":[]}}\n"
			    ">{\"execute\":\"qmp_capabilities\",\"id\":1}\n"
			    "<{\"return\":{},\"id\":1}\n"
			    ">{\"execute\":\"a\",\"id\":2}\n"
			    "<{\"event\":\"E\"}\n"
			    "<{\"return\":{},\"id\":2}\n"
			    "<unfinished\n");
}

static void test_trace_behind_break(void **state)
{
	struct fake_session f;

	(void)state;
	fake_session_negotiate(&f, FAKE_GREETING);
	fake_server_send(f.server, "rubbish\nmore\n");
	fake_server_settle(f.server, f.client);
	assert_text(qmp_broken(f.client), "'rubbish'");
	assert_non_null(strstr(f.traced, "<rubbish\n<more\n"));
	fake_session_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split_everywhere),
		cmocka_unit_test(test_greeting_split_everywhere),
		cmocka_unit_test(test_blank_lines),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_long_line_cost),
		cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_eof),
		cmocka_unit_test(test_eof_before_greeting),
		cmocka_unit_test(test_reply_then_eof),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_peer_does_not_read),
		cmocka_unit_test(test_slow_peer),
		cmocka_unit_test(test_peer_dies_while_sending),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_behind_break),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
