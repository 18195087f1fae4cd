// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * walk: child processes that go through files about pages, as walk_file.h says, again and again, until they
 * are released or come upon something that must not be.  One child for each file, so that several
 * vCPUs are at it at once; with a low priority, so that the agent gets its time.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/walk_file.h"

#define MAX_FILES	16u

struct walker {
	struct walk *walk;
	const struct walk_file *file;
	pid_t pid;
	int pidfd;		/* -1: it is gone */
	int status;		/* as from waitpid(2), then */
	bool ended_by_us;
	bool stopped;		/* until the others have answered, too */
};

struct walk {
	struct walk *next;
	struct agent *agent;
	char *id;
	struct walker walker[MAX_FILES];
	size_t nr;
	struct walk_state *state;	/* of each walker; shared with it */
	int bell;			/* rung by each walker after each round */
	json_t *pending;		/* id of the check or release that waits */
	bool released;
};

static uint64_t load(const uint64_t *shared)
{
	return __atomic_load_n(shared, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *shared, uint64_t value)
{
	__atomic_store_n(shared, value, __ATOMIC_RELEASE);
}

static bool has_answered(const struct walker *w)
{
	const struct walk_state *s = &w->walk->state[w - w->walk->walker];

	return load(&s->answered) == s->asked;
}

static json_t *report(const struct walk *walk)
{
	json_t *list = json_array();

	for (size_t i = 0; i < walk->nr; i++) {
		const struct walker *w = &walk->walker[i];
		const struct walk_state *s = &walk->state[i];
		bool killed = w->pidfd < 0 && WIFSIGNALED(w->status) && !w->ended_by_us;

		json_array_append_new(list, json_pack("{ss sI sI si sI ss si}", "file", w->file->name, "rounds",
						      (json_int_t)load(&s->rounds), "bytes",
						      (json_int_t)__atomic_load_n(&s->bytes, __ATOMIC_RELAXED),
						      "errno", (int)s->eno, "offset", (json_int_t)s->offset,
						      "wrong", s->wrong, "signal",
						      killed ? WTERMSIG(w->status) : 0));
	}
	return json_pack("{so}", "walkers", list);
}

static void destroy(struct walk *walk)
{
	for (struct walk **p = &walk->agent->walks; *p; p = &(*p)->next)
		if (*p == walk) {
			*p = walk->next;
			break;
		}
	close(walk->bell);
	munmap(walk->state, MAX_FILES * sizeof(*walk->state));
	free(walk->id);
	free(walk);
}

/* Whether it is where the check or release wants it. */
static bool has_settled(const struct walker *w)
{
	return w->pidfd < 0 || (!w->walk->released && has_answered(w));
}

static void set_stopped(struct walker *w, bool stopped)
{
	if (w->pidfd >= 0 && w->stopped != stopped)
		kill(w->pid, stopped ? SIGSTOP : SIGCONT);
	w->stopped = stopped;
}

/*
 * Answers the check or release that waits, if all are where it wants them.  Until then who is there leaves the
 * vCPUs to the others.  Each is asked once: who has answered and is stopped may not have rung yet, so there
 * must be another who will.
 */
static void settle(struct walk *walk)
{
	bool settled[MAX_FILES], all = true;

	if (!walk->pending)
		return;
	for (size_t i = 0; i < walk->nr; i++)
		all &= settled[i] = has_settled(&walk->walker[i]);
	for (size_t i = 0; i < walk->nr; i++)
		set_stopped(&walk->walker[i], !all && settled[i]);
	if (!all)
		return;
	if (!walk->released)
		loop_unwatch(walk->agent->loop, walk->bell);
	agent_reply(walk->agent, TAKE_PTR(walk->pending), report(walk));
	if (walk->released)
		destroy(walk);
}

static void on_bell(void *arg, int fd)
{
	eventfd_t rung;

	if (eventfd_read(fd, &rung) == 0)
		settle(arg);
}

static void on_exit_ready(void *arg, int fd)
{
	struct walker *w = arg;

	if (waitpid(w->pid, &w->status, WNOHANG) != w->pid)
		return;
	loop_unwatch(w->walk->agent->loop, fd);
	close(fd);
	w->pidfd = -1;
	settle(w->walk);
}

/*
 * A round takes so long that what is there for a moment only is mostly missed, so as much time again goes into
 * picking some pages everywhere, over and over; but not while somebody waits for the next round.
 */
static int pick(const struct walk_file *file, struct walk_state *state, uint64_t asked, clock_t time)
{
	clock_t began = clock();
	int r = 0;

	while (file->pick && !r && load(&state->asked) == asked && clock() - began < time)
		r = file->pick(file, state);
	return r;
}

static int walker_main(const struct walk_file *file, struct walk_state *state, int bell)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	oom_score_set(OOM_LAST);
	setpriority(PRIO_PROCESS, 0, file->nice);
	for (;;) {
		uint64_t asked = load(&state->asked);
		clock_t began = clock();	/* its own time: what it is stopped for does not count */

		if (file->round(file, state) < 0)
			return 1;
		store(&state->rounds, state->rounds + 1);
		store(&state->answered, asked);
		eventfd_write(bell, 1);
		if (pick(file, state, asked, clock() - began) < 0)
			return 1;
	}
}

static int start_walker(struct walk *walk, const struct walk_file *file, struct rig_err *err)
{
	struct walker *w = &walk->walker[walk->nr];

	w->walk = walk;
	w->file = file;
	w->pid = fork();
	if (w->pid == 0)
		_exit(walker_main(file, &walk->state[walk->nr], walk->bell));
	if (w->pid < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot fork: %s", strerror(errno));
	w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	if (w->pidfd < 0) {
		int eno = errno;

		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
		return rig_err_set(err, RIG_AGENT, eno, "cannot watch a walker: %s", strerror(eno));
	}
	loop_watch(walk->agent->loop, w->pidfd, on_exit_ready, w);
	walk->nr++;
	return 0;
}

static struct walk *find_walk(struct agent *a, const char *id)
{
	for (struct walk *w = a->walks; w; w = w->next)
		if (!strcmp(w->id, id))
			return w;
	return NULL;
}

/* The files that are named must be there; of all that are known, those that are there. */
static int choose(const json_t *names, const struct walk_file *ret[MAX_FILES], size_t *nr, const char **absent,
		  struct rig_err *err)
{
	const struct walk_file *file;
	const json_t *name;
	size_t i;

	*nr = 0;
	for (i = 0; !names && (file = walk_file_at((unsigned int)i)); i++)
		if (access(file->path, R_OK) == 0)
			ret[(*nr)++] = file;
	json_array_foreach(names, i, name) {
		file = json_is_string(name) ? walk_file_find(json_string_value(name)) : NULL;
		if (!file || *nr == MAX_FILES)
			return rig_err_set(err, RIG_AGENT, EINVAL, "no known file, or too many");
		if (access(file->path, R_OK) < 0)
			*absent = file->path;
		ret[(*nr)++] = file;
	}
	return 0;
}

/* {id[, files]}: answers {absent}, a file that is not there and so nothing was begun, or "" */
int cmd_walk(const struct request *req, json_t **ret, struct rig_err *err)
{
	const struct walk_file *files[MAX_FILES];
	struct agent *a = req->agent;
	const char *id, *absent = "";
	struct walk_state *state;
	struct walk *walk;
	size_t nr;
	int r;

	if ((r = arg_string(req, "id", &id, err)) < 0 ||
	    (r = choose(json_object_get(req->args, "files"), files, &nr, &absent, err)) < 0)
		return r;
	*ret = json_pack("{ss}", "absent", absent);
	if (*absent)
		return 0;
	if (find_walk(a, id))
		return rig_err_set(err, RIG_AGENT, EEXIST, "walk '%s' exists", id);
	state = mmap(NULL, MAX_FILES * sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (state == MAP_FAILED)
		return rig_err_set(err, RIG_AGENT, errno, "cannot map memory: %s", strerror(errno));
	walk = xcalloc(1, sizeof(*walk));
	walk->agent = a;
	walk->id = xstrdup(id);
	walk->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	walk->state = state;
	walk->next = a->walks;
	a->walks = walk;
	for (size_t i = 0; i < nr && !r; i++)
		r = start_walker(walk, files[i], err);
	return r;
}

/* Finds the walk and makes it wait for its answer; NULL with @err. */
static struct walk *begin(const struct request *req, struct rig_err *err)
{
	struct walk *walk;
	const char *id;

	if (arg_string(req, "id", &id, err) < 0)
		return NULL;
	walk = find_walk(req->agent, id);
	if (!walk || walk->pending) {
		rig_err_set(err, RIG_AGENT, ENOENT, "walk '%s' is not there or busy", id);
		return NULL;
	}
	walk->pending = json_incref(req->id);
	return walk;
}

/* {id}: answers as release-walk once each has been around since, or has ended by itself */
int cmd_check_walk(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct walk *walk = begin(req, err);

	(void)ret;
	if (!walk)
		return -ENOENT;
	/* the round that goes on may have passed already what is to be seen, and answers an earlier question */
	for (size_t i = 0; i < walk->nr; i++)
		store(&walk->state[i].asked, walk->state[i].asked + 1);
	loop_watch(req->agent->loop, walk->bell, on_bell, walk);
	settle(walk);
	return COMMAND_LATER;
}

/* {id}: ends the walkers; answers {walkers: [{file, rounds, bytes, errno, offset, wrong, signal}]} */
int cmd_release_walk(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct walk *walk = begin(req, err);

	(void)ret;
	if (!walk)
		return -ENOENT;
	walk->released = true;
	for (size_t i = 0; i < walk->nr; i++) {
		struct walker *w = &walk->walker[i];

		w->ended_by_us = w->pidfd >= 0;
		if (w->ended_by_us)
			kill(w->pid, SIGKILL);
	}
	settle(walk);
	return COMMAND_LATER;
}
