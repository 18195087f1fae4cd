// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clean.h"
#include "vm/links.h"

void links_close(struct vm_fds *fds)
{
	clean_close(&fds->qmp);
	clean_close(&fds->console);
	clean_close(&fds->agent);
	*fds = (struct vm_fds){ -1, -1, -1 };
}

void links_deinit(struct links *l)
{
	links_close(&l->ours);
	links_close(&l->theirs);
}

/* Away from 0, 1 and 2, which the child gets anew, should ours have been closed. */
static int above_stdio(int *fd)
{
	int moved;

	if (*fd > 2)
		return 0;
	moved = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (moved < 0)
		return -errno;
	close(*fd);
	*fd = moved;
	return 0;
}

static int make_link(int *ours, int *theirs, struct rig_err *err)
{
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a socket pair: %s",
				   strerror(errno));
	*ours = fds[0];
	*theirs = fds[1];
	r = above_stdio(theirs);
	if (!r && fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	if (r < 0)
		return rig_err_set(err, RIG_HOST, -r, "cannot prepare a socket pair: %s",
				   strerror(-r));
	return 0;
}

int links_init(struct links *l, struct rig_err *err)
{
	int r = make_link(&l->ours.qmp, &l->theirs.qmp, err);

	if (r == 0)
		r = make_link(&l->ours.console, &l->theirs.console, err);
	if (r == 0)
		r = make_link(&l->ours.agent, &l->theirs.agent, err);
	return r;
}
