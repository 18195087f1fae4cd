// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/proc.h"

#define MAX_OUTPUT_BYTES (64u << 20)

struct capture {
	struct loop *loop;
	char *data;
	size_t len, cap;
	bool eof, overflow;
};

struct running {
	struct loop *loop;
	struct capture out, errout;
	bool exited;
};

static void on_output(void *arg, int fd)
{
	struct capture *c = arg;
	ssize_t n;

	if (c->len + 4096 > c->cap) {
		c->cap = c->cap ? c->cap * 2 : 16384;
		c->data = xrealloc(c->data, c->cap, 1);
	}
	n = read(fd, c->data + c->len, c->cap - c->len - 1);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0)
		c->len += (size_t)n;
	c->overflow = c->len > MAX_OUTPUT_BYTES;
	if (n <= 0 || c->overflow) {
		c->eof = true;
		loop_unwatch(c->loop, fd);
	}
}

static void on_exit_ready(void *arg, int fd)
{
	struct running *r = arg;

	r->exited = true;
	loop_unwatch(r->loop, fd);	/* it stays readable */
}

static bool finished(void *arg)
{
	const struct running *r = arg;

	return (r->exited && r->out.eof && r->errout.eof) || r->out.overflow || r->errout.overflow;
}

static void child(char *const argv[], char *const envp[], const char *cwd, int out, int errout,
		  int report, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	dup2(null, 0);
	dup2(out, 1);
	dup2(errout, 2);
	signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; envp && envp[i]; i++)
		putenv(envp[i]);
	if (!cwd || chdir(cwd) == 0)
		execvp(argv[0], argv);
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

int proc_run(char *const argv[], char *const envp[], const char *cwd, uint64_t until_ns,
	     struct proc_result *ret, struct rig_err *err)
{
	struct running run = { 0 };
	struct loop *loop = NULL;
	int out[2], errout[2], report[2], exec_errno = 0, status, r, pidfd;
	pid_t parent = getpid(), pid;

	r = loop_create(&loop, err);
	if (r < 0)
		return r;
	if (pipe2(out, O_CLOEXEC) || pipe2(errout, O_CLOEXEC) || pipe2(report, O_CLOEXEC)) {
		loop_destroy(loop);
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0)
		child(argv, envp, cwd, out[1], errout[1], report[1], parent);
	close(out[1]);
	close(errout[1]);
	close(report[1]);
	if (pid < 0) {
		r = rig_err_set(err, RIG_HOST, errno, "cannot fork: %s", strerror(errno));
		goto out;
	}
	if (read(report[0], &exec_errno, sizeof(exec_errno)) == sizeof(exec_errno)) {
		waitpid(pid, &status, 0);
		r = rig_err_set(err, RIG_HOST, exec_errno, "cannot run '%s': %s", argv[0],
				strerror(exec_errno));
		goto out;
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	run.loop = run.out.loop = run.errout.loop = loop;
	loop_watch(loop, out[0], on_output, &run.out);
	loop_watch(loop, errout[0], on_output, &run.errout);
	loop_watch(loop, pidfd, on_exit_ready, &run);
	r = loop_until(loop, finished, &run, until_ns, argv[0], err);
	if (!r && (run.out.overflow || run.errout.overflow))
		r = rig_err_set(err, RIG_HOST, EFBIG, "'%s' prints without end", argv[0]);
	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(pidfd);
	if (!r) {
		*ret = (struct proc_result){
			.status = status,
			.out = run.out.data ? run.out.data : xcalloc(1, 1), .out_len = run.out.len,
			.errout = run.errout.data ? run.errout.data : xcalloc(1, 1),
			.errout_len = run.errout.len,
		};
		ret->out[ret->out_len] = '\0';
		ret->errout[ret->errout_len] = '\0';
		run.out.data = run.errout.data = NULL;
	}
out:
	free(run.out.data);
	free(run.errout.data);
	close(out[0]);
	close(errout[0]);
	close(report[0]);
	loop_destroy(loop);
	return r;
}

int proc_check(const struct proc_result *r, const char *name, struct rig_err *err)
{
	const char *tail = r->errout_len > 600 ? r->errout + r->errout_len - 600 : r->errout;
	int len = (int)strlen(tail);

	while (len > 0 && (tail[len - 1] == '\n' || tail[len - 1] == ' '))
		len--;
	if (WIFSIGNALED(r->status))
		return rig_err_set(err, RIG_HOST, EIO, "'%s' was killed by SIG%s", name,
				   sigabbrev_np(WTERMSIG(r->status)));
	if (WEXITSTATUS(r->status))
		return rig_err_set(err, RIG_HOST, EIO, "'%s' failed with exit code %d: %.*s", name,
				   WEXITSTATUS(r->status), len, tail);
	return 0;
}

void proc_result_deinit(struct proc_result *r)
{
	free(r->out);
	free(r->errout);
	*r = (struct proc_result){ 0 };
}
