/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: a child process that answers a command when it ends, or is given up on.  Agent only.
 */
#ifndef RIG_AGENT_JOB_H
#define RIG_AGENT_JOB_H

#include <sys/types.h>

#include "guest_agent/agent.h"

struct job {
	struct job *next;
	struct agent *agent;
	json_t *id;
	pid_t pid;
	int pidfd, out, timer;		/* -1 when closed */
	char *output;			/* what it printed, bounded */
	size_t output_len;
	bool truncated, gave_up, exited;
	int status;			/* as from waitpid(2), once exited */
	uint64_t started_ns;
	/* makes the answer; @gave_up: the deadline passed and it was killed, perhaps in vain */
	json_t *(*answer)(const struct job *job);
};

/**
 * job_start() - fork; the child runs @child and exits with what it returns
 * @child: stdout and stderr are a pipe to us
 * At @deadline_ms it gets SIGKILL; if it does not die within a second after that (stuck in the
 * kernel), it is answered for as given up and left behind.
 */
int job_start(const struct request *req, uint64_t deadline_ms, int (*child)(void *arg), void *arg,
	      json_t *(*answer)(const struct job *job), struct rig_err *err) RIG_CHECKED;

#endif
