// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/invariant.h"
#include "run/blame.h"
#include "run/device_kind.h"
#include "run/evidence.h"
#include "run/look.h"
#include "run/news.h"
#include "run/outside.h"
#include "run/result.h"
#include "run/start.h"
#include "run/steps.h"
#include "run/uevents.h"
#include "run/virtio_mem.h"

/*
 * For who watches over a run: twenty minutes for the image, for others that make the same
 * template, for saving, restoring and the end; a boot for the template and one without; many times what a look takes.
 */
#define MACHINE_LIMIT_MS	(20 * 60 * 1000ull)
#define LOOK_LIMIT_MS		(10ull * LOOK_MS)

static bool background_running(const struct run *run)
{
	for (size_t i = 0; i < run->nr_background; i++)
		if (run->background[i].step)
			return true;
	return false;
}

static void begin_background(struct run *run, const struct active_step *a)
{
	for (size_t i = 0; i < run->nr_background; i++)
		if (!run->background[i].step) {
			run->background[i] = *a;
			return;
		}
	run->background = xrealloc(run->background, run->nr_background + 1, sizeof(*a));
	run->background[run->nr_background++] = *a;
}

static int look_step(struct run *run, size_t number, struct rig_err *err)
{
	struct snapshot s;
	int e = look_take(run, false, &s, err);

	if (e < 0)
		return e;
	look_keep(run, number, "after", &s);
	e = look_judge(run, number, LOOK_STEP, &s, err);
	snapshot_deinit(&s);
	return e;
}

/*
 * Its memory is between two states: all of it is compared at the join, and now what holds on the way.  No two steps
 * work on one device, so nothing takes online what one takes offline.
 */
static int look_background(struct run *run, struct rig_err *err)
{
	int e = 0;

	for (size_t i = 0; i < run->nr_background && !e; i++) {
		const struct step *step = run->background[i].step;

		if (step && (step->kind == STEP_OFFLINE || step->kind == STEP_UNPLUG))
			e = look_passing(run, step, err);
	}
	return e;
}

static int one_step(struct run *run, size_t number, const struct step *step, struct rig_err *err)
{
	AUTO_FREE char *marker = xasprintf("step %zu ends", number);
	struct active_step active = { 0 };
	int e;

	evidence_mark_time(run);
	e = step_start(run, step, &active, err);
	if (e == 0 && step->background) {
		begin_background(run, &active);
	} else {
		if (e == 0)
			e = step_finish(run, &active, err);
		active_step_deinit(&active);
	}
	if (e == 0 && !background_running(run))
		e = virtio_mem_settle(run, clock_in_ms(LOOK_MS), err);
	if (e < 0 || (e = guest_sync_log(&run->guest, marker, clock_in_ms(LOOK_MS), err)) < 0)
		return e;
	evidence_drain(run);
	evidence_judge(run);
	if (background_running(run))
		return look_background(run, err);
	uevents_judge(run);
	return look_step(run, number, err);
}

/* @e < 0: it could not be carried out or judged; @err says whose fault that is. */
static const char *step_outcome(const struct run *run, size_t findings_before, int e, const struct rig_err *err)
{
	if (e < 0)
		return err->cause == RIG_KERNEL ? "FAIL" : err->cause == RIG_MISSING ? "SKIP" : "ERROR";
	return run->findings.nr > findings_before ? "FAIL" : "PASS";
}

/* With the figure that the step left behind, if it did. */
static void step_record(struct run *run, const char *name, const char *outcome, uint64_t start_ns)
{
	json_t *o = json_pack("{ss ss sI sI}", "name", name, "outcome", outcome, "start", (json_int_t)start_ns,
			      "end", (json_int_t)clock_ns());

	if (run->ns_per_gib)
		json_object_set_new(o, "ns_per_gib", json_integer((json_int_t)run->ns_per_gib));
	run->ns_per_gib = 0;
	json_array_append_new(run->steps, o);
}

/* The whole machine once more: balance of every zone, boot memory as it was. */
static int judge_end(struct run *run, size_t number, struct rig_err *err)
{
	struct snapshot end;
	int e = look_take(run, true, &end, err);

	if (e < 0)
		return e;
	look_keep(run, number, "end", &end);
	news_note(run, &end, &run->base);
	e = look_judge(run, number, LOOK_END, &end, err);
	snapshot_deinit(&end);
	return e;
}

static int final_look(struct run *run, size_t number, struct rig_err *err)
{
	uint64_t start_ns = clock_ns();
	size_t before = run->findings.nr;
	int e;

	run->step_name = "end";
	evidence_mark_time(run);
	e = judge_end(run, number, err);
	if (!e)
		e = guest_sync_log(&run->guest, "the end", clock_in_ms(LOOK_MS), err);
	if (!e) {
		/* the last words: what was logged since the last step, and what is still half a report */
		evidence_drain(run);
		splat_flush(run->splats);
		evidence_judge(run);
	}
	step_record(run, "end", step_outcome(run, before, e, err), start_ns);
	return e;
}

/* From here on the machine is not what the scenario thinks it is. */
static bool derailed(const struct run *run, size_t before)
{
	for (size_t i = before; i < run->findings.nr; i++)
		if (!invariant_goes_on(run->findings.f[i].invariant))
			return true;
	return false;
}

static int all_steps(struct run *run, struct rig_err *err)
{
	const struct scenario *s = run->scenario;
	size_t i;
	int e = 0;

	for (i = 0; i < s->nr_steps; i++) {
		uint64_t start_ns = clock_ns();
		size_t before = run->findings.nr;

		run->step_name = s->steps[i].name;
		if (run->request->progress)
			run->request->progress(run->request->progress_arg, s->steps[i].name, i + 1, s->nr_steps);
		e = one_step(run, i + 1, &s->steps[i], err);
		step_record(run, s->steps[i].name, step_outcome(run, before, e, err), start_ns);
		if (e < 0 || derailed(run, before))
			break;
	}
	for (i++; i < s->nr_steps; i++)
		step_record(run, s->steps[i].name, "SKIP", clock_ns());
	return e < 0 ? e : final_look(run, s->nr_steps + 1, err);
}

static int lacks(const struct run *run, struct rig_err *err)
{
	const struct scenario *s = run->scenario;

	for (char **need = s->needs; need && *need; need++)
		if (kernel_option(run->kernel, *need) == KERNEL_NO)
			return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_%s", *need);
	if (s->nr_pmem && kernel_needs_lack(legacy_pmem_needs, run->kernel))
		return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_%s",
				   kernel_needs_lack(legacy_pmem_needs, run->kernel));
	for (size_t i = 0; i < s->nr_steps; i++) {
		const char *need = step_lacks(&s->steps[i], run->kernel);

		if (need)
			return rig_err_set(err, RIG_MISSING, ENODEV, "CONFIG_%s", need);
	}
	if (!machine_find(runner_machine(run->request)))
		return rig_err_set(err, RIG_USAGE, EINVAL, "%s: no machine '%s'", s->path,
				   runner_machine(run->request));
	return 0;
}

static int course(struct run *run, struct rig_err *err)
{
	int e = start_machine(run, err);

	if (run->modelled)
		look_keep(run, 0, "start", &run->base);
	if (e < 0)
		return e;
	run->time.steps_ns = clock_ns();
	e = run->findings.nr ? 0 : all_steps(run, err);
	run->time.end_ns = clock_ns();
	return e;
}

/* The step in which the kernel failed had to wait for the judgement. */
static void mark_failed_step(struct run *run)
{
	for (size_t i = 0; i < json_array_size(run->steps); i++) {
		json_t *step = json_array_get(run->steps, i);

		if (!strcmp(json_string_value(json_object_get(step, "outcome")), "ERROR"))
			json_object_set_new(step, "outcome", json_string("FAIL"));
	}
}

static void clean_up(struct run *run)
{
	for (size_t i = 0; i < run->nr_background; i++)
		active_step_deinit(&run->background[i]);
	free(run->background);
	free(run->uevents);
	free(run->namespaces);
	start_undo(run);
	free(run->draft_ram);
	loop_destroy(run->loop);
	findings_deinit(&run->findings);
	splat_scanner_destroy(run->splats);
	record_destroy(run->record);
	json_decref(run->steps);
	json_decref(run->notes);
}

char *runner_label(const struct run_request *request)
{
	const struct run_variant *variant = request->variant;

	return xasprintf("%s%s%s-%s", request->scenario->name, variant ? "@" : "", variant ? variant->name : "",
			 request->kernel->release);
}

uint64_t runner_limit_ms(const struct run_request *request)
{
	const struct scenario *s = request->scenario;
	uint64_t ms = MACHINE_LIMIT_MS + 2 * (request->boot_ms ? request->boot_ms : BOOT_MS);

	for (size_t i = 0; i < s->nr_steps; i++)
		ms += step_deadline_ms(&s->steps[i]) + LOOK_LIMIT_MS;
	return ms;
}

int runner_run(const struct run_request *request, struct run_result *ret, struct rig_err *err)
{
	struct run run = { .request = request, .scenario = request->scenario, .kernel = request->kernel,
			   .step_name = "boot" };
	AUTO_FREE char *label = NULL, *cmdline = NULL;
	struct run_result result = { 0 };
	struct vm_config config = { 0 };
	struct image image = { 0 };
	struct rig_err why = { 0 }, unsound;
	bool have_image;
	int e;

	run.time.start_ns = clock_ns();
	label = runner_label(request);
	e = record_create(request->results, label, &run.record, err);
	if (e < 0)
		return e;
	e = loop_create(&run.loop, err);
	if (e < 0) {
		record_destroy(run.record);
		return e;
	}
	run.splats = splat_scanner_create();
	run.steps = json_array();
	run.notes = json_array();
	e = lacks(&run, &why);
	if (!e)
		e = runner_image(request, &image, &why);
	have_image = e == 0;
	if (have_image) {
		config = runner_vm_config(request, &image, &cmdline);
		run.plan = &config;
		run.image_sha256 = image.sha256;
		run.time.machine_ns = clock_ns();
		e = course(&run, &why);
		run.time.machine_end_ns = clock_ns();
	}
	/* from here on a second ^C must not cut the evidence short; everything below has deadlines */
	loop_mask_interrupt(run.loop, true);
	if (e < 0) {
		blame_error(&run, &why);
		if (why.cause == RIG_KERNEL || why.cause == RIG_AGENT)
			outside_autopsy(&run);
	}
	if (e < 0 && why.cause == RIG_KERNEL)
		mark_failed_step(&run);
	/* what a guest did whose memory came from a file that somebody changed says nothing of the kernel */
	if (run.findings.nr && run.template.dir && template_verify(&run.template, &unsound) < 0) {
		run.unsound = true;
		why = unsound;
		e = -why.eno;
	} else if (blame_host_for_reports(&run, &why)) {
		e = -why.eno;
	}
	result_settle(&run, e < 0 ? &why : NULL, &result);
	result.record = result_json(&run, &result, &why);
	/* the machine goes first: its last words belong to the record */
	start_undo(&run);
	e = record_commit(run.record, result.record, &result.path, err);
	clean_up(&run);
	if (have_image)
		image_deinit(&image);
	if (e < 0) {
		run_result_deinit(&result);
		return e;
	}
	*ret = result;
	return 0;
}

void run_result_deinit(struct run_result *r)
{
	json_decref(r->known_bugs);
	json_decref(r->record);
	free(r->path);
	*r = (struct run_result){ 0 };
}
