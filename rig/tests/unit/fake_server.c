// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "fake_server.h"

struct step {
	const char *command, *answer;
	bool last;
};

struct fake_server {
	struct loop *loop;
	int fd;
	int client_fd;		/* only to see what is unread */
	struct step *steps;
	size_t nr_steps, cap_steps, next;
	char *in;		/* begun line */
	size_t in_len, in_cap;
	char *line;		/* last whole line */
	int passed_fd;		/* the last one that came along; -1: none */
};

void fake_server_send_bytes(struct fake_server *s, const char *bytes, size_t len)
{
	if (io_write_all(s->fd, bytes, len) < 0)
		fail_msg("fake server cannot send");
}

void fake_server_send(struct fake_server *s, const char *bytes)
{
	fake_server_send_bytes(s, bytes, strlen(bytes));
}

void fake_server_close(struct fake_server *s)
{
	if (s->fd < 0)
		return;
	loop_unwatch(s->loop, s->fd);
	close(TAKE_FD(s->fd));
}

/* "$ID" and "$NONCE" become those of the command. */
static void send_answer(struct fake_server *s, const char *answer, const json_t *command)
{
	const json_t *args = json_object_get(command, "arguments");
	const struct { const char *name; json_int_t value; } words[] = {
		{ "$ID", json_integer_value(json_object_get(command, "id")) },
		{ "$NONCE", json_integer_value(json_object_get(args, "nonce")) },
	};
	const char *at;

	while ((at = strchr(answer, '$'))) {
		size_t i = strncmp(at, words[0].name, strlen(words[0].name)) != 0;
		AUTO_FREE char *number = xasprintf("%lld", (long long)words[i].value);

		assert_memory_equal(at, words[i].name, strlen(words[i].name));
		fake_server_send_bytes(s, answer, (size_t)(at - answer));
		fake_server_send(s, number);
		answer = at + strlen(words[i].name);
	}
	fake_server_send(s, answer);
}

static void take_line(struct fake_server *s)
{
	json_auto_t *root = json_loads(s->line, JSON_REJECT_DUPLICATES, NULL);
	const char *got = json_string_value(json_object_get(root, "execute"));
	const struct step *step = &s->steps[s->next];

	if (!got)
		got = json_string_value(json_object_get(root, "exec-oob"));
	if (!got || !json_is_integer(json_object_get(root, "id")))
		fail_msg("not a command with an integer id: '%s'", s->line);
	if (s->next == s->nr_steps)
		fail_msg("expected no command, got '%s'", got);
	if (strcmp(got, step->command))
		fail_msg("expected '%s', got '%s'", step->command, got);
	s->next++;
	if (step->answer)
		send_answer(s, step->answer, root);
	if (step->last)
		fake_server_close(s);
}

static ssize_t receive(struct fake_server *s, char *to, size_t len)
{
	struct iovec bytes = { to, len };
	union {
		char buf[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.buf,
			      .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(s->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	if (c) {
		assert_int_equal(c->cmsg_type, SCM_RIGHTS);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));	/* one */
		assert_int_equal(s->passed_fd, -1);			/* and once */
		memcpy(&s->passed_fd, CMSG_DATA(c), sizeof(int));
	}
	return n;
}

static void on_readable(void *arg, int fd)
{
	struct fake_server *s = arg;
	char c[4096];
	ssize_t n = receive(s, c, sizeof(c));

	(void)fd;

	if (n <= 0) {
		fake_server_close(s);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		GROW(s->in, s->in_len, s->in_cap);
		s->in[s->in_len++] = c[i];
		if (c[i] != '\n')
			continue;
		free(s->line);
		s->line = xstrndup(s->in, s->in_len - 1);
		s->in_len = 0;
		take_line(s);
	}
}

struct fake_server *fake_server_create(struct loop *loop, int *client_fd)
{
	struct fake_server *s = xcalloc(1, sizeof(*s));
	int pair[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	s->loop = loop;
	s->passed_fd = -1;
	s->fd = pair[0];
	s->client_fd = *client_fd = pair[1];
	fake_server_read_on(s);
	return s;
}

void fake_server_destroy(struct fake_server *s)
{
	if (s->next != s->nr_steps)
		fail_msg("expected '%s', got nothing", s->steps[s->next].command);
	fake_server_close(s);
	if (s->passed_fd >= 0)
		close(s->passed_fd);
	free(s->steps);
	free(s->in);
	free(s->line);
	free(s);
}

static void add_step(struct fake_server *s, struct step step)
{
	GROW(s->steps, s->nr_steps, s->cap_steps);
	s->steps[s->nr_steps++] = step;
}

void fake_server_expect(struct fake_server *s, const char *command, const char *answer)
{
	add_step(s, (struct step){ command, answer, false });
}

void fake_server_expect_last(struct fake_server *s, const char *command, const char *answer)
{
	add_step(s, (struct step){ command, answer, true });
}

void fake_server_stop_reading(struct fake_server *s)
{
	loop_unwatch(s->loop, s->fd);
}

void fake_server_read_on(struct fake_server *s)
{
	loop_watch(s->loop, s->fd, on_readable, s);
}

const char *fake_server_line(const struct fake_server *s)
{
	return s->line;
}

int fake_server_take_fd(struct fake_server *s)
{
	return TAKE_FD(s->passed_fd);
}

struct settle {
	int fd;
	const struct qmp_client *client;
};

static bool is_settled(void *arg)
{
	const struct settle *w = arg;
	int unread = 0;

	return qmp_broken(w->client) || ioctl(w->fd, FIONREAD, &unread) < 0 || !unread;
}

void fake_server_settle(struct fake_server *s, const struct qmp_client *client)
{
	struct settle w = { s->client_fd, client };
	struct rig_err err;

	if (loop_until(s->loop, is_settled, &w, clock_in_ms(10000), "the client", &err) < 0)
		fail_msg("%s", err.text);
}

static void record(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	struct fake_session *f = arg;
	char *more = xasprintf("%s%c%.*s\n", f->traced, dir, len < 999 ? (int)len : 999, line);

	assert_true(ns >= f->traced_ns);
	f->traced_ns = ns;
	free(f->traced);
	f->traced = more;
}

void fake_session_start(struct fake_session *f)
{
	const struct qmp_config config = {
		.name = "qmp", .greeting_key = "QMP", .blame = RIG_QEMU,
		.max_line_bytes = FAKE_MAX_LINE, .max_event_bytes = FAKE_MAX_EVENTS,
		.trace = record, .trace_arg = f,
	};
	struct rig_err err;

	f->traced = xstrdup("");
	f->traced_ns = 0;
	if (loop_create(&f->loop, &err) < 0)
		fail_msg("%s", err.text);
	f->server = fake_server_create(f->loop, &f->fd);
	if (qmp_client_create(f->loop, f->fd, &config, &f->client, &err) < 0)
		fail_msg("%s", err.text);
}

void fake_session_negotiate(struct fake_session *f, const char *greeting)
{
	struct rig_err err;

	fake_session_start(f);
	fake_server_send(f->server, greeting);
	fake_server_expect(f->server, "qmp_capabilities", FAKE_OK);
	if (qmp_negotiate(f->client, LATE, &err) < 0)
		fail_msg("%s", err.text);
}

void fake_session_stop(struct fake_session *f)
{
	fake_server_destroy(f->server);
	qmp_client_destroy(f->client);
	loop_destroy(f->loop);
	free(f->traced);
}

uint64_t fake_session_send(struct fake_session *f, const char *command)
{
	struct rig_err err;
	uint64_t id = 0;

	if (qmp_send(f->client, command, NULL, false, LATE, &id, &err) < 0)
		fail_msg("%s", err.text);
	return id;
}

void assert_text(const struct rig_err *err, const char *part)
{
	if (!strstr(err->text, part))
		fail_msg("expected '%s' in '%s'", part, err->text);
}
