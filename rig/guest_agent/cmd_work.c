// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the kernel's workqueues have work.
 *
 * Work that is queued wakes a worker, which is then runnable until it has taken the work, and executing
 * until it is done; wq_worker_comm() shows the latter, "kworker/0:1+events" while it executes and
 * "kworker/0:1-events" afterwards.  So all is at rest when no worker is runnable and none shows a '+'.
 * Nothing tells of the moment when that becomes true: it is looked for again and again.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/job.h"

#define LOOK_AGAIN_NS 1000000	/* of virtual time, in which a worker gets the processor */
#define MAX_NAME 256

/* True when the process is a worker with work; its name goes to @name. */
static bool has_work(int proc, const char *pid, char name[MAX_NAME])
{
	AUTO_FREE char *path = xasprintf("%s/stat", pid);
	AUTO_CLOSE int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	char stat[1024], *begin, *end;
	ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);

	if (n <= 0)
		return false;
	stat[n] = '\0';
	begin = strstr(stat, "(kworker/");
	end = begin ? strrchr(begin, ')') : NULL;
	if (!end || end[1] != ' ')
		return false;
	snprintf(name, MAX_NAME, "%.*s", (int)(end - begin - 1), begin + 1);
	return end[2] == 'R' || strchr(name, '+');
}

/* The first worker that has work, or "" in @name. */
static void find_busy(char name[MAX_NAME])
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d)))
		found = isdigit((unsigned char)*e->d_name) && has_work(dirfd(d), e->d_name, name);
	if (d)
		closedir(d);
	if (!found)
		*name = '\0';
}

/* Runs in a child: what it prints is the name of the worker that has work at the end. */
static int await_idle(void *arg)
{
	const uint64_t *until_ns = arg;
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_NS };
	char name[MAX_NAME];

	for (find_busy(name); *name && clock_ns() < *until_ns; find_busy(name))
		nanosleep(&pause, NULL);
	printf("%s", name);
	fflush(stdout);
	return 0;
}

static json_t *idle_answer(const struct job *job)
{
	bool failed = job->gave_up || !job->exited || !WIFEXITED(job->status);

	return json_pack("{so}", "busy", failed ? json_string("unknown") :
			 json_bytes(job->output ? job->output : "", job->output_len));
}

/* {deadline-ms}: answers {busy}, a worker's name, "" when none has work; a job */
int cmd_await_idle_work(const struct request *req, json_t **ret, struct rig_err *err)
{
	uint64_t deadline_ms, until_ns;
	int r = arg_u64(req, "deadline-ms", 3600000, &deadline_ms, err);

	(void)ret;
	if (r < 0)
		return r;
	until_ns = clock_in_ms(deadline_ms);
	r = job_start(req, deadline_ms + deadline_ms / 10, await_idle, &until_ns, idle_answer, err);
	return r < 0 ? r : COMMAND_LATER;
}
