// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/runner.h"
#include "run/steps.h"

#define BOOT_MS		180000u
#define LOOK_MS		60000u		/* patience for one look at the machine */
#define ALIVE_MS	5000u
#define QUIET_TRIES	5
#define AGENT_LINE_BYTES (16u << 20)

struct timing {
	uint64_t start_ns, booted_ns, steps_ns, end_ns;
};

struct runner {
	const struct run_request *request;
	struct run run;
	struct timing time;
	json_t *steps;			/* array for the record */
	json_t *notes;			/* what was seen and is no finding */
	bool booted;			/* the agent has greeted */
	uint64_t vcpu_wait_ns, vcpu_cpu_ns;	/* at the start of the step */
};

void run_want_uevent(struct run *run, const char *action, uint32_t block)
{
	GROW(run->uevents, run->nr_uevents, run->cap_uevents);
	snprintf(run->uevents[run->nr_uevents++].text, sizeof(run->uevents->text), "%s memory%u", action, block);
}

static void note(struct runner *r, const char *step, const char *text)
{
	json_array_append_new(r->notes, json_pack("{ssss}", "step", step, "text", text));
}

/* --- evidence as it comes ------------------------------------------------------------------ */

static void on_console(void *arg, const char *data, size_t len)
{
	struct runner *r = arg;

	record_console(r->run.record, data, len);
	splat_feed_console(r->run.splats, data, len);
}

static void on_qmp_line(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	record_wire(((struct runner *)arg)->run.record, "qmp", dir, ns, line, len);
}

static void on_agent_line(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	record_wire(((struct runner *)arg)->run.record, "agent", dir, ns, line, len);
}

static void on_agent_event(void *arg, const struct qmp_event *e)
{
	struct runner *r = arg;
	const char *reason = json_string_value(json_object_get(e->data, "reason"));
	struct rig_err err;

	if (strcmp(e->name, "AGENT_DIED"))
		return;
	rig_err_set(&err, RIG_AGENT, ESRCH, "the guest agent died: %s", reason ? reason : "no reason given");
	loop_cancel(r->run.loop, &err);
}

/* Kernel log records that arrived as events go to the log file and to the scanner, once. */
static void drain_kmsg(struct runner *r)
{
	struct qmp_client *link = vm_agent(r->run.vm);
	AUTO_FREE char *line = NULL;

	for (; r->run.kmsg_seen < qmp_nr_events(link); r->run.kmsg_seen++) {
		const struct qmp_event *e = qmp_event_at(link, r->run.kmsg_seen);
		const char *text = json_string_value(json_object_get(e->data, "text"));
		uint64_t seq = (uint64_t)json_integer_value(json_object_get(e->data, "seq"));
		uint64_t usec = (uint64_t)json_integer_value(json_object_get(e->data, "usec"));

		if (strcmp(e->name, "KMSG") || !text)
			continue;
		free(line);
		line = xasprintf("[%5" PRIu64 ".%06" PRIu64 "] %s", usec / 1000000, usec % 1000000, text);
		record_kmsg(r->run.record, line, strlen(line));
		splat_feed_record(r->run.splats, seq, text, strlen(text));
	}
}

/* vCPU threads that waited for a processor longer than they ran cannot be blamed for lost time. */
static bool starved(const struct runner *r)
{
	uint64_t cpu = vm_vcpu_cpu_ns(r->run.vm) - r->vcpu_cpu_ns;
	uint64_t wait = vm_vcpu_wait_ns(r->run.vm) - r->vcpu_wait_ns;

	return wait > NS_PER_S && wait > cpu / 2;
}

static void mark_vcpu_time(struct runner *r)
{
	r->vcpu_cpu_ns = vm_vcpu_cpu_ns(r->run.vm);
	r->vcpu_wait_ns = vm_vcpu_wait_ns(r->run.vm);
}

static void judge_splats(struct runner *r)
{
	for (; r->run.splats_seen < splat_count(r->run.splats); r->run.splats_seen++) {
		const struct splat *s = splat_at(r->run.splats, r->run.splats_seen);
		struct finding f = { .kind = FAIL_SPLAT };

		if (s->kind == SPLAT_LOST_TIME && starved(r)) {
			note(r, r->run.step_name, "the kernel lost time because its vCPUs got no processor");
			continue;
		}
		if (s->kind == SPLAT_PANIC || s->kind == SPLAT_OOPS || s->kind == SPLAT_RESTART)
			f.kind = FAIL_CRASH;
		if (s->kind == SPLAT_LOST_TIME)
			f.kind = FAIL_HANG;
		snprintf(f.invariant, sizeof(f.invariant), "splat.%s", splat_kind_name(s->kind));
		snprintf(f.step, sizeof(f.step), "%s", r->run.step_name);
		snprintf(f.expected, sizeof(f.expected), "no such report");
		snprintf(f.seen, sizeof(f.seen), "%s (%s %s %" PRIu64 "): %.200s", s->title,
			 s->from_console ? "console" : "kernel log", s->from_console ? "line" : "record",
			 s->line, s->first_line);
		finding_add(&r->run.findings, &f);
	}
}

/* --- looking at the machine ------------------------------------------------------------------ */

static bool same_free_counts(const struct snapshot *a, const struct snapshot *b)
{
	if (a->nr_zones != b->nr_zones)
		return false;
	for (size_t i = 0; i < a->nr_zones; i++)
		if (a->zone[i].free != b->zone[i].free || a->zone[i].pcp != b->zone[i].pcp)
			return false;
	return true;
}

static int host_view(struct runner *r, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *devices = NULL;
	int e = qmp_call(vm_qmp(r->run.vm), "query-memory-devices", NULL, until_ns, &devices, NULL, err);

	if (e < 0)
		return e;
	s->memfd_bytes = vm_memfd_bytes(r->run.vm);
	return snapshot_parse_devices(devices, s, err);
}

static int pages_of_devices(struct runner *r, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	const struct model *m = &r->run.model;
	uint64_t done = 0;

	/* ascending by address, whatever the order of plugging */
	for (size_t n = 0; n < m->nr_devices; n++) {
		const struct model_device *next = NULL;
		int e;

		for (size_t i = 0; i < m->nr_devices; i++)
			if (m->device[i].start_pfn >= done && m->device[i].nr_blocks &&
			    (!next || m->device[i].start_pfn < next->start_pfn))
				next = &m->device[i];
		if (!next)
			break;
		done = next->start_pfn + next->nr_pages;
		e = guest_pages(&r->run.guest, next->start_pfn, done, true, until_ns, s, err);
		if (e < 0)
			return e;
	}
	return 0;
}

/*
 * One look at everything.  The page states are read while the guest runs: counts of free pages that
 * are the same before and after tell that nobody allocated meanwhile; if not, look again.
 */
static int look(struct runner *r, bool whole, struct snapshot *ret, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	struct snapshot s = { 0 }, after = { 0 };
	int e = 0;

	for (int i = 0; i < QUIET_TRIES && !s.quiet; i++) {
		snapshot_deinit(&s);
		if ((e = guest_counters(&r->run.guest, until_ns, &s, err)) < 0 ||
		    (e = host_view(r, until_ns, &s, err)) < 0)
			break;
		e = whole ? guest_pages(&r->run.guest, 0, s.kpageflags_pages, false, until_ns, &s, err) :
			    pages_of_devices(r, until_ns, &s, err);
		if (e < 0 || (e = guest_zoneinfo(&r->run.guest, until_ns, &after, err)) < 0)
			break;
		s.quiet = same_free_counts(&s, &after);
		snapshot_deinit(&after);
	}
	snapshot_deinit(&after);
	if (e < 0) {
		snapshot_deinit(&s);
		return e;
	}
	*ret = s;
	return 0;
}

static void keep(struct runner *r, size_t number, const char *when, const struct snapshot *s)
{
	AUTO_FREE char *name = xasprintf("state-%03zu-%s", number, when);
	json_auto_t *value = snapshot_json(&r->run.guest.layout, s);

	record_json_gz(r->run.record, name, value);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* A memory-block uevent as "online memory32"; false when the event is none. */
static bool memory_uevent(const struct qmp_event *e, struct uevent_want *ret)
{
	const char *subsystem = json_string_value(json_object_get(e->data, "subsystem"));
	const char *action = json_string_value(json_object_get(e->data, "action"));
	const char *path = json_string_value(json_object_get(e->data, "devpath"));

	if (strcmp(e->name, "UEVENT") || !subsystem || strcmp(subsystem, "memory") || !action || !path ||
	    !strrchr(path, '/'))
		return false;
	snprintf(ret->text, sizeof(ret->text), "%s %s", action, strrchr(path, '/') + 1);
	return true;
}

/*
 * A refused unplug takes back what it had offlined before: acpi_scan_try_to_offline() brings those
 * blocks online again, in the default zone.  Which they were depends on how far it came, and only
 * the offline uevents tell.
 */
static void roll_back(struct runner *r)
{
	struct model_device *d = model_device_find(&r->run.model, r->run.rolled_back->device);
	struct uevent_want seen, want;

	for (size_t e = r->run.uevents_from; e < qmp_nr_events(r->run.guest.link); e++) {
		if (!memory_uevent(qmp_event_at(r->run.guest.link, e), &seen))
			continue;
		for (size_t i = 0; i < d->nr_blocks; i++) {
			struct model_block *b = &d->block[i];

			snprintf(want.text, sizeof(want.text), "offline memory%u", b->id);
			if (b->class != PAGE_ONLINE || strcmp(want.text, seen.text))
				continue;
			run_want_uevent(&r->run, "offline", b->id);
			run_want_uevent(&r->run, "online", b->id);
			model_offline(&r->run.model, b->id);
			model_online(&r->run.model, b->id, ZONE_AUTO);
		}
	}
	r->run.rolled_back = NULL;
}

/* Exactly the memory-block uevents that the changes since the last judgement call for, in any order. */
static void judge_uevents(struct runner *r)
{
	struct qmp_client *link = r->run.guest.link;
	struct uevent_want *seen = NULL;
	size_t n = 0, cap = 0, i = 0, k = 0;

	if (r->run.rolled_back)
		roll_back(r);
	for (; r->run.uevents_from < qmp_nr_events(link); r->run.uevents_from++) {
		GROW(seen, n, cap);
		n += memory_uevent(qmp_event_at(link, r->run.uevents_from), &seen[n]);
	}
	if (n)
		qsort(seen, n, sizeof(*seen), by_text);
	if (r->run.nr_uevents)
		qsort(r->run.uevents, r->run.nr_uevents, sizeof(*seen), by_text);
	while (i < n || k < r->run.nr_uevents) {
		int order = i == n ? 1 : k == r->run.nr_uevents ? -1 :
			    strcmp(seen[i].text, r->run.uevents[k].text);

		if (order < 0)
			run_finding(&r->run, "block.uevent", "no such uevent", "%s", seen[i].text);
		if (order > 0)
			run_finding(&r->run, "block.uevent", r->run.uevents[k].text, "no such uevent");
		i += order <= 0;
		k += order >= 0;
	}
	r->run.nr_uevents = 0;
	free(seen);
}

static bool background_running(const struct runner *r)
{
	for (size_t i = 0; i < r->run.nr_background; i++)
		if (r->run.background[i].step)
			return true;
	return false;
}

static void compare_once(struct runner *r, const struct snapshot *s, const char *step, struct findings *out)
{
	model_compare(&r->run.model, s, step, out);
	model_balance(&r->run.model, s, step, out);
}

/*
 * Compare, and look again before blaming the kernel: struct pages are read without its locks, so a
 * page on its way from one state to the next may be caught in between.  What is wrong stays wrong;
 * what the second look does not show is noted, not judged.
 */
static int compare_step(struct runner *r, size_t number, struct snapshot *s, struct rig_err *err)
{
	struct findings first = { 0 };
	struct snapshot again;
	size_t before = r->run.findings.nr;
	char text[1024];
	int e;

	keep(r, number, "after", s);
	compare_once(r, s, r->run.step_name, &first);
	if (!first.nr)
		return 0;
	e = look(r, false, &again, err);
	if (!e) {
		keep(r, number, "again", &again);
		compare_once(r, &again, r->run.step_name, &r->run.findings);
		snapshot_deinit(&again);
	}
	if (!e && r->run.findings.nr == before) {
		snprintf(text, sizeof(text), "seen once and not again: %s: expected %s, seen %s",
			 first.f[0].invariant, first.f[0].expected, first.f[0].seen);
		note(r, r->run.step_name, text);
	}
	findings_deinit(&first);
	return e;
}

/* --- the course of a run ---------------------------------------------------------------------- */

static int boot(struct runner *r, const struct vm_config *base, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(r->request->boot_ms ? r->request->boot_ms : BOOT_MS);
	struct vm_config config = *base;
	int e;

	config.console = on_console;
	config.qmp_trace = on_qmp_line;
	config.agent_trace = on_agent_line;
	config.arg = r;
	r->run.step_name = "boot";
	e = vm_create(r->run.loop, &config, until_ns, &r->run.vm, err);
	if (e < 0)
		return e;
	qmp_on_event(vm_agent(r->run.vm), on_agent_event, r);
	mark_vcpu_time(r);
	e = qmp_negotiate(vm_agent(r->run.vm), until_ns, err);
	if (e < 0)
		return rig_err_wrap(err, "boot");
	r->booted = true;
	r->time.booted_ns = clock_ns();
	return guest_open(vm_agent(r->run.vm), clock_in_ms(LOOK_MS), &r->run.guest, err);
}

/* What an uninitialised memmap reads as follows from config and command line, where they are known. */
static void memmap_fill(const struct kernel *k, const char *cmdline, struct model_config *c)
{
	enum kernel_feature by_default = kernel_option(k, "INIT_ON_ALLOC_DEFAULT_ON");

	c->poisons_removed = kernel_option(k, "DEBUG_VM") == KERNEL_BUILTIN;
	if (kernel_option(k, "DEBUG_VM") == KERNEL_UNKNOWN)
		return;
	if (c->poisons_removed)
		c->fill = FILL_ONES;
	else if (strstr(cmdline, "init_on_alloc=0"))
		c->fill = FILL_UNKNOWN;
	else if (strstr(cmdline, "init_on_alloc=1") || by_default == KERNEL_BUILTIN)
		c->fill = FILL_ZERO;
}

static int take_baseline(struct runner *r, struct rig_err *err)
{
	const struct page_layout *l = &r->run.guest.layout;
	struct model_config config = {
		.layout = l, .raw = r->run.guest.raw, .block_bytes = r->run.guest.block_bytes,
		.era = r->request->era,
	};
	int e = guest_sync_log(&r->run.guest, "baseline", clock_in_ms(LOOK_MS), err);

	if (e < 0 || (e = look(r, true, &r->run.base, err)) < 0)
		return e;
	/* two signs that do not depend on each other's function; if they differ, the pages decide */
	if (config.era == ERA_UNKNOWN && l->has_sign_free_pages_core && l->has_sign_offline &&
	    l->sign_free_pages_core == l->sign_offline_returns_managed)
		config.era = l->sign_free_pages_core ? ERA_PAGE_OFFLINE : ERA_PG_RESERVED;
	config.policy = r->run.base.auto_online;
	memmap_fill(r->run.kernel, r->run.guest.cmdline, &config);
	e = model_init(&r->run.model, &config, &r->run.base, err);
	if (e < 0)
		return e;
	r->run.modelled = true;
	r->run.uevents_from = qmp_nr_events(r->run.guest.link);
	keep(r, 0, "start", &r->run.base);
	drain_kmsg(r);
	judge_splats(r);
	model_balance(&r->run.model, &r->run.base, "boot", &r->run.findings);
	return 0;
}

static void begin_background(struct runner *r, const struct active_step *a)
{
	for (size_t i = 0; i < r->run.nr_background; i++)
		if (!r->run.background[i].step) {
			r->run.background[i] = *a;
			return;
		}
	r->run.background = xrealloc(r->run.background, r->run.nr_background + 1, sizeof(*a));
	r->run.background[r->run.nr_background++] = *a;
}

static int one_step(struct runner *r, size_t number, const struct step *step, struct rig_err *err)
{
	AUTO_FREE char *marker = xasprintf("step %zu ends", number);
	struct active_step active = { 0 };
	struct snapshot s;
	int e;

	mark_vcpu_time(r);
	e = step_start(&r->run, step, &active, err);
	if (e == 0 && step->background) {
		begin_background(r, &active);
	} else {
		if (e == 0)
			e = step_finish(&r->run, &active, err);
		active_step_deinit(&active);
	}
	if (e < 0 || (e = guest_sync_log(&r->run.guest, marker, clock_in_ms(LOOK_MS), err)) < 0)
		return e;
	drain_kmsg(r);
	judge_splats(r);
	if (background_running(r))
		return 0;	/* its memory is between two states: all of it is compared at the join */
	judge_uevents(r);
	e = look(r, false, &s, err);
	if (e < 0)
		return e;
	e = compare_step(r, number, &s, err);
	snapshot_deinit(&s);
	return e;
}

static void step_record(struct runner *r, const char *name, const char *outcome, uint64_t start_ns)
{
	json_array_append_new(r->steps, json_pack("{ss ss sI sI}", "name", name, "outcome", outcome, "start",
						  (json_int_t)start_ns, "end", (json_int_t)clock_ns()));
}

/* The whole machine once more: balance of every zone, boot memory as it was. */
static int final_look(struct runner *r, size_t number, struct rig_err *err)
{
	struct snapshot end;
	uint64_t start_ns = clock_ns();
	size_t before = r->run.findings.nr;
	int e;

	r->run.step_name = "end";
	e = look(r, true, &end, err);
	if (e < 0)
		return e;
	keep(r, number, "end", &end);
	model_balance(&r->run.model, &end, "end", &r->run.findings);
	model_compare_boot(&r->run.model, &r->run.base, &end, "end", &r->run.findings);
	snapshot_deinit(&end);
	step_record(r, "end", r->run.findings.nr > before ? "FAIL" : "PASS", start_ns);
	return 0;
}

static int all_steps(struct runner *r, struct rig_err *err)
{
	const struct scenario *s = r->run.scenario;
	size_t i;
	int e = 0;

	for (i = 0; i < s->nr_steps; i++) {
		uint64_t start_ns = clock_ns();
		size_t before = r->run.findings.nr;

		r->run.step_name = s->steps[i].name;
		if (r->request->progress)
			r->request->progress(r->request->progress_arg, s->steps[i].name, i + 1, s->nr_steps);
		e = one_step(r, i + 1, &s->steps[i], err);
		step_record(r, s->steps[i].name, e < 0 ? (err->cause == RIG_KERNEL ? "FAIL" : "ERROR") :
			    r->run.findings.nr > before ? "FAIL" : "PASS", start_ns);
		/* from here on the machine is not what the scenario thinks it is */
		if (e < 0 || r->run.findings.nr > before)
			break;
	}
	for (i++; i < s->nr_steps; i++)
		step_record(r, s->steps[i].name, "SKIP", clock_ns());
	return e < 0 ? e : final_look(r, s->nr_steps + 1, err);
}

/* --- who is to blame -------------------------------------------------------------------------- */

static void crash_finding(struct runner *r, const char *detail)
{
	struct finding f = { .kind = FAIL_CRASH, .invariant = "splat.panic" };

	for (size_t i = 0; i < r->run.findings.nr; i++)
		if (r->run.findings.f[i].kind == FAIL_CRASH)
			return;
	if (vm_end(r->run.vm, NULL) == VM_SHUTDOWN)
		strcpy(f.invariant, "splat.restart");
	snprintf(f.step, sizeof(f.step), "%s", r->run.step_name);
	snprintf(f.expected, sizeof(f.expected), "a kernel that goes on");
	snprintf(f.seen, sizeof(f.seen), "%s", detail);
	finding_add(&r->run.findings, &f);
}

static void hang_finding(struct runner *r, const struct rig_err *err, const char *state)
{
	struct finding f = { .kind = FAIL_HANG, .invariant = "step.progress" };

	snprintf(f.step, sizeof(f.step), "%s", r->run.step_name);
	snprintf(f.expected, sizeof(f.expected), "an end before the deadline");
	snprintf(f.seen, sizeof(f.seen), "%.380s; %s", err->text, state);
	finding_add(&r->run.findings, &f);
}

/* An error before the agent greeted: the kernel's fault only if its own console shows that it ran. */
static void judge_boot(struct runner *r, struct rig_err *err)
{
	struct finding f = { .kind = FAIL_BOOT, .invariant = "step.progress" };

	if (err->cause != RIG_KERNEL && err->cause != RIG_TIMEOUT)
		return;
	if (!splat_saw_banner(r->run.splats)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; %s", err->text,
			    splat_saw_any(r->run.splats) ? "the console shows no kernel" :
			    "nothing came from the guest at all");
		return;
	}
	if (starved(r)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the vCPUs got no processor", err->text);
		return;
	}
	snprintf(f.step, sizeof(f.step), "boot");
	snprintf(f.expected, sizeof(f.expected), "the kernel starts the agent");
	snprintf(f.seen, sizeof(f.seen), "%.500s", err->text);
	for (size_t i = 0; i < r->run.findings.nr; i++)
		r->run.findings.f[i].kind = FAIL_BOOT;
	finding_add(&r->run.findings, &f);
	err->cause = RIG_KERNEL;
}

static void judge_error(struct runner *r, struct rig_err *err)
{
	bool alive;

	if (r->run.vm)
		vm_explain(r->run.vm, err);
	loop_resume(r->run.loop);
	splat_flush(r->run.splats);
	if (r->run.vm) {
		drain_kmsg(r);
		judge_splats(r);
	}
	if (!r->booted) {
		judge_boot(r, err);
		return;
	}
	if (err->cause == RIG_KERNEL) {
		crash_finding(r, err->text);
		return;
	}
	if (err->cause != RIG_TIMEOUT)
		return;
	if (starved(r)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the vCPUs got no processor", err->text);
		return;
	}
	alive = guest_alive(&r->run.guest, clock_in_ms(ALIVE_MS));
	drain_kmsg(r);
	judge_splats(r);
	hang_finding(r, err, alive ? "the agent still answers" : "the guest does not answer at all");
	err->cause = RIG_KERNEL;
}

static enum fail_kind worst_kind(const struct findings *f)
{
	enum fail_kind kind = FAIL_NONE;

	/* the first crash, boot failure or hang says more than the invariants that fell with it */
	for (size_t i = 0; i < f->nr; i++)
		if (f->f[i].kind > kind)
			kind = f->f[i].kind;
	return kind;
}

/* --- the record ------------------------------------------------------------------------------- */

static json_t *argv_json(const struct vm_config *config)
{
	const struct vm_fds fds = { .qmp = -1, .console = -1, .agent = -1 };
	AUTO_STRV struct strv argv = { 0 };
	json_t *list = json_array();

	vm_argv(config, &fds, &argv);
	for (size_t i = 0; i < argv.n; i++)
		json_array_append_new(list, json_string(argv.v[i]));
	return list;
}

static json_t *qemu_version(struct runner *r)
{
	const json_t *v = r->run.vm ? json_object_get(json_object_get(qmp_greeting(vm_qmp(r->run.vm)), "version"),
						      "package") : NULL;

	return v ? json_incref((json_t *)v) : json_null();
}

static json_t *make_record(struct runner *r, const struct run_result *result, const struct rig_err *err,
			   const struct vm_config *config)
{
	const struct scenario *s = r->run.scenario;
	json_t *kernel = kernel_identity(r->run.kernel);
	json_t *o, *timings;
	char when[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (*r->run.guest.version)
		json_object_set_new(kernel, "banner", json_string(r->run.guest.version));
	o = json_pack("{si ss ss ss ss ss so ss sO so}", "format", 1, "scenario", s->name, "summary", s->summary,
		      "origin", s->origin, "date", when, "outcome", outcome_name(result->outcome), "kernel", kernel,
		      "accel", r->request->accel == ACCEL_KVM ? "kvm" : "tcg", "steps", r->steps, "findings",
		      findings_json(&r->run.findings));
	if (result->kind)
		json_object_set_new(o, "fail_kind", json_string(fail_kind_name(result->kind)));
	if (result->outcome == OUTCOME_SKIP)
		json_object_set_new(o, "skip_reason", json_string(err->text));
	else if (result->outcome == OUTCOME_ERROR)
		json_object_set_new(o, "error", json_pack("{ssss}", "cause", rig_cause_name(err->cause), "text",
							  err->text));
	if (r->request->accel_why)
		json_object_set_new(o, "accel_why", json_string(r->request->accel_why));
	if (r->run.findings.dropped)
		json_object_set_new(o, "findings_dropped", json_integer((json_int_t)r->run.findings.dropped));
	if (json_array_size(r->notes))
		json_object_set(o, "notes", r->notes);
	json_object_set_new(o, "machine", json_string(s->machine));
	if (config)
		json_object_set_new(o, "qemu", json_pack("{soso}", "version", qemu_version(r), "argv",
							 argv_json(config)));
	if (r->run.modelled)
		json_object_set_new(o, "memmap", json_pack("{ssssss}", "era", memmap_era_name(r->run.model.era),
							   "reader", r->run.guest.reader, "reader_why",
							   r->run.guest.reader_why));
	timings = json_pack("{sI}", "total_ns", (json_int_t)(clock_ns() - r->time.start_ns));
	if (r->time.booted_ns)
		json_object_set_new(timings, "boot_ns", json_integer((json_int_t)(r->time.booted_ns -
										  r->time.start_ns)));
	if (r->time.steps_ns)
		json_object_set_new(timings, "steps_ns", json_integer((json_int_t)(r->time.end_ns -
										   r->time.steps_ns)));
	json_object_set_new(o, "timings", timings);
	return o;
}

static void settle(struct runner *r, int e, struct rig_err *err, struct run_result *result)
{
	result->kind = worst_kind(&r->run.findings);
	if (r->run.findings.nr)
		result->outcome = OUTCOME_FAIL;
	else if (e < 0)
		result->outcome = err->cause == RIG_MISSING ? OUTCOME_SKIP : OUTCOME_ERROR;
	else
		result->outcome = OUTCOME_PASS;
}

static int lacks(const struct runner *r, struct rig_err *err)
{
	const struct scenario *s = r->run.scenario;

	for (char **need = s->needs; need && *need; need++)
		if (kernel_option(r->run.kernel, *need) == KERNEL_NO)
			return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_%s", *need);
	for (size_t i = 0; i < s->nr_steps; i++) {
		const char *need = step_lacks(&s->steps[i], r->run.kernel);

		if (need)
			return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_%s", need);
	}
	if (!machine_find(s->machine))
		return rig_err_set(err, RIG_USAGE, EINVAL, "%s: no machine '%s'", s->path, s->machine);
	return 0;
}

static int course(struct runner *r, const struct vm_config *config, struct rig_err *err)
{
	int e = boot(r, config, err);

	if (e < 0 || (e = take_baseline(r, err)) < 0)
		return e;
	r->time.steps_ns = clock_ns();
	e = r->run.findings.nr ? 0 : all_steps(r, err);
	r->time.end_ns = clock_ns();
	return e;
}

static void clean_up(struct runner *r)
{
	for (size_t i = 0; i < r->run.nr_background; i++)
		active_step_deinit(&r->run.background[i]);
	free(r->run.background);
	free(r->run.uevents);
	vm_destroy(r->run.vm);
	loop_destroy(r->run.loop);
	model_deinit(&r->run.model);
	snapshot_deinit(&r->run.base);
	findings_deinit(&r->run.findings);
	splat_scanner_destroy(r->run.splats);
	record_destroy(r->run.record);
	json_decref(r->steps);
	json_decref(r->notes);
}

int runner_run(const struct run_request *request, struct run_result *ret, struct rig_err *err)
{
	struct runner r = { .request = request, .run = { .scenario = request->scenario,
							 .kernel = request->kernel, .step_name = "boot" } };
	AUTO_FREE char *label = NULL, *cmdline = NULL;
	struct run_result result = { 0 };
	struct vm_config config = { 0 };
	struct image image = { 0 };
	struct rig_err why = { 0 };
	bool have_image;
	int e;

	r.time.start_ns = clock_ns();
	label = xasprintf("%s-%s", request->scenario->name, request->kernel->release);
	e = record_create(request->results, label, &r.run.record, err);
	if (e < 0)
		return e;
	e = loop_create(&r.run.loop, err);
	if (e < 0) {
		record_destroy(r.run.record);
		return e;
	}
	r.run.splats = splat_scanner_create();
	r.steps = json_array();
	r.notes = json_array();
	e = lacks(&r, &why);
	if (!e)
		e = runner_image(request, &image, &why);
	have_image = e == 0;
	if (have_image) {
		config = runner_vm_config(request, &image, &cmdline);
		e = course(&r, &config, &why);
	}
	if (e < 0)
		judge_error(&r, &why);
	settle(&r, e, &why, &result);
	result.record = make_record(&r, &result, &why, have_image ? &config : NULL);
	/* the machine goes first: its last words belong to the record */
	vm_destroy(r.run.vm);
	r.run.vm = NULL;
	e = record_commit(r.run.record, result.record, &result.path, err);
	clean_up(&r);
	if (have_image)
		image_deinit(&image);
	if (e < 0) {
		json_decref(result.record);
		return e;
	}
	*ret = result;
	return 0;
}

void run_result_deinit(struct run_result *r)
{
	json_decref(r->record);
	free(r->path);
	*r = (struct run_result){ 0 };
}
