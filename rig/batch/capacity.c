// SPDX-License-Identifier: GPL-2.0-or-later
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "batch/capacity.h"

#define MAX_MEMINFO_BYTES 65536

static unsigned int count_cores(void)
{
	cpu_set_t set;

	/* fails with more processors than a cpu_set_t has, and then there are enough */
	return sched_getaffinity(0, sizeof(set), &set) < 0 ? CPU_SETSIZE : (unsigned int)CPU_COUNT(&set);
}

static uint64_t available_bytes(void)
{
	static const char name[] = "\nMemAvailable:";
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	const char *line;

	if (io_read_file("/proc/meminfo", MAX_MEMINFO_BYTES, &text, NULL, &ignored) < 0)
		return 0;
	line = strstr(text, name);
	return line ? strtoull(line + strlen(name), NULL, 10) << 10 : 0;
}

struct capacity capacity_now(void)
{
	return (struct capacity){ .cores = count_cores(), .available_bytes = available_bytes() };
}

unsigned int capacity_jobs(const struct capacity *c, uint64_t machine_bytes, unsigned int max)
{
	uint64_t spare = c->available_bytes > CAPACITY_HOST_BYTES ? c->available_bytes - CAPACITY_HOST_BYTES : 0;
	uint64_t jobs = spare / (machine_bytes + CAPACITY_RUN_BYTES);

	jobs = jobs > c->cores ? c->cores : jobs;
	jobs = jobs > max ? max : jobs;
	return jobs ? (unsigned int)jobs : 1;
}

bool capacity_holds(const struct capacity *c, uint64_t machine_bytes)
{
	return c->available_bytes >= machine_bytes + CAPACITY_RUN_BYTES;
}
