// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "vm/child.h"

/* The first words name the problem, the last ones the end; what is between may go. */
#define HEAD_BYTES	8192
#define OUTPUT_BYTES	32768

struct child {
	struct loop *loop, *stop_loop;	/* stop_loop only inside child_stop() */
	void (*ended_fn)(void *arg);
	void *arg;
	pid_t pid;
	int pidfd, output_fd;
	bool ended;
	int status;
	char ending[32];
	char output[OUTPUT_BYTES + 1];
	size_t len;
};

static void keep_output(struct child *c, const char *data, size_t n)
{
	size_t room = OUTPUT_BYTES - c->len;

	if (n > room) {
		size_t drop = (OUTPUT_BYTES - HEAD_BYTES) / 2;

		memmove(c->output + HEAD_BYTES, c->output + HEAD_BYTES + drop,
			c->len - HEAD_BYTES - drop);
		c->len -= drop;
	}
	memcpy(c->output + c->len, data, n);
	c->len += n;
	c->output[c->len] = '\0';
}

/* One read; false when there is nothing now or never again. */
static bool read_output(struct child *c)
{
	char data[4096];
	ssize_t n = c->output_fd < 0 ? 0 : read(c->output_fd, data, sizeof(data));

	if (n < 0 && errno == EINTR)
		return true;
	if (n > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (!data[i])
				data[i] = '?';	/* callers see one string */
		keep_output(c, data, (size_t)n);
		return true;
	}
	if ((n == 0 || errno != EAGAIN) && c->output_fd >= 0) {
		loop_unwatch(c->loop, c->output_fd);
		if (c->stop_loop)
			loop_unwatch(c->stop_loop, c->output_fd);
		close(TAKE_FD(c->output_fd));
	}
	return false;
}

static void on_output(void *arg, int fd)
{
	(void)fd;
	read_output(arg);
}

static void set_ended(struct child *c, int status)
{
	c->ended = true;
	c->status = status;
	if (WIFSIGNALED(status))
		snprintf(c->ending, sizeof(c->ending), "signal SIG%s", sigabbrev_np(WTERMSIG(status)));
	else
		snprintf(c->ending, sizeof(c->ending), "exit code %d", WEXITSTATUS(status));
	loop_unwatch(c->loop, c->pidfd);
	if (c->stop_loop)
		loop_unwatch(c->stop_loop, c->pidfd);
	/* bounded, because a grandchild may hold the pipe and write on */
	for (int i = 0; i < 64 && read_output(c); i++)
		;
}

static void on_pidfd(void *arg, int fd)
{
	struct child *c = arg;
	int status;

	(void)fd;
	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	set_ended(c, status);
	if (c->ended_fn && !c->stop_loop)
		c->ended_fn(c->arg);
}

static void become(const struct child_config *config, int output, int report, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);	/* the parent died before the prctl */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		goto fail;
	for (unsigned int i = 0; i < config->nr_keep_fds; i++)
		if (fcntl(config->keep_fds[i], F_SETFD, 0) < 0)
			goto fail;
	execvp(config->argv[0], config->argv);
fail:
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

/* Fork and wait for the exec; the fork's errno or exec's as negative result. */
static int spawn(const struct child_config *config, int output, pid_t *ret)
{
	pid_t parent = getpid(), pid;
	int report[2], failure = 0;
	ssize_t n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(config, output, report[1], parent);
	failure = pid < 0 ? errno : 0;
	close(report[1]);
	do {
		n = pid < 0 ? 0 : read(report[0], &failure, sizeof(failure));
	} while (n < 0 && errno == EINTR);
	close(report[0]);
	if (pid > 0 && failure)
		waitpid(pid, NULL, 0);
	if (!failure)
		*ret = pid;
	return -failure;
}

int child_create(const struct child_config *config, struct child **ret, struct rig_err *err)
{
	AUTO_CLOSE int reader = -1, writer = -1;
	struct child *c;
	int fds[2], r;
	pid_t pid = -1;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	reader = fds[0];
	writer = fds[1];
	fcntl(reader, F_SETFL, O_NONBLOCK);	/* the reader's end alone */
	r = spawn(config, writer, &pid);
	if (r < 0)
		return rig_err_set(err, RIG_HOST, -r, "cannot run '%s': %s", config->argv[0],
				   strerror(-r));
	c = xcalloc(1, sizeof(*c));
	*c = (struct child){ .loop = config->loop, .ended_fn = config->ended, .arg = config->arg,
			     .pid = pid, .output_fd = TAKE_FD(reader) };
	c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (c->pidfd < 0) {
		r = rig_err_set(err, RIG_HOST, errno, "cannot watch process %d: %s", (int)pid,
				strerror(errno));
		child_destroy(c);
		return r;
	}
	loop_watch(c->loop, c->output_fd, on_output, c);
	loop_watch(c->loop, c->pidfd, on_pidfd, c);
	*ret = c;
	return 0;
}

void child_destroy(struct child *c)
{
	int saved = errno, status;

	if (!c)
		return;
	if (!c->ended) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
		set_ended(c, status);
	}
	if (c->output_fd >= 0) {
		loop_unwatch(c->loop, c->output_fd);
		close(c->output_fd);
	}
	if (c->pidfd >= 0)
		close(c->pidfd);
	free(c);
	errno = saved;
}

static bool has_ended(void *arg)
{
	return child_has_ended(arg);
}

bool child_stop(struct child *c, int sig, uint64_t until_ns)
{
	struct rig_err err;
	bool ended;

	if (c->ended)
		return true;
	if (sig)
		kill(c->pid, sig);
	/*
	 * A loop of our own: the caller's may be cancelled because of this very child, and its
	 * handlers must not run while their owner is being taken down.
	 */
	if (loop_create(&c->stop_loop, &err) < 0)
		return false;
	loop_mask_interrupt(c->stop_loop, true);
	loop_watch(c->stop_loop, c->pidfd, on_pidfd, c);
	if (c->output_fd >= 0)
		loop_watch(c->stop_loop, c->output_fd, on_output, c);
	ended = loop_until(c->stop_loop, has_ended, c, until_ns, "the end of a child", &err) == 0;
	loop_destroy(TAKE_PTR(c->stop_loop));
	return ended;
}

pid_t child_pid(const struct child *c)
{
	return c->pid;
}

bool child_has_ended(const struct child *c)
{
	return c->ended;
}

int child_status(const struct child *c)
{
	return c->status;
}

const char *child_ending(const struct child *c)
{
	return c->ending;
}

const char *child_output(const struct child *c)
{
	return c->output;
}
