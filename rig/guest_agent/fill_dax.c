// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/fill_dax.h"

#define HUGE_BYTES (2u << 20)

static int map(int fd, uint64_t bytes, uint64_t **ret)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return errno;
	*ret = at;
	return 0;
}

int dax_map_device(const char *device, uint64_t bytes, uint64_t **ret)
{
	AUTO_CLOSE int fd = open(device, O_RDWR | O_CLOEXEC);
	int r = fd < 0 ? errno : map(fd, bytes, ret);

	/* first in the midst of each huge page: the kernel must find where it begins */
	for (uint64_t at = HUGE_BYTES / 2; !r && at < bytes; at += HUGE_BYTES)
		(void)((volatile uint64_t *)*ret)[at / sizeof(**ret)];
	return r;
}

int dax_mount(const char *device, const char *where)
{
	int r;

	if (mkdir(where, 0700) < 0)
		return errno;
	if (mount(device, where, "ext4", 0, "dax=always") == 0)
		return 0;
	r = errno;
	rmdir(where);
	return r;
}

int dax_unmount(const char *where)
{
	if (umount2(where, 0) < 0)
		return errno;
	return rmdir(where) < 0 ? errno : 0;
}

int dax_map_file(const char *where, uint64_t bytes, uint64_t **ret)
{
	AUTO_FREE char *path = xasprintf("%s/fill", where);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct statx st;
	int r;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, 0, &st) < 0)
		return errno;
	if (!(st.stx_attributes & STATX_ATTR_DAX))
		return ENOTSUP;
	r = posix_fallocate(fd, 0, (off_t)bytes);
	return r ? r : map(fd, bytes, ret);
}
