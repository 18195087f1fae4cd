// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "qmp/qmp_link.h"

#define MAX_DRAIN	1024	/* reads */

static void trace(const struct qmp_link *l, char dir, uint64_t ns, const char *line, size_t len)
{
	if (len && l->config.trace)
		l->config.trace(l->config.trace_arg, dir, ns, line, len);
}

/* Record what will never become a line, in both directions; returns the bytes received. */
static size_t give_up_bytes(struct qmp_link *l)
{
	const char *rest;
	size_t len = qmp_line_rest(&l->line, &rest);

	trace(l, '<', clock_ns(), rest, len);
	trace(l, '>', clock_ns(), l->out, l->out_sent);
	free(TAKE_PTR(l->out));
	l->out_len = l->out_sent = 0;
	return len;
}

static void break_link(struct qmp_link *l, const struct rig_err *why)
{
	if (l->is_broken)
		return;		/* the first reason is kept */
	l->is_broken = true;
	l->broken = *why;
	loop_unwatch(l->loop, l->fd);
	give_up_bytes(l);
}

static void link_failed(struct qmp_link *l, const char *what, int eno)
{
	bool gone = eno == EPIPE || eno == ECONNRESET;
	struct rig_err err;

	rig_err_set(&err, gone ? l->config.blame : RIG_HOST, EPIPE,
		    "cannot %s '%s': %s; look for the reason in the console and in its messages",
		    what, l->config.name, strerror(eno));
	break_link(l, &err);
}

static void end_of_stream(struct qmp_link *l)
{
	struct rig_err err;
	bool cut = give_up_bytes(l);

	rig_err_set(&err, l->config.blame, EPIPE, "'%s' closed the connection%s; "
		    "look for the reason in the console and in its messages", l->config.name,
		    cut ? " in the middle of a line" : "");
	break_link(l, &err);
}

static void take_bytes(struct qmp_link *l, size_t n)
{
	uint64_t ns = clock_ns();
	struct rig_err err;
	const char *line;
	size_t len;
	int r;

	qmp_line_fill(&l->line, n);
	while ((r = qmp_line_next(&l->line, &line, &len)) > 0) {
		trace(l, '<', ns, line, len);
		r = l->take(l->take_arg, line, len, ns, &err);
		if (r < 0) {
			break_link(l, &err);
			return;
		}
	}
	if (r < 0) {
		rig_err_set(&err, l->config.blame, EBADMSG,
			    "'%s' broke the protocol: line of more than %zu bytes; "
			    "see the record of its wire", l->config.name, l->config.max_line_bytes);
		break_link(l, &err);
	}
}

/* One read; true when another one may bring more. */
static bool receive_some(struct qmp_link *l)
{
	size_t room;
	char *to = qmp_line_room(&l->line, &room);
	ssize_t n = recv(l->fd, to, room, 0);

	if (n > 0)
		take_bytes(l, (size_t)n);
	else if (n == 0)
		end_of_stream(l);
	else if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	else if (errno != EINTR)
		link_failed(l, "receive from", errno);
	return !l->is_broken;
}

/* One read a round: a peer that never stops must not starve the others in the loop. */
static void on_readable(void *arg, int fd)
{
	(void)fd;
	receive_some(arg);
}

void qmp_link_drain(struct qmp_link *l)
{
	/* bounded, because the peer may have left its end to somebody who goes on */
	for (int i = 0; i < MAX_DRAIN && !l->is_broken && receive_some(l); i++)
		;
}

/* As much as the socket takes, and with the first byte the descriptor. */
static ssize_t send_bytes(struct qmp_link *l)
{
	struct iovec bytes = { l->out + l->out_sent, l->out_len - l->out_sent };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1 };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };

	if (l->out_fd >= 0 && !l->out_sent) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		*CMSG_FIRSTHDR(&msg) = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
							.cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &l->out_fd, sizeof(int));
	}
	return sendmsg(l->fd, &msg, MSG_NOSIGNAL);
}

static void send_some(struct qmp_link *l)
{
	while (l->out) {
		uint64_t ns = clock_ns();	/* before, so that the reply is never older */
		ssize_t n = send_bytes(l);

		if (n >= 0) {
			l->out_sent += (size_t)n;
			if (l->out_sent < l->out_len)
				continue;
			trace(l, '>', ns, l->out, l->out_len - 1);
			free(TAKE_PTR(l->out));
			l->out_len = l->out_sent = 0;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (errno != EINTR) {
			int eno = errno;

			/* what a dying peer said last is the evidence: read it first */
			while (receive_some(l))
				;
			link_failed(l, "send to", eno);
		}
	}
}

static void on_writable(void *arg, int epoll_fd)
{
	(void)epoll_fd;
	send_some(arg);
}

static bool is_flushed(void *arg)
{
	const struct qmp_link *l = arg;

	return !l->out || l->is_broken;
}

/*
 * The loop waits for readable descriptors only; an epoll descriptor is readable once the socket
 * in it is writable.
 */
static int wait_writable(struct qmp_link *l, const char *what, uint64_t until_ns,
			 struct rig_err *err)
{
	struct epoll_event writable = { .events = EPOLLOUT };
	AUTO_FREE char *awaited = xasprintf("'%s' to take '%s'", l->config.name, what);
	AUTO_CLOSE int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int r;

	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, l->fd, &writable) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot wait for '%s' to read: %s",
				   l->config.name, strerror(errno));
	loop_watch(l->loop, epoll_fd, on_writable, l);
	r = loop_until(l->loop, is_flushed, l, until_ns, awaited, err);
	loop_unwatch(l->loop, epoll_fd);
	return r;
}

void qmp_link_put(struct qmp_link *l, char *line)
{
	qmp_link_put_fd(l, line, -1);
}

void qmp_link_put_fd(struct qmp_link *l, char *line, int fd)
{
	assert(!l->out);
	l->out = line;
	l->out_fd = fd;
	l->out_len = strlen(line);
	l->out_sent = 0;
}

int qmp_link_flush(struct qmp_link *l, const char *what, uint64_t until_ns, struct rig_err *err)
{
	int r = 0;

	if (!l->is_broken)
		send_some(l);
	if (!is_flushed(l))
		r = wait_writable(l, what, until_ns, err);
	if (r == 0 && l->is_broken) {
		*err = l->broken;
		r = -err->eno;
	}
	return r;
}

bool qmp_link_take_back(struct qmp_link *l)
{
	if (l->out_sent)
		return false;
	free(TAKE_PTR(l->out));
	l->out_len = 0;
	return true;
}

int qmp_link_init(struct qmp_link *l, struct loop *loop, int fd, const struct qmp_config *config,
		  struct rig_err *err)
{
	int flags = fcntl(fd, F_GETFL), type = 0;
	socklen_t size = sizeof(type);

	if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		int eno = errno;

		if (fd >= 0)
			close(fd);
		return rig_err_set(err, RIG_HOST, eno, "cannot use the socket of '%s': %s",
				   config->name, strerror(eno));
	}
	l->loop = loop;
	l->fd = fd;
	l->config = *config;
	l->config.name = xstrdup(config->name);
	l->config.greeting_key = xstrdup(config->greeting_key);
	l->line = (struct qmp_line){ .max_bytes = config->max_line_bytes };
	loop_watch(loop, fd, on_readable, l);
	return 0;
}

void qmp_link_deinit(struct qmp_link *l)
{
	give_up_bytes(l);
	loop_unwatch(l->loop, l->fd);
	close(l->fd);
	qmp_line_deinit(&l->line);
	free((char *)l->config.name);
	free((char *)l->config.greeting_key);
}
