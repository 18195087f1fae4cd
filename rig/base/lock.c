// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sys/file.h>

#include "base/clean.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/poll.h"

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

int lock_wait(int fd, const char *path, uint64_t until_ns, struct rig_err *err)
{
	AUTO_FREE char *what = xasprintf("the lock '%s'", path);
	int r = poll_until(NULL, try_again, &fd, RETRY_MS, until_ns, what, err);

	if (r < 0 && err->cause == RIG_TIMEOUT)
		return rig_err_set(err, RIG_HOST, ETIMEDOUT, "another process holds the lock '%s' and does not let it "
				   "go: end it and try again", path);
	return r;
}
