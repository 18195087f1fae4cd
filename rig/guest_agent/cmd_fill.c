// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands: children that hold memory of one kind with a content that can be checked later. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/agent.h"
#include "guest_agent/fill_child.h"
#include "guest_agent/fill_dax.h"

struct fill {
	struct fill *next;
	char *id;
	pid_t pid;
	int talk;		/* to the child */
	json_t *pending;	/* id of the command that waits for the child's answer */
	struct agent *agent;
	bool hugetlb;
	char *mounted;		/* where the file system of a dax-file is; NULL */
};

static struct fill *find_fill(struct agent *a, const char *id)
{
	for (struct fill *f = a->fills; f; f = f->next)
		if (!strcmp(f->id, id))
			return f;
	return NULL;
}

static json_t *answer_json(struct fill_answer a)
{
	return json_pack("{si ss sI}", "errno", (int)a.eno, "while", fill_doing(&a), "bad-offset",
			 (json_int_t)a.bad_offset);
}

static void on_talk(void *arg, int fd)
{
	struct fill *f = arg;
	struct fill_answer a = fill_died();
	ssize_t n = read(fd, &a, sizeof(a));

	if (n != (ssize_t)sizeof(a))
		loop_unwatch(f->agent->loop, fd);
	if (!f->pending)
		return;
	agent_reply(f->agent, TAKE_PTR(f->pending), answer_json(a));
}

/* {id, kind, bytes, seed[, node][, device]}: answers {errno, while} once the memory is held */
int cmd_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct agent *a = req->agent;
	struct fill_plan p = { 0 };
	struct fill *f;
	const char *id;
	int talk[2], r;

	(void)ret;
	if ((r = arg_string(req, "id", &id, err)) < 0 || (r = arg_string(req, "kind", &p.kind, err)) < 0 ||
	    (r = arg_u64(req, "bytes", 1ull << 40, &p.bytes, err)) < 0 ||
	    (r = arg_u64(req, "seed", INT64_MAX, &p.seed, err)) < 0)
		return r;
	p.has_node = json_object_get(req->args, "node");
	if (p.has_node && (r = arg_u64(req, "node", FILL_MAX_NODES - 1, &p.node, err)) < 0)
		return r;
	if (json_object_get(req->args, "device") && (r = arg_string(req, "device", &p.device, err)) < 0)
		return r;
	if (find_fill(a, id))
		return rig_err_set(err, RIG_AGENT, EEXIST, "fill '%s' exists", id);
	if (p.bytes % FILL_UNIT_BYTES)
		return rig_err_set(err, RIG_AGENT, EINVAL, "a fill is a multiple of 2 MiB");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk) < 0)
		return rig_err_set(err, RIG_AGENT, errno, "cannot make a socket: %s", strerror(errno));
	f = xcalloc(1, sizeof(*f));
	if (!strcmp(p.kind, "dax-file"))
		p.where = f->mounted = xasprintf("/run/%s", id);
	f->pid = fork();
	if (f->pid == 0) {
		close(talk[0]);
		p.talk = talk[1];
		_exit(fill_child_main(&p));
	}
	close(talk[1]);
	if (f->pid < 0) {
		r = rig_err_set(err, RIG_AGENT, errno, "cannot fork: %s", strerror(errno));
		close(talk[0]);
		free(f->mounted);
		free(f);
		return r;
	}
	f->id = xstrdup(id);
	f->talk = talk[0];
	f->agent = a;
	f->hugetlb = !strcmp(p.kind, "hugetlb");
	f->pending = json_incref(req->id);
	f->next = a->fills;
	a->fills = f;
	loop_watch(a->loop, f->talk, on_talk, f);
	return COMMAND_LATER;
}

/* {id}: answers {errno, bad-offset}: -1 when every word is what was put in */
int cmd_check_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct fill *f;
	const char *id;
	int r = arg_string(req, "id", &id, err);

	if (r < 0)
		return r;
	f = find_fill(req->agent, id);
	if (!f || f->pending)
		return rig_err_set(err, RIG_AGENT, ENOENT, "fill '%s' is not there or busy", id);
	if (write(f->talk, "c", 1) != 1) {	/* the same answer as when it dies while it checks */
		*ret = answer_json(fill_died());
		return 0;
	}
	f->pending = json_incref(req->id);
	return COMMAND_LATER;
}

/* {id}: the child is gone and its pages are free when this answers, and what it mounted is unmounted */
int cmd_release_fill(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct agent *a = req->agent;
	struct fill *f;
	const char *id;
	int r = arg_string(req, "id", &id, err), status = 0;

	if (r < 0)
		return r;
	f = find_fill(a, id);
	if (!f || f->pending)
		return rig_err_set(err, RIG_AGENT, ENOENT, "fill '%s' is not there or busy", id);
	for (struct fill **p = &a->fills; *p; p = &(*p)->next)
		if (*p == f) {
			*p = f->next;
			break;
		}
	loop_unwatch(a->loop, f->talk);
	close(f->talk);
	kill(f->pid, SIGKILL);
	waitpid(f->pid, &status, 0);
	if (f->hugetlb)
		fill_hugetlb_release();
	r = f->mounted ? dax_unmount(f->mounted) : 0;
	free(f->mounted);
	free(f->id);
	free(f);
	*ret = NULL;
	return r ? rig_err_set(err, RIG_AGENT, r, "cannot unmount: %s", strerror(r)) : 0;
}
