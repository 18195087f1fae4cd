// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"

struct watch {
	int fd;			/* -1: removed during a round */
	loop_ready_fn *ready;
	void *arg;
};

struct loop {
	struct watch *watches;
	size_t nr_watches, cap;
	uint64_t rounds;
	struct rig_err cancel;
	bool cancelled, masked;
};

/* Signals concern the process, hence the only file-scope state: a pipe that wakes poll(2). */
static volatile sig_atomic_t interrupt_signal;
static int interrupt_pipe[2] = { -1, -1 };

static void on_interrupt(int sig)
{
	int saved = errno;

	interrupt_signal = sig;
	if (write(interrupt_pipe[1], "", 1) < 0) {
		/* full: poll is awake already */
	}
	errno = saved;
}

static int install_handlers(struct rig_err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_interrupt }, old;

	if (interrupt_pipe[0] >= 0)
		return 0;
	if (pipe2(interrupt_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		/* nohup and background jobs ignore some on purpose */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &sa, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int loop_create(struct loop **ret, struct rig_err *err)
{
	int r = install_handlers(err);

	if (r < 0)
		return r;
	*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	free(loop->watches);
	free(loop);
}

int loop_forked(struct rig_err *err)
{
	int own[2], r = 0;

	if (interrupt_pipe[0] < 0)
		return 0;
	if (pipe2(own, O_CLOEXEC | O_NONBLOCK) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	/* each end is replaced in one go: a handler that runs meanwhile writes to the one or the other */
	for (int i = 0; i < 2; i++) {
		if (dup3(own[i], interrupt_pipe[i], O_CLOEXEC) < 0)
			r = rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
		close(own[i]);
	}
	return r;
}

void loop_watch(struct loop *loop, int fd, loop_ready_fn *ready, void *arg)
{
	GROW(loop->watches, loop->nr_watches, loop->cap);
	loop->watches[loop->nr_watches++] = (struct watch){ fd, ready, arg };
}

void loop_unwatch(struct loop *loop, int fd)
{
	for (size_t i = 0; i < loop->nr_watches; i++)
		if (loop->watches[i].fd == fd)
			loop->watches[i].fd = -1;	/* a round may be running: compact later */
}

static void compact(struct loop *loop)
{
	size_t kept = 0;

	for (size_t i = 0; i < loop->nr_watches; i++)
		if (loop->watches[i].fd >= 0)
			loop->watches[kept++] = loop->watches[i];
	loop->nr_watches = kept;
}

/*
 * A handler may wait itself, and so run rounds of its own: then the watches have moved and what
 * poll said here is out of date, so the next round asks anew.
 */
static void one_round(struct loop *loop, int timeout_ms)
{
	uint64_t round = ++loop->rounds;
	struct pollfd *fds;
	size_t n;

	compact(loop);
	n = loop->nr_watches;
	fds = xcalloc(n + 1, sizeof(*fds));
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = loop->watches[i].fd, .events = POLLIN };
	fds[n] = (struct pollfd){ .fd = interrupt_pipe[0], .events = POLLIN };
	if (poll(fds, n + 1, timeout_ms) > 0) {
		char sink[64];

		for (size_t i = 0; i < n && loop->rounds == round; i++)
			if (fds[i].revents && loop->watches[i].fd == fds[i].fd)
				loop->watches[i].ready(loop->watches[i].arg, fds[i].fd);
		if (fds[n].revents)
			while (read(interrupt_pipe[0], sink, sizeof(sink)) > 0)
				;
	}
	free(fds);
}

int loop_until(struct loop *loop, bool (*done)(void *arg), void *arg, uint64_t until_ns,
	       const char *what, struct rig_err *err)
{
	while (!done(arg)) {
		int left_ms = clock_left_ms(until_ns);

		if (loop->cancelled) {
			*err = loop->cancel;
			return -err->eno;
		}
		if (interrupt_signal && !loop->masked)
			return rig_err_set(err, RIG_INTERRUPTED, EINTR,
					   "interrupted by SIG%s while waiting for %s",
					   sigabbrev_np(interrupt_signal), what);
		if (!left_ms)
			return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT,
					   "deadline passed while waiting for %s", what);
		one_round(loop, left_ms);
	}
	return 0;
}

void loop_cancel(struct loop *loop, const struct rig_err *why)
{
	if (loop->cancelled)
		return;
	loop->cancel = *why;
	loop->cancelled = true;
}

void loop_resume(struct loop *loop)
{
	loop->cancelled = false;
}

const struct rig_err *loop_cancelled(const struct loop *loop)
{
	return loop->cancelled ? &loop->cancel : NULL;
}

int loop_interrupted(void)
{
	return interrupt_signal;
}

void loop_mask_interrupt(struct loop *loop, bool masked)
{
	loop->masked = masked;
}
