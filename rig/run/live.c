// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "run/live.h"

/* By way of the folder's descriptor: a socket's path is at most 107 bytes, a folder's is not. */
int live_listen(struct run *run)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), moved = -1;

	if (fd < 0)
		return 0;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/" LIVE_MONITOR, record_dir(run->record));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 4) < 0)
		return 0;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);	/* away from what the child gets anew */
	return moved > 0 ? TAKE_FD(moved) : 0;
}

void live_announce(struct run *run)
{
	json_auto_t *o = json_pack("{si ss ss* ss ss}", "qemu_pid", (int)vm_pid(run->vm), "scenario",
				   run->scenario->name, "release", run->kernel->release, "kernel", run->kernel->spec,
				   "image_sha256", run->kernel->image_sha256);
	AUTO_FREE char *text = json_dumps(o, JSON_INDENT(2));
	AUTO_CLOSE int fd = openat(record_dir(run->record), LIVE_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (run->config.monitor_fd)
		close(run->config.monitor_fd);
	run->config.monitor_fd = 0;
	if (fd >= 0 && io_write_all(fd, text, strlen(text)) < 0)
		unlinkat(record_dir(run->record), LIVE_FILE, 0);
}

void live_end(struct run *run)
{
	if (run->config.monitor_fd)
		close(run->config.monitor_fd);
	run->config.monitor_fd = 0;
	unlinkat(record_dir(run->record), LIVE_FILE, 0);
	unlinkat(record_dir(run->record), LIVE_MONITOR, 0);
}
