// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "vm/guest_state.h"

#define REPLY_POLL_NS	(2 * NS_PER_MS)

static void set_timer(struct guest_state *s, uint64_t ns)
{
	struct itimerspec when = { .it_value = { .tv_nsec = (long)ns } };

	timerfd_settime(s->timer_fd, 0, &when, NULL);
}

static void set_end(struct guest_state *s, enum vm_end end, const char *detail,
		    const struct rig_err *why)
{
	bool first = s->end == VM_RUNNING;

	if (!first && end != VM_EXITED)
		return;		/* what follows from the first end is no news */
	s->end = end;
	snprintf(s->detail, sizeof(s->detail), "%s", detail);
	if (!first)
		return;
	s->why = *why;
	if (s->ignore)
		return;
	if (s->before_cancel)
		s->before_cancel(s->arg);
	if (!loop_cancelled(s->loop)) {
		s->cancelled = true;
		loop_cancel(s->loop, &s->why);
	}
}

static void set_panicked(struct guest_state *s, const char *detail)
{
	struct rig_err why;

	rig_err_set(&why, RIG_KERNEL, EIO, "the kernel panicked; its console says why");
	set_end(s, VM_PANICKED, detail, &why);
}

static void set_shutdown(struct guest_state *s, const char *reason)
{
	struct rig_err why;

	if (!strcmp(reason, "guest-panic")) {
		set_panicked(s, reason);
		return;
	}
	if (!strcmp(reason, "guest-reset"))
		rig_err_set(&why, RIG_KERNEL, EIO, "the kernel reset the machine or died in a "
			    "triple fault; its console may say why");
	else
		rig_err_set(&why, RIG_KERNEL, EIO, "the kernel switched the machine off (%.40s); "
			    "its console may say why", reason);
	set_end(s, VM_SHUTDOWN, reason, &why);
}

/* QEMU names the failure first and dumps registers after it. */
static void set_internal_error(struct guest_state *s)
{
	const char *text = child_output(s->child);
	int len = (int)strcspn(text, "\r\n");
	struct rig_err why;

	rig_err_set(&why, RIG_HOST, EIO, "the guest stopped with an internal error of the "
		    "accelerator%s%.*s; try --accel tcg", len ? ": " : "", len > 300 ? 300 : len, text);
	set_end(s, VM_INTERNAL_ERROR, "internal-error", &why);
}

void guest_state_set_status(struct guest_state *s, const char *status)
{
	if (!strcmp(status, "internal-error"))
		set_internal_error(s);
	else if (!strcmp(status, "guest-panicked"))
		set_panicked(s, status);
	else if (!strcmp(status, "shutdown"))
		set_shutdown(s, "before the monitor was ready");
}

/* A STOP without a reason: it may be the rig's own, or the accelerator gave up. */
static void on_timer(void *arg, int fd)
{
	struct guest_state *s = arg;
	json_t *status = NULL;
	struct rig_err err;
	uint64_t expired;

	if (read(fd, &expired, sizeof(expired)) < 0 || s->ignore || s->end != VM_RUNNING ||
	    qmp_broken(s->qmp))
		return;
	/* deadline 0: somebody may be in the midst of sending, and this is no place to wait */
	if (!s->asked) {
		s->asked = qmp_send(s->qmp, "query-status", NULL, false, 0, &s->ask_id, &err) == 0;
	} else if (qmp_reply_ready(s->qmp, s->ask_id)) {
		s->asked = false;
		if (qmp_wait_reply(s->qmp, s->ask_id, 0, &status, NULL, &err) == 0) {
			const char *name = json_string_value(json_object_get(status, "status"));

			if (name)
				guest_state_set_status(s, name);
		}
		json_decref(status);
		return;
	}
	set_timer(s, REPLY_POLL_NS);
}

static void on_event(void *arg, const struct qmp_event *e)
{
	struct guest_state *s = arg;
	const char *reason = json_string_value(json_object_get(e->data, "reason"));
	bool by_guest = json_is_true(json_object_get(e->data, "guest"));

	if (!strcmp(e->name, "GUEST_PANICKED"))
		set_panicked(s, "guest-panicked");
	else if (!strcmp(e->name, "SHUTDOWN") && by_guest)
		set_shutdown(s, reason ? reason : "guest");
	else if (!strcmp(e->name, "SHUTDOWN"))
		snprintf(s->stop_reason, sizeof(s->stop_reason), "%s", reason ? reason : "host");
	else if (!strcmp(e->name, "RESET") && by_guest)
		set_shutdown(s, "guest-reset");
	else if (!strcmp(e->name, "STOP") && s->end == VM_RUNNING && !s->asked)
		set_timer(s, 1);
}

void guest_state_watch(struct guest_state *s, struct qmp_client *qmp)
{
	s->qmp = qmp;
	loop_watch(s->loop, s->timer_fd, on_timer, s);
	qmp_on_event(qmp, on_event, s);
}

/* The last line says why a program gave up. */
static const char *last_line(const char *text, int *len)
{
	size_t end = strlen(text), begin;

	while (end && strchr("\r\n ", text[end - 1]))
		end--;
	for (begin = end; begin && text[begin - 1] != '\n'; begin--)
		;
	*len = end - begin > 400 ? 400 : (int)(end - begin);
	return text + begin;
}

void guest_state_set_exited(struct guest_state *s)
{
	int len, status = child_status(s->child), sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const char *words = last_line(child_output(s->child), &len);
	/* nobody but the host sends these: an administrator, a supervisor, the OOM killer */
	bool by_host = sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGHUP ||
		       s->stop_reason[0];
	struct rig_err why;

	rig_err_set(&why, by_host ? RIG_HOST : RIG_QEMU, EPIPE, "QEMU ended unasked, %s%s%s%s%s%.*s%s",
		    child_ending(s->child), s->stop_reason[0] ? " (" : "", s->stop_reason,
		    s->stop_reason[0] ? ")" : "", len ? ": '" : "", len, words, len ? "'" : "");
	set_end(s, VM_EXITED, child_ending(s->child), &why);
}

int guest_state_init(struct guest_state *s, struct rig_err *err)
{
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->timer_fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a timer: %s", strerror(errno));
	return 0;
}

void guest_state_deinit(struct guest_state *s)
{
	if (s->timer_fd >= 0) {
		loop_unwatch(s->loop, s->timer_fd);
		close(TAKE_FD(s->timer_fd));
	}
	if (s->qmp)
		qmp_on_event(s->qmp, NULL, NULL);
	if (s->cancelled)
		loop_resume(s->loop);
	s->cancelled = false;
}
