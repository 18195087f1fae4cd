// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "guest_agent/job.h"

#define MAX_OUTPUT_BYTES (1u << 20)
#define GRACE_MS 1000

static void unwatch_close(struct agent *a, int *fd)
{
	if (*fd < 0)
		return;
	loop_unwatch(a->loop, *fd);
	close(*fd);
	*fd = -1;
}

static void finish(struct job *job)
{
	struct agent *a = job->agent;

	for (struct job **p = &a->jobs; *p; p = &(*p)->next)
		if (*p == job) {
			*p = job->next;
			break;
		}
	unwatch_close(a, &job->pidfd);
	unwatch_close(a, &job->out);
	unwatch_close(a, &job->timer);
	agent_reply(a, job->id, job->answer(job));
	free(job->output);
	free(job);
}

static void read_output(struct job *job)
{
	char buf[4096];
	ssize_t n;

	while (job->out >= 0) {
		n = read(job->out, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			unwatch_close(job->agent, &job->out);
			return;
		}
		if (job->output_len + (size_t)n > MAX_OUTPUT_BYTES) {
			job->truncated = true;
			continue;
		}
		job->output = xrealloc(job->output, job->output_len + (size_t)n, 1);
		memcpy(job->output + job->output_len, buf, (size_t)n);
		job->output_len += (size_t)n;
	}
}

static void on_output(void *arg, int fd)
{
	(void)fd;
	read_output(arg);
}

static void on_exit_ready(void *arg, int fd)
{
	struct job *job = arg;

	(void)fd;
	if (waitpid(job->pid, &job->status, WNOHANG) != job->pid)
		return;
	job->exited = true;
	read_output(job);	/* a grandchild may keep the pipe open: take what is there */
	finish(job);
}

static void arm(int timer, uint64_t ms)
{
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(ms / 1000),
					       .tv_nsec = (long)(ms % 1000) * 1000000 } };

	if (!ms)
		at.it_value.tv_nsec = 1;
	timerfd_settime(timer, 0, &at, NULL);
}

static void on_deadline(void *arg, int fd)
{
	struct job *job = arg;
	uint64_t ticks;

	if (read(fd, &ticks, sizeof(ticks)) < 0)
		return;
	if (job->gave_up) {
		finish(job);	/* stuck in the kernel: leave it behind */
		return;
	}
	job->gave_up = true;
	kill(-job->pid, SIGKILL);
	arm(fd, GRACE_MS);
}

int job_start(const struct request *req, uint64_t deadline_ms, int (*child)(void *arg), void *arg,
	      json_t *(*answer)(const struct job *job), struct rig_err *err)
{
	int out[2];
	struct job *job;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		_exit(child(arg));
	}
	close(out[1]);
	if (pid < 0) {
		close(out[0]);
		return rig_err_set(err, RIG_AGENT, errno, "cannot fork: %s", strerror(errno));
	}
	setpgid(pid, pid);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	job = xcalloc(1, sizeof(*job));
	*job = (struct job){
		.next = req->agent->jobs, .agent = req->agent, .id = json_incref(req->id), .pid = pid,
		.pidfd = (int)syscall(SYS_pidfd_open, pid, 0), .out = out[0],
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), .started_ns = clock_ns(),
		.answer = answer,
	};
	req->agent->jobs = job;
	loop_watch(req->agent->loop, job->pidfd, on_exit_ready, job);
	loop_watch(req->agent->loop, job->out, on_output, job);
	loop_watch(req->agent->loop, job->timer, on_deadline, job);
	arm(job->timer, deadline_ms);
	return 0;
}
