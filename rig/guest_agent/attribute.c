// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/attribute.h"

#define ATTRIBUTE_BYTES 4096

json_t *attribute_json(int dir, const char *entry, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", entry, name);
	AUTO_CLOSE int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	char buf[ATTRIBUTE_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == ' '))
		n--;
	return n < 0 ? NULL : json_bytes(buf, (size_t)n);
}
