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
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "kernel/make.h"

#define GRACE_MS	5000u	/* make removes what is half-made */
#define MAKE_FAILED	2	/* make, or a command that it ran; what is no make has others */

struct running {
	const struct make *m;
	struct build_log *log;
	struct loop *loop;
	pid_t pid;
	int output, log_fd, pidfd;
	bool eof, exited, log_full;
	char line[4096];		/* a longer one is cut */
	size_t len;
};

static void end_line(struct running *r)
{
	size_t steps = r->log->steps;

	r->line[r->len] = '\0';
	build_log_add(r->log, r->line);
	r->len = 0;
	if (r->m->on_step && r->log->steps != steps)
		r->m->on_step(r->m->arg, r->log);
}

static void on_output(void *arg, int fd)
{
	struct running *r = arg;
	char data[16384];
	ssize_t n = read(fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		r->eof = true;
		loop_unwatch(r->loop, fd);
		return;
	}
	if (io_write_all(r->log_fd, data, (size_t)n) < 0)
		r->log_full = true;
	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n')
			end_line(r);
		else if (r->len < sizeof(r->line) - 1)
			r->line[r->len++] = data[i] ? data[i] : '?';
	}
}

static void on_exit_ready(void *arg, int fd)
{
	struct running *r = arg;

	r->exited = true;
	loop_unwatch(r->loop, fd);	/* it stays readable */
}

/* The output ends when the last of its children has */
static bool finished(void *arg)
{
	const struct running *r = arg;

	return r->exited && r->eof;
}

static void become(const struct running *r, int output, int report, pid_t parent)
{
	static const char *const others[] = {
		"MAKEFLAGS",
		"MFLAGS",
		"GNUMAKEFLAGS",
		"MAKEOVERRIDES",
		"MAKELEVEL",
		"MAKEFILES",
		"CFLAGS",
		"CPPFLAGS",
		"LDFLAGS",
		"ARCH",
		"SUBARCH",
		"CROSS_COMPILE",
		"LLVM",
		"LOCALVERSION",
		"KBUILD_OUTPUT",
		"KCONFIG_CONFIG",
		"KCONFIG_ALLCONFIG",
		"KCFLAGS",
		"KCPPFLAGS",
		"KAFLAGS",
		"INSTALL_MOD_PATH",
		"V",
		"O",
		"W",
		"C",
	};
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		unsetenv(others[i]);
	putenv((char[]){ "LC_ALL=C" });
	if (r->m->keep_fd >= 0)
		fcntl(r->m->keep_fd, F_SETFD, 0);
	if (dup2(null, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2)
		execvp(r->m->argv[0], r->m->argv);
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

static int spawn(struct running *r, struct rig_err *err)
{
	int output[2], report[2], exec_errno = 0;
	pid_t parent = getpid();

	if (pipe2(output, O_CLOEXEC) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	r->output = output[0];
	if (pipe2(report, O_CLOEXEC) < 0) {
		close(output[1]);
		return rig_err_set(err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	}
	r->pid = fork();
	if (r->pid == 0)
		become(r, output[1], report[1], parent);
	if (r->pid < 0)
		exec_errno = errno;
	close(output[1]);
	close(report[1]);
	if (r->pid > 0 && read(report[0], &exec_errno, sizeof(exec_errno)) == sizeof(exec_errno)) {
		waitpid(r->pid, NULL, 0);
		r->pid = -1;
	}
	close(report[0]);
	if (exec_errno)
		return rig_err_set(err, RIG_HOST, exec_errno, "cannot run '%s': %s", r->m->argv[0],
				   strerror(exec_errno));
	return 0;
}

/* Everything in the group, so that nothing writes on: politely, then for good */
static void end_group(struct running *r)
{
	struct rig_err ignored;

	loop_mask_interrupt(r->loop, true);
	kill(-r->pid, SIGTERM);
	if (loop_until(r->loop, finished, r, clock_in_ms(GRACE_MS), "the end of make", &ignored) <
	    0)
		kill(-r->pid, SIGKILL);
}

static int wait_for_end(struct running *r, int *status, struct rig_err *err)
{
	int result;

	r->pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	loop_watch(r->loop, r->output, on_output, r);
	if (r->pidfd < 0) {
		result = rig_err_set(err, RIG_HOST, errno, "cannot watch 'make': %s",
				     strerror(errno));
	} else {
		loop_watch(r->loop, r->pidfd, on_exit_ready, r);
		result = loop_until(r->loop, finished, r, r->m->until_ns, "the build of a kernel",
				    err);
	}
	if (result < 0)
		end_group(r);
	while (waitpid(r->pid, status, 0) < 0 && errno == EINTR)
		;
	return result;
}

static int judge(const struct running *r, int status, struct rig_err *err)
{
	const struct build_log *log = r->log;

	if (log->no_space || r->log_full)
		return rig_err_set(err, RIG_HOST, ENOSPC,
				   "no space left on the disk: free some, or move the cache with "
				   "HOTRIG_CACHE");
	if (WIFSIGNALED(status))
		return rig_err_set(err, RIG_HOST, EIO, "'%s' was killed by SIG%s", r->m->argv[0],
				   sigabbrev_np(WTERMSIG(status)));
	if (WEXITSTATUS(status) && !log->error[0])
		return rig_err_set(err, WEXITSTATUS(status) == MAKE_FAILED ? RIG_KERNEL : RIG_HOST, EIO,
				   "'%s' failed with exit code %d, and no line of its output says why", r->m->argv[0],
				   WEXITSTATUS(status));
	if (WEXITSTATUS(status))
		return rig_err_set(err, log->is_hosts ? RIG_HOST : RIG_KERNEL, EIO, "%s", log->error);
	return 0;
}

int make_run(const struct make *m, struct build_log *log, struct rig_err *err)
{
	struct running run = { .m = m, .log = log, .pid = -1, .output = -1, .pidfd = -1 };
	int r, status = 0;

	run.log_fd = open(m->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (run.log_fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot write '%s': %s", m->log_path,
				   strerror(errno));
	r = loop_create(&run.loop, err);
	if (!r)
		r = spawn(&run, err);
	if (!r)
		r = wait_for_end(&run, &status, err);
	if (r < 0 && err->cause == RIG_TIMEOUT)
		r = rig_err_set(err, RIG_HOST, ETIMEDOUT, "'%s' does not come to an end",
				m->argv[0]);
	/* who is interrupted may have failed for that reason: the interruption is what counts */
	if (!r)
		r = judge(&run, status, err);
	loop_destroy(run.loop);
	clean_close(&run.output);
	clean_close(&run.pidfd);
	close(run.log_fd);
	return r;
}
