// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "vm/proc_stat.h"

#define MAX_STAT_BYTES	4096
#define MAX_MAPS_BYTES	(16u << 20)

static char *read_proc(const char *path, size_t max_bytes)
{
	struct rig_err err;
	char *text;

	return io_read_file(path, max_bytes, &text, NULL, &err) < 0 ? NULL : text;
}

/* Nanoseconds, and the waiting as well, but only where the host has CONFIG_SCHED_INFO. */
static bool from_schedstat(pid_t pid, pid_t tid, struct proc_times *ret)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
	AUTO_FREE char *text = read_proc(path, MAX_STAT_BYTES);
	struct proc_times t;

	if (!text || sscanf(text, "%" SCNu64 " %" SCNu64, &t.cpu_ns, &t.wait_ns) != 2 || !t.cpu_ns)
		return false;
	*ret = t;
	return true;
}

/* Clock ticks, everywhere. */
static bool from_stat(pid_t pid, pid_t tid, struct proc_times *ret)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/stat", (int)pid, (int)tid);
	AUTO_FREE char *text = read_proc(path, MAX_STAT_BYTES);
	/* the name in parentheses may hold anything, parentheses too */
	const char *behind_name = text ? strrchr(text, ')') : NULL;
	uint64_t user, system;
	long per_second = sysconf(_SC_CLK_TCK);

	if (!behind_name || per_second <= 0 ||
	    sscanf(behind_name, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
		   &user, &system) != 2)
		return false;
	*ret = (struct proc_times){ .cpu_ns = (user + system) * (NS_PER_S / (uint64_t)per_second) };
	return true;
}

bool proc_stat_thread(pid_t pid, pid_t tid, struct proc_times *ret)
{
	return from_schedstat(pid, tid, ret) || from_stat(pid, tid, ret);
}

uint64_t proc_stat_memfd_bytes(pid_t pid)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/maps", (int)pid);
	AUTO_FREE char *text = read_proc(path, MAX_MAPS_BYTES);
	char *rest = text, *line;
	uint64_t sum = 0;

	while (rest && (line = strsep(&rest, "\n"))) {
		uint64_t from, to;

		if (strstr(line, " /memfd:") &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2 && to > from)
			sum += to - from;
	}
	return sum;
}
