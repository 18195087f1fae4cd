// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The real agent, but offlining a memory block makes the kernel panic, as a kernel bug would.
 * Linked with --wrap=cmd_set_memory_block.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clean.h"
#include "tests/agents/greet.h"

command_fn __wrap_cmd_set_memory_block, __real_cmd_set_memory_block;

int __wrap_cmd_set_memory_block(const struct request *req, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = -1;
	const char *state;
	int r = arg_string(req, "state", &state, err);

	if (r < 0)
		return r;
	if (strcmp(state, "offline"))
		return __real_cmd_set_memory_block(req, ret, err);
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "c", 1) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot make the kernel panic: %s",
				   strerror(errno));
	return COMMAND_LATER;
}
