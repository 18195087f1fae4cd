// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/file.h>
#include <sys/timerfd.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/loop.h"
#include "base/mem.h"

#define RETRY_MS	20

static bool try(int fd, int how)
{
	int r;

	do
		r = flock(fd, how | LOCK_NB);
	while (r < 0 && errno == EINTR);
	return r == 0 || errno != EWOULDBLOCK;
}

bool lock_try(int fd)
{
	return try(fd, LOCK_EX);
}

bool lock_try_shared(int fd)
{
	return try(fd, LOCK_SH);
}

static bool try_again(void *arg)
{
	return lock_try(*(int *)arg);
}

static void drain_timer(void *arg, int fd)
{
	uint64_t ticks;

	(void)arg;
	if (read(fd, &ticks, sizeof(ticks)) < 0) {
		/* nothing there yet */
	}
}

/* No descriptor becomes readable when a flock is released, hence a timer that asks again. */
int lock_wait(int fd, const char *path, uint64_t until_ns, struct rig_err *err)
{
	const struct itimerspec every = {
		.it_interval.tv_nsec = RETRY_MS * (long)NS_PER_MS,
		.it_value.tv_nsec = RETRY_MS * (long)NS_PER_MS,
	};
	AUTO_CLOSE int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	AUTO_FREE char *what = xasprintf("the lock '%s'", path);
	struct loop *loop = NULL;
	int r;

	if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a timer: %s", strerror(errno));
	r = loop_create(&loop, err);
	if (r < 0)
		return r;
	loop_watch(loop, timer, drain_timer, NULL);
	r = loop_until(loop, try_again, &fd, until_ns, what, err);
	loop_destroy(loop);
	if (r < 0 && err->cause == RIG_TIMEOUT)
		return rig_err_set(err, RIG_HOST, ETIMEDOUT, "another process holds the lock '%s' and does not let it "
				   "go: end it and try again", path);
	return r;
}
