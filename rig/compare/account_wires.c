// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "compare/account.h"
#include "compare/normal.h"
#include "record/fields.h"

/* What is being read. */
struct wire {
	struct account *a;
	size_t counted;		/* the last step whose counters were read: later looks in it are second ones */
	json_t *asked;		/* requests whose answers count, by id as text: what they ask */
	char **order;		/* by step: memory's events so far; NULL: none */
	char *last_ost;		/* not told twice in a row: how often "in progress" is said is a matter of time */
	struct rig_err *err;
	int failed;		/* -errno of what was wrong first; 0 */
};

/* Whether something was under way when the step ended, so that the rig did not look. */
static bool is_open(const struct account *a, size_t step)
{
	return a->step[step].passed && !a->step[step].looked && step + 1 < a->nr_steps;
}

/*
 * The step in which @ns lies; what comes behind its end belongs to it as well.  0: before the first.
 * In which of several steps something happens that is under way meanwhile is a matter of time: it counts where
 * the rig looks next.
 */
static size_t step_at(const struct account *a, uint64_t ns)
{
	size_t at = 0;

	for (size_t i = 1; i < a->nr_steps; i++)
		if (a->step[i].start_ns && a->step[i].start_ns <= ns)
			at = i;
	return at;
}

static size_t look_after(const struct account *a, size_t step)
{
	while (step && is_open(a, step))
		step++;
	return step;
}

/* Which of its devices libnvdimm makes when, and how often, is a race; that a driver takes one is not. */
static void nd_uevent(struct wire *w, size_t step, const char *action, const char *name)
{
	AUTO_FREE char *device = normal_device(name), *what = xasprintf("%s %s", action, device);

	if (!strcmp(action, "bind") || !strcmp(action, "unbind"))
		detail_add(&w->a->details, step, DETAIL_EVENT, TAKE_PTR(what), xstrdup("seen"));
}

static void uevent(struct wire *w, size_t step, const json_t *data)
{
	const char *path = fields_or_unknown(data, "devpath"), *action = fields_or_unknown(data, "action");
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	AUTO_FREE char *what = xasprintf("%s %s", action, name);
	char *both;

	if (!strcmp(fields_or_unknown(data, "subsystem"), "nd") || !strcmp(fields_or_unknown(data, "subsystem"), "dax")) {
		nd_uevent(w, step, action, name);
		return;
	}
	both = w->order[step] ? xasprintf("%s, %s", w->order[step], what) : xstrdup(what);
	free(w->order[step]);
	w->order[step] = both;
	detail_add(&w->a->details, step, DETAIL_EVENT, TAKE_PTR(what), xstrdup("once"));
}

static void kernel_log(struct wire *w, size_t step, const json_t *data)
{
	const char *text = fields_or_unknown(data, "text");

	if (normal_counts(text))
		detail_add(&w->a->details, step, DETAIL_LOG, normal_line(text), xstrdup("said"));
}

static void agent_event(struct wire *w, size_t step, const json_t *message)
{
	const char *name = fields_or_unknown(message, "event");
	const json_t *data = json_object_get(message, "data");

	if (!strcmp(name, "UEVENT"))
		uevent(w, step, data);
	else if (!strcmp(name, "KMSG"))
		kernel_log(w, step, data);
}

/* A request that asks something of the kernel whose answer is the same every time; caller frees. */
static char *question(const json_t *message)
{
	const char *name = fields_or_unknown(message, "execute");
	const json_t *args = json_object_get(message, "arguments");

	if (!strcmp(name, "set-memory-block"))
		return xasprintf("%s memory%" JSON_INTEGER_FORMAT, fields_or_unknown(args, "state"),
				 json_integer_value(json_object_get(args, "block")));
	if (!strcmp(name, "write-file"))
		return xasprintf("write '%s' to %s", fields_or_unknown(args, "text"), fields_or_unknown(args, "path"));
	if (!strcmp(name, "fill") || !strcmp(name, "check-fill"))
		return xasprintf("%s %s", name, fields_or_unknown(args, "id"));
	if (!strcmp(name, "load-module"))
		return xasprintf("%s %s", name, fields_or_unknown(args, "name"));
	if (!strcmp(name, "run")) {
		const json_t *argv = json_object_get(args, "argv");

		return xasprintf("%s %s", json_string_value(json_array_get(argv, 0)) ?: "run",
				 json_string_value(json_array_get(argv, 1)) ?: "");
	}
	return NULL;
}

static void answer(struct wire *w, size_t step, const char *what, const json_t *value)
{
	const json_t *e = json_object_get(value, "errno"), *status = json_object_get(value, "exit");
	const char *name = strerrorname_np((int)json_integer_value(e));

	if (json_is_integer(e))
		detail_add(&w->a->details, step, DETAIL_ANSWER, xstrdup(what),
			   json_integer_value(e) ? xstrdup(name ? name : "unknown errno") : xstrdup("done"));
	else if (json_is_integer(status))
		detail_add(&w->a->details, step, DETAIL_ANSWER, xstrdup(what),
			   xasprintf("exit %" JSON_INTEGER_FORMAT, json_integer_value(status)));
}

static void mark_done(struct account *a, size_t step, uint64_t ns, const json_t *message)
{
	const char *marker = fields_or_unknown(json_object_get(message, "arguments"), "marker");
	size_t number;

	if (!strcmp(fields_or_unknown(message, "execute"), "sync-log") && sscanf(marker, "step %zu ends", &number) == 1 &&
	    number == step && step && !a->step[step].latency_ns)
		a->step[step].latency_ns = ns - a->step[step].start_ns;
}

/* The first look after what the step did; the end does nothing. */
static void counters(struct wire *w, size_t step, const json_t *value)
{
	if (step == w->counted || (!w->a->step[step].latency_ns && step + 1 < w->a->nr_steps) || w->failed)
		return;
	w->counted = step;
	w->failed = account_counters(w->a, step, value, w->err);
}

static void agent_line(struct wire *w, size_t step, const json_t *message)
{
	const json_t *value = json_object_get(message, "return");
	AUTO_FREE char *what = question(message);
	char id[32];

	snprintf(id, sizeof(id), "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(message, "id")));
	if (json_object_get(message, "event")) {
		agent_event(w, step, message);
	} else if (what) {
		json_object_set_new(w->asked, id, json_string(what));
	} else if (json_object_get(w->asked, id)) {
		answer(w, step, json_string_value(json_object_get(w->asked, id)), value);
		json_object_del(w->asked, id);
	} else if (json_object_get(value, "zoneinfo")) {
		counters(w, step, value);
	}
}

static void qmp_line(struct wire *w, size_t step, const json_t *message)
{
	static const char *const told[] = { "DEVICE_DELETED", "DEVICE_UNPLUG_GUEST_ERROR", "MEM_UNPLUG_ERROR" };
	const char *name = fields_or_unknown(message, "event");
	const json_t *data = json_object_get(message, "data"), *info = json_object_get(data, "info");
	AUTO_FREE char *what = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		/* without a name: something of the device, such as its bus */
		if (!strcmp(name, told[i]) && json_object_get(data, "device"))
			detail_add(&w->a->details, step, DETAIL_EVENT,
				   xasprintf("%s %s", name, fields_or_unknown(data, "device")), xstrdup("once"));
	if (strcmp(name, "ACPI_DEVICE_OST"))
		return;
	what = xasprintf("OST of slot %s, source %#" PRIx64 ", status %#" PRIx64, fields_or_unknown(info, "slot"),
			 (uint64_t)json_integer_value(json_object_get(info, "source")),
			 (uint64_t)json_integer_value(json_object_get(info, "status")));
	if (w->last_ost && !strcmp(w->last_ost, what))
		return;
	free(w->last_ost);
	w->last_ost = xstrdup(what);
	detail_add(&w->a->details, step, DETAIL_EVENT, TAKE_PTR(what), xstrdup("once"));
}

typedef void line_fn(struct wire *w, size_t step, const json_t *message);

/* A line that is no JSON is evidence of its own, and no detail. */
static int read_line(struct wire *w, const char *line, size_t len, line_fn *take)
{
	json_auto_t *outer = json_loadb(line, len, 0, NULL), *message = NULL;
	const char *inner = json_string_value(json_object_get(outer, "line"));
	uint64_t ns = (uint64_t)json_integer_value(json_object_get(outer, "ns"));
	size_t step = step_at(w->a, ns);

	if (!outer)
		return -EBADMSG;
	if (!step || !inner)
		return 0;
	message = json_loads(inner, 0, NULL);
	if (!json_is_object(message))
		return 0;
	mark_done(w->a, step, ns, message);
	take(w, look_after(w->a, step), message);
	return 0;
}

static int read_file(struct wire *w, const char *name, line_fn *take)
{
	AUTO_FREE char *path = xasprintf("%s/%s", w->a->folder, name), *line = NULL;
	AUTO_FCLOSE FILE *f = fopen(path, "re");
	size_t cap = 0, number = 0;
	ssize_t len;

	if (!f)
		return rig_err_set(w->err, RIG_HOST, errno, "cannot read '%s': %s", path, strerror(errno));
	while ((len = getline(&line, &cap, f)) > 0) {
		number++;
		if (read_line(w, line, (size_t)len, take) < 0)
			return rig_err_set(w->err, RIG_HOST, EBADMSG, "'%s' is damaged: line %zu", path, number);
	}
	if (w->failed)
		return rig_err_wrap(w->err, "'%s' is damaged", path);
	return ferror(f) ? rig_err_set(w->err, RIG_HOST, EIO, "cannot read '%s'", path) : 0;
}

int account_wires(struct account *a, struct rig_err *err)
{
	json_auto_t *asked = json_object();
	struct wire w = { .a = a, .asked = asked, .order = xcalloc(a->nr_steps, sizeof(*w.order)), .err = err };
	int r = read_file(&w, "agent.jsonl", agent_line);

	if (!r)
		r = read_file(&w, "qmp.jsonl", qmp_line);
	for (size_t i = 1; i < a->nr_steps; i++)
		/* nor is the order the kernel's choice when two things were under way */
		if (w.order[i] && !is_open(a, i - 1))
			detail_add(&a->details, i, DETAIL_ORDER, xstrdup("order of memory events"),
				   TAKE_PTR(w.order[i]));
	for (size_t i = 0; i < a->nr_steps; i++)
		free(w.order[i]);
	free(w.order);
	free(w.last_ost);
	return r;
}
