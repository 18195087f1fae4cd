// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "batch/pool.h"

#define CHUNK_BYTES	65536u
#define MAX_LINE_BYTES	(256u << 20)	/* more than any record: the worker has gone mad */

struct pool_voice {
	int fd;
};

struct worker {
	struct pool *pool;
	pid_t pid;		/* 0: free */
	int fd;
	size_t task;
	char *line;		/* what has come of the one that is not complete */
	size_t len, cap;
	json_t *result;
	uint64_t until_ns;	/* the task's limit */
	bool resting;		/* it only waits */
	bool mad;		/* it said what no worker says */
	bool stuck;		/* it had its time */
};

struct pool {
	const struct pool_tasks *tasks;
	struct loop *loop;
	struct worker worker[POOL_MAX_JOBS];
	unsigned int nr_running, nr_resting;	/* who rests runs, too */
	size_t next;		/* task */
	bool no_more, killed;
	bool changed;		/* another set of workers runs, with other limits */
	struct rig_err *err;
	int r;			/* < 0: why no worker could be made, in err */
};

/* --- the worker ------------------------------------------------------------------------------ */

static char *as_line(const char *key, json_t *value, size_t *len)
{
	json_auto_t *message = json_pack("{so}", key, value);
	char *text = json_dumps(message, JSON_COMPACT);

	*len = text ? strlen(text) : 0;
	if (text)
		text[(*len)++] = '\n';		/* in the place of the NUL */
	return text;
}

void pool_say(const struct pool_voice *voice, json_t *what)
{
	struct pollfd writable = { .fd = voice->fd, .events = POLLOUT };
	size_t len;
	AUTO_FREE char *text = as_line("said", what, &len);

	/* a writable pipe takes PIPE_BUF bytes at once: a run is not held up by who does not read */
	if (text && len <= PIPE_BUF && poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) &&
	    io_write_all(voice->fd, text, len) < 0)
		return;		/* the parent is gone, and the signal for that is on its way */
}

/* The parent reads, is stopped like us, or is dead and the pipe broken: this needs no deadline. */
static bool tell(const struct pool_voice *voice, const char *key, json_t *value)
{
	size_t len;
	AUTO_FREE char *text = as_line(key, value, &len);

	return text && io_write_all(voice->fd, text, len) == 0;
}

void pool_rest(const struct pool_voice *voice, bool resting)
{
	tell(voice, "resting", json_boolean(resting));	/* without a parent the signal for that is on its way */
}

static _Noreturn void be_worker(struct pool *p, size_t task, int fd, pid_t parent)
{
	const struct pool_voice voice = { fd };
	struct rig_err err;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);	/* it died before the prctl */
	for (size_t i = 0; i < ARRAY_SIZE(p->worker); i++)
		if (p->worker[i].pid)
			close(p->worker[i].fd);
	if (loop_forked(&err) < 0)
		_exit(1);
	/* not exit(): what the parent has in its buffers is the parent's to write */
	_exit(tell(&voice, "result", p->tasks->work(p->tasks->arg, task, &voice)) ? 0 : 1);
}

/* --- the parent ------------------------------------------------------------------------------ */

static void begin_more(struct pool *p);

static void set_died(const struct worker *w, int status, struct rig_err *err)
{
	if (w->mad)
		rig_err_set(err, RIG_HOST, EPROTO, "the run's process said what cannot be understood");
	else if (w->stuck)
		rig_err_set(err, RIG_HOST, ETIMEDOUT, "the run's process did not end within %g s, which is more than "
			    "all of a run's deadlines, and was killed",
			    (double)w->pool->tasks->limit_ms(w->pool->tasks->arg, w->task) / 1000);
	else if (w->pool->killed)
		rig_err_set(err, RIG_HOST, ETIMEDOUT, "the run's process did not end within %g s after the "
			    "interrupt, and was killed", (double)w->pool->tasks->grace_ms / 1000);
	else if (WIFSIGNALED(status))
		rig_err_set(err, RIG_HOST, ECHILD, "the run's process died: SIG%s",
			    sigabbrev_np(WTERMSIG(status)));
	else
		rig_err_set(err, RIG_HOST, ECHILD, "the run's process ended without a result, exit code %d",
			    WEXITSTATUS(status));
}

static void end_worker(struct worker *w)
{
	struct pool *p = w->pool;
	json_auto_t *result = TAKE_PTR(w->result);
	struct rig_err died;
	int status = 0;

	loop_unwatch(p->loop, w->fd);
	close(w->fd);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!result)
		set_died(w, status, &died);
	free(TAKE_PTR(w->line));
	w->pid = 0;
	p->nr_running--;
	p->nr_resting -= w->resting;
	p->changed = true;
	if (!p->tasks->ended(p->tasks->arg, w->task, result, result ? NULL : &died))
		p->no_more = true;
	begin_more(p);
}

/* It is taken at its word no more; that it ends is seen like any other end. */
static void condemn(struct worker *w)
{
	w->mad = true;
	json_decref(TAKE_PTR(w->result));
	kill(w->pid, SIGKILL);
}

static void on_resting(struct worker *w, bool resting)
{
	w->pool->nr_resting -= w->resting;
	w->pool->nr_resting += resting;
	w->resting = resting;
	begin_more(w->pool);
}

static void take_line(struct worker *w, const char *line, size_t len)
{
	json_auto_t *message = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	json_t *said = json_object_get(message, "said"), *result = json_object_get(message, "result");
	json_t *resting = json_object_get(message, "resting");

	if (w->mad)
		return;
	if (said)
		w->pool->tasks->said(w->pool->tasks->arg, w->task, said);
	else if (result && !w->result)
		w->result = json_incref(result);
	else if (json_is_boolean(resting))
		on_resting(w, json_is_true(resting));
	else
		condemn(w);
}

static void on_readable(void *arg, int fd)
{
	struct worker *w = arg;
	char *begin, *end;
	ssize_t n;

	if (w->cap - w->len < CHUNK_BYTES) {
		w->cap = w->cap ? w->cap * 2 : 2 * CHUNK_BYTES;
		w->line = xrealloc(w->line, w->cap, 1);
	}
	n = read(fd, w->line + w->len, CHUNK_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		end_worker(w);
		return;
	}
	/* what was there before holds no end of a line */
	begin = w->line;
	end = memchr(w->line + w->len, '\n', (size_t)n);
	w->len += (size_t)n;
	for (; end; end = memchr(begin, '\n', w->len - (size_t)(begin - w->line))) {
		take_line(w, begin, (size_t)(end - begin));
		begin = end + 1;
	}
	w->len -= (size_t)(begin - w->line);
	memmove(w->line, begin, w->len);
	if (w->len > MAX_LINE_BYTES) {
		w->len = 0;
		condemn(w);
	}
}

static struct worker *free_worker(struct pool *p)
{
	struct worker *w = p->worker;

	while (w->pid)
		w++;
	return w;
}

static int begin(struct pool *p, size_t task)
{
	struct worker *w = free_worker(p);
	pid_t parent = getpid(), pid;
	int fds[2], eno;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return rig_err_set(p->err, RIG_HOST, errno, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		be_worker(p, task, fds[1], parent);
	}
	eno = errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return rig_err_set(p->err, RIG_HOST, eno, "cannot make a process for a run: %s",
				   strerror(eno));
	}
	*w = (struct worker){ .pool = p, .pid = pid, .fd = fds[0], .task = task,
			      .until_ns = clock_in_ms(p->tasks->limit_ms(p->tasks->arg, task)) };
	p->changed = true;
	loop_watch(p->loop, w->fd, on_readable, w);
	p->nr_running++;
	p->tasks->began(p->tasks->arg, task);
	return 0;
}

/* One always runs, however little room there is: it may be enough, and else the host says why. */
static bool may_begin(const struct pool *p)
{
	const struct pool_tasks *t = p->tasks;

	return !p->no_more && !loop_interrupted() && p->next < t->nr && p->nr_running - p->nr_resting < t->jobs &&
	       p->nr_running < POOL_MAX_JOBS && (!p->nr_running || t->fits(t->arg, p->next));
}

static void begin_more(struct pool *p)
{
	while (may_begin(p)) {
		p->r = begin(p, p->next);
		p->no_more = p->r < 0;
		p->next++;
	}
}

static bool has_changed(void *arg)
{
	return ((struct pool *)arg)->changed;
}

static uint64_t first_limit(const struct pool *p)
{
	uint64_t until_ns = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(p->worker); i++)
		if (p->worker[i].pid && p->worker[i].until_ns < until_ns)
			until_ns = p->worker[i].until_ns;
	return until_ns;
}

/* Each worker has deadlines for all it does; who is over them all waits for nothing.  The end is seen like any. */
static void kill_stuck(struct pool *p)
{
	uint64_t now = clock_ns();

	for (size_t i = 0; i < ARRAY_SIZE(p->worker); i++) {
		struct worker *w = &p->worker[i];

		if (!w->pid || w->until_ns > now)
			continue;
		w->stuck = true;
		w->until_ns = UINT64_MAX;
		kill(w->pid, SIGKILL);
	}
}

static bool none_runs(void *arg)
{
	return !((struct pool *)arg)->nr_running;
}

static void signal_all(const struct pool *p, int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->worker); i++)
		if (p->worker[i].pid)
			kill(p->worker[i].pid, sig);
}

static void stop(struct pool *p)
{
	struct rig_err late;

	loop_mask_interrupt(p->loop, true);
	/* once more for those who had it from the terminal, which changes nothing */
	signal_all(p, loop_interrupted());
	if (loop_until(p->loop, none_runs, p, clock_in_ms(p->tasks->grace_ms), "interrupted runs", &late) == 0)
		return;
	p->killed = true;
	signal_all(p, SIGKILL);
	for (size_t i = 0; i < ARRAY_SIZE(p->worker); i++)
		if (p->worker[i].pid)
			end_worker(&p->worker[i]);
}

int pool_run(const struct pool_tasks *tasks, struct rig_err *err)
{
	struct pool p = { .tasks = tasks, .err = err };
	struct rig_err interrupt;
	int r = loop_create(&p.loop, err);

	if (r < 0)
		return r;
	begin_more(&p);
	while (p.nr_running) {
		p.changed = false;
		r = loop_until(p.loop, has_changed, &p, first_limit(&p), "the runs", &interrupt);
		if (r == -ETIMEDOUT)
			kill_stuck(&p);
		else if (r < 0)
			stop(&p);
	}
	loop_destroy(p.loop);
	return p.r;
}
