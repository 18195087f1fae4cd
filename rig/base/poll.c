// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/poll.h"

static void drain_timer(void *arg, int fd)
{
	uint64_t ticks;

	(void)arg;
	if (read(fd, &ticks, sizeof(ticks)) < 0) {
		/* nothing there yet */
	}
}

int poll_until(struct loop *loop, bool (*done)(void *arg), void *arg, unsigned int every_ms,
	       uint64_t until_ns, const char *what, struct rig_err *err)
{
	const struct timespec every = { every_ms / 1000, every_ms % 1000 * (long)NS_PER_MS };
	const struct itimerspec when = { .it_interval = every, .it_value = every };
	AUTO_CLOSE int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct loop *own = NULL;
	int r;

	if (timer < 0 || timerfd_settime(timer, 0, &when, NULL) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a timer: %s", strerror(errno));
	if (!loop) {
		r = loop_create(&own, err);
		if (r < 0)
			return r;
		loop = own;
	}
	loop_watch(loop, timer, drain_timer, NULL);
	r = loop_until(loop, done, arg, until_ns, what, err);
	loop_unwatch(loop, timer);
	loop_destroy(own);
	return r;
}
