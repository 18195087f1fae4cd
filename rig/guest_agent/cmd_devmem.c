// SPDX-License-Identifier: GPL-2.0-or-later
/* One page of memory by its physical address. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "guest_agent/agent.h"

#define PAGE_BYTES 4096u

/* The byte that all of the page has; -1: they differ */
static int only_byte(const unsigned char *page)
{
	return memcmp(page, page + 1, PAGE_BYTES - 1) ? -1 : page[0];
}

/*
 * {address[, write]}: reads the page, or fills it with the byte "write" and reads it back;
 * answers {errno, byte}: of open, write or read, whichever fails first
 */
int cmd_devmem(const struct request *req, json_t **ret, struct rig_err *err)
{
	bool writes = json_object_get(req->args, "write");
	AUTO_CLOSE int fd = open("/dev/mem", (writes ? O_RDWR : O_RDONLY) | O_SYNC | O_CLOEXEC);
	static unsigned char page[PAGE_BYTES];
	uint64_t address, byte = 0;
	ssize_t n = PAGE_BYTES;
	int r;

	if ((r = arg_u64(req, "address", INT64_MAX - PAGE_BYTES, &address, err)) < 0 ||
	    (writes && (r = arg_u64(req, "write", 0xff, &byte, err)) < 0))
		return r;
	memset(page, (int)byte, sizeof(page));
	if (fd < 0 || (writes && (n = pwrite(fd, page, sizeof(page), (off_t)address)) < 0) ||
	    (n == PAGE_BYTES && (n = pread(fd, page, sizeof(page), (off_t)address)) < 0))
		*ret = json_pack("{si si}", "errno", errno, "byte", -1);
	else if (n != PAGE_BYTES)
		return rig_err_set(err, RIG_AGENT, EIO, "/dev/mem took or gave a part of a page");
	else
		*ret = json_pack("{si si}", "errno", 0, "byte", only_byte(page));
	return 0;
}
