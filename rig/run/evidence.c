// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/evidence.h"

#define STARVED_SHARE 3		/* of the wall time, spent waiting for a processor */

void evidence_note(struct run *run, const char *text)
{
	json_array_append_new(run->notes, json_pack("{ssss}", "step", run->step_name, "text", text));
}

/* Process 1 of the image speaks on the console too; its words are told from the kernel's by their start. */
static void watch_init(struct run *run, const char *data, size_t len)
{
	static const char mark[] = "hotrig init: ";

	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n' && data[i] != '\r') {
			if (run->console_len + 1 < sizeof(run->console_line))
				run->console_line[run->console_len++] = data[i];
			continue;
		}
		run->console_line[run->console_len] = '\0';
		run->console_len = 0;
		if (strncmp(run->console_line, mark, strlen(mark)))
			continue;
		run->init_ran = true;
		strcpy(run->init_said, run->console_line + strlen(mark));
	}
}

static void on_console(void *arg, const char *data, size_t len)
{
	struct run *run = arg;

	watch_init(run, data, len);
	record_console(run->record, data, len);
	splat_feed_console(run->splats, data, len);
}

static void on_qmp_line(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	record_wire(((struct run *)arg)->record, "qmp", dir, ns, line, len);
}

static void on_agent_line(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	record_wire(((struct run *)arg)->record, "agent", dir, ns, line, len);
}

static void on_agent_event(void *arg, const struct qmp_event *e)
{
	struct run *run = arg;
	const char *reason = json_string_value(json_object_get(e->data, "reason"));
	struct rig_err err;

	if (strcmp(e->name, "AGENT_DIED"))
		return;
	rig_err_set(&err, RIG_AGENT, ESRCH, "the guest agent died: %s", reason ? reason : "no reason given");
	loop_cancel(run->loop, &err);
}

/* One record of the kernel log, as the event has it. */
static void take_kmsg(struct run *run, const json_t *data)
{
	const char *text = json_string_value(json_object_get(data, "text"));
	uint64_t seq = (uint64_t)json_integer_value(json_object_get(data, "seq"));
	uint64_t usec = (uint64_t)json_integer_value(json_object_get(data, "usec"));
	AUTO_FREE char *line = NULL;

	if (!text)
		return;
	line = xasprintf("[%5" PRIu64 ".%06" PRIu64 "] %s", usec / 1000000, usec % 1000000, text);
	record_kmsg(run->record, line, strlen(line));
	splat_feed_record(run->splats, seq, text, strlen(text));
	fallback_take(&run->fallback, text);
}

void evidence_drain(struct run *run)
{
	struct qmp_client *link = vm_agent(run->vm);

	for (; run->kmsg_seen < qmp_nr_events(link); run->kmsg_seen++) {
		const struct qmp_event *e = qmp_event_at(link, run->kmsg_seen);

		if (!strcmp(e->name, "KMSG_LOST")) {
			evidence_note(run, "the kernel log overran the agent: records were lost");
			run->fallback = (struct fallback){ 0 };
		}
		if (!strcmp(e->name, "KMSG"))
			take_kmsg(run, e->data);
	}
}

json_t *evidence_kmsg(const struct run *run)
{
	struct qmp_client *link = vm_agent(run->vm);
	json_t *list = json_array();

	for (size_t i = 0; i < run->kmsg_seen; i++)
		if (!strcmp(qmp_event_at(link, i)->name, "KMSG"))
			json_array_append(list, qmp_event_at(link, i)->data);
	return list;
}

void evidence_replay(struct run *run, const char *console, size_t len, const json_t *kmsg)
{
	json_t *data;
	size_t i;

	on_console(run, console, len);
	json_array_foreach((json_t *)kmsg, i, data)
		take_kmsg(run, data);
	/*
	 * A guest is kept only when nothing was wrong with its boot, and that was judged by how the host
	 * treated its vCPUs then: what it said of lost time says nothing of the kernel now, either.
	 */
	splat_flush(run->splats);
	if (run->splats_seen < splat_count(run->splats))
		evidence_note(run, "the kernel lost time as the template booted, because its vCPUs got no processor");
	run->splats_seen = splat_count(run->splats);
}

bool evidence_starved(const struct run *run)
{
	uint64_t wait = vm_vcpu_wait_ns(run->vm) - run->vcpu_wait_ns;
	uint64_t nr_cpus = run->plan->shape->nr_cpus;

	return wait / nr_cpus > (clock_ns() - run->mark_ns) / STARVED_SHARE;
}

void evidence_mark_time(struct run *run)
{
	run->mark_ns = clock_ns();
	run->vcpu_wait_ns = vm_vcpu_wait_ns(run->vm);
}

void evidence_judge(struct run *run)
{
	for (; run->splats_seen < splat_count(run->splats); run->splats_seen++) {
		const struct splat *s = splat_at(run->splats, run->splats_seen);
		enum fail_kind kind = FAIL_SPLAT;
		char invariant[32];

		if (s->kind == SPLAT_LOST_TIME && evidence_starved(run)) {
			evidence_note(run, "the kernel lost time because its vCPUs got no processor");
			run->lost_time = true;
			continue;
		}
		if (s->kind == SPLAT_PANIC || s->kind == SPLAT_OOPS || s->kind == SPLAT_RESTART)
			kind = FAIL_CRASH;
		if (s->kind == SPLAT_LOST_TIME)
			kind = FAIL_HANG;
		snprintf(invariant, sizeof(invariant), "splat.%s", splat_kind_name(s->kind));
		finding_add_kind(&run->findings, kind, run->step_name, invariant, "no such report",
				 "%s (%s %s %" PRIu64 "): %.200s", s->title,
				 s->from_console ? "console" : "kernel log", s->from_console ? "line" : "record",
				 s->line, s->first_line);
	}
}

void evidence_restart(struct run *run)
{
	splat_scanner_destroy(run->splats);
	run->splats = splat_scanner_create();
	run->splats_seen = 0;
	run->fallback = (struct fallback){ 0 };
}

void evidence_attach(struct run *run, struct vm_config *config)
{
	config->console = on_console;
	config->qmp_trace = on_qmp_line;
	config->agent_trace = on_agent_line;
	config->arg = run;
}

void evidence_watch_agent(struct run *run)
{
	qmp_on_event(vm_agent(run->vm), on_agent_event, run);
}
