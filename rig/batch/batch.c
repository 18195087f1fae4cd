// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "batch/batch.h"
#include "batch/capacity.h"
#include "batch/pool.h"
#include "record/record.h"
#include "run/lost_run.h"
#include "run/runner.h"
#include "vm/accel.h"
#include "vm/machine.h"

#define ACCEL_PROBE_MS	40000u
#define GRACE_MS	60000u	/* an interrupted run judges, ends its machine and writes its record */

/* A batch under way.  Runs count from 0. */
struct course {
	const struct batch *b;
	enum accel accel;
	char *accel_why;
	uint64_t budget, running;	/* bytes: for all machines, and reckoned for those that run */
	unsigned int jobs;		/* at once */
	bool failed;			/* a run could leave no record */
	size_t failed_run;		/* the first of them */
	struct rig_err failure;
};

static struct run_request request_of(const struct course *c, size_t i)
{
	const struct batch_how *how = c->b->how;
	const struct batch_run *run = &c->b->run[i];
	bool own = run->accel != ACCEL_AUTO;

	return (struct run_request){
		.scenario = run->scenario, .kernel = run->kernel, .variant = run->variant, .part_of = run->part_of,
		.agent = how->agent, .results = how->results, .qemu = how->qemu,
		.accel = own ? run->accel : c->accel, .accel_why = own ? NULL : c->accel_why, .era = how->era,
		.boot_ms = how->boot_s * 1000ull, .cold = how->cold, .template = run->template, .known = how->known,
		.lineage = how->known_as ? how->known_as : run->kernel->packaged ? run->kernel->release : NULL,
	};
}

static uint64_t memory_of(const struct course *c, size_t i)
{
	const struct run_request request = request_of(c, i);
	const struct machine_shape *shape = machine_find(runner_machine(&request));

	return shape ? shape->memory_bytes : 0;
}

/* --- KVM or TCG ------------------------------------------------------------------------------ */

static int try_accel(struct course *c, size_t run, struct rig_err *err)
{
	struct run_request request = request_of(c, run);
	AUTO_FREE char *cmdline = NULL;
	struct vm_config config;
	struct image image;
	int r;

	request.accel = ACCEL_KVM;
	r = runner_image(&request, &image, err);
	if (r < 0)
		return r;
	config = runner_vm_config(&request, &image, &cmdline);
	r = accel_decide(&(struct accel_request){ .wanted = c->b->how->accel, .guest = &config,
						  .until_ns = clock_in_ms(ACCEL_PROBE_MS) },
			 &c->accel, &c->accel_why, err);
	image_deinit(&image);
	return r;
}

/*
 * Once and before the first run, so that no two probe beside each other.  What a scenario lacks is
 * its own SKIP, and a QEMU or an image that cannot be had the run's own error, with a record,
 * unless an accelerator was asked for.
 */
static int decide_accel(struct course *c, struct rig_err *err)
{
	for (size_t run = 0; run < c->b->nr; run++) {
		int r;

		if (run && c->b->run[run].scenario == c->b->run[run - 1].scenario)
			continue;
		r = try_accel(c, run, err);
		if (!r && c->accel_why) {
			AUTO_FREE char *text = xasprintf("%s: using tcg", c->accel_why);

			progress_text_once(c->b->progress, text);
		}
		if (!r)
			return 0;
		if (err->cause == RIG_INTERRUPTED ||
		    (err->cause != RIG_MISSING && c->b->how->accel != ACCEL_AUTO))
			return r;
	}
	c->accel = ACCEL_TCG;
	if (c->b->nr && c->b->how->accel == ACCEL_AUTO)
		c->accel_why = xasprintf("kvm could not be tried: %s", err->text);
	return 0;
}

/* --- in the worker --------------------------------------------------------------------------- */

static void on_step(void *arg, const char *step, size_t number, size_t of)
{
	pool_say(arg, json_pack("{sssIsI}", "step", step, "number", (json_int_t)number, "of", (json_int_t)of));
}

static void on_word(void *arg, const char *text)
{
	pool_say(arg, json_pack("{ss}", "text", text));
}

static void on_rest(void *arg, bool resting)
{
	pool_rest(arg, resting);
}

/* A run that needs KVM where it is not used never begins, and says so. */
static int run_one(const struct course *c, const struct run_request *request, struct run_result *ret,
		   struct rig_err *err)
{
	struct rig_err why;

	if (request->accel != ACCEL_KVM || c->accel == ACCEL_KVM)
		return runner_run(request, ret, err);
	rig_err_set(&why, RIG_MISSING, ENODEV, "KVM: %s", c->accel_why ? c->accel_why : "TCG was asked for");
	return lost_run_record(request, &why, ret, err);
}

static json_t *work(void *arg, size_t run, const struct pool_voice *voice)
{
	const struct course *c = arg;
	struct run_request request = request_of(c, run);
	struct run_result result;
	struct rig_err err;

	if (c->b->progress->terminal) {
		request.progress = on_step;
		request.progress_arg = (void *)voice;
	}
	request.word = on_word;
	request.word_arg = (void *)voice;
	/* who wants them one by one has a reason */
	request.rest = c->jobs > 1 ? on_rest : NULL;
	request.rest_arg = (void *)voice;
	if (run_one(c, &request, &result, &err) < 0)
		return json_pack("{s{sisiss}}", "error", "cause", (int)err.cause, "errno", err.eno, "text", err.text);
	return json_pack("{sisisoss*}", "outcome", (int)result.outcome, "kind", (int)result.kind, "record",
			 result.record, "path", result.path);
}

/* --- in the parent --------------------------------------------------------------------------- */

static uint64_t need_of(const struct course *c, size_t run)
{
	return memory_of(c, run) + CAPACITY_RUN_BYTES;
}

/* A machine that has just begun has taken nothing yet, so what is available now is not enough to know. */
static bool on_fits(void *arg, size_t run)
{
	const struct capacity now = capacity_now();
	const struct course *c = arg;

	return c->running + need_of(c, run) <= c->budget &&
	       capacity_holds(&now, memory_of(c, run));
}

static uint64_t limit_ms(void *arg, size_t run)
{
	const struct run_request request = request_of(arg, run);

	return runner_limit_ms(&request);
}

static void on_began(void *arg, size_t run)
{
	struct course *c = arg;

	c->running += need_of(c, run);
	progress_begin(c->b->progress, run + 1, c->b->run[run].scenario->name);
}

static void on_said(void *arg, size_t run, const json_t *what)
{
	const struct course *c = arg;
	json_int_t number, of;
	const char *step, *text = json_string_value(json_object_get(what, "text"));

	if (text)
		progress_text(c->b->progress, text);
	if (json_unpack((json_t *)what, "{sssIsI}", "step", &step, "number", &number, "of", &of) == 0)
		progress_step(c->b->progress, run + 1, step, (size_t)number, (size_t)of);
}

/* What the process handed over, or a record that says how it was lost. */
static int settle(const struct course *c, size_t run, const json_t *result, const struct rig_err *died,
		  struct run_result *ret, struct rig_err *err)
{
	struct run_request request = request_of(c, run);
	int outcome, kind, cause, eno;
	const char *text, *path = NULL;
	json_t *record;

	if (died) {
		record_sweep(request.results);
		return lost_run_record(&request, died, ret, err);
	}
	if (json_unpack((json_t *)result, "{sisisos?s}", "outcome", &outcome, "kind", &kind, "record", &record, "path",
			&path) == 0) {
		*ret = (struct run_result){ .outcome = (enum outcome)outcome, .kind = (enum fail_kind)kind,
					    .record = json_incref(record), .path = path ? xstrdup(path) : NULL };
		return 0;
	}
	if (json_unpack((json_t *)result, "{s{sisiss}}", "error", "cause", &cause, "errno", &eno, "text", &text) < 0)
		return rig_err_set(err, RIG_HOST, EPROTO, "a run's process answered nothing that is known");
	return rig_err_set(err, (enum rig_cause)cause, eno, "%s", text);
}

static char *run_text(const struct batch_run *run)
{
	return xasprintf("%s%s%s on %s", run->scenario->name, run->variant ? "@" : "",
			 run->variant ? run->variant->name : "", run->kernel->release);
}

static bool on_ended(void *arg, size_t run, const json_t *said, const struct rig_err *died)
{
	struct course *c = arg;
	AUTO_FREE char *what = run_text(&c->b->run[run]);
	struct run_result result = { 0 };
	bool go_on;
	struct rig_err err;
	int r = settle(c, run, said, died, &result, &err);

	c->running -= need_of(c, run);
	if (r < 0 && (!c->failed || run < c->failed_run)) {
		c->failed_run = run;
		c->failure = err;
	}
	c->failed |= r < 0;
	progress_end(c->b->progress);
	go_on = c->b->on_result(c->b->arg, run, r < 0 ? NULL : &result);
	progress_done(c->b->progress, run + 1, what, r < 0 ? "no record" : outcome_name(result.outcome));
	run_result_deinit(&result);
	return go_on && !c->failed;
}

static unsigned int jobs_of(const struct course *c)
{
	const struct capacity now = capacity_now();
	uint64_t largest = 0;

	if (c->b->how->jobs)
		return c->b->how->jobs;
	for (size_t i = 0; i < c->b->nr; i++) {
		uint64_t bytes = memory_of(c, i);

		largest = bytes > largest ? bytes : largest;
	}
	return capacity_jobs(&now, largest, POOL_MAX_JOBS);
}

static int run_all(struct course *c, struct rig_err *err)
{
	int r;

	c->budget = capacity_now().available_bytes;
	c->jobs = jobs_of(c);
	progress_plan(c->b->progress, c->b->nr);
	r = pool_run(&(struct pool_tasks){
		.nr = c->b->nr, .jobs = c->jobs, .grace_ms = GRACE_MS, .limit_ms = limit_ms, .work = work, .fits = on_fits,
		.began = on_began, .said = on_said, .ended = on_ended, .arg = c,
	}, err);
	if (!c->failed)
		return r;
	*err = c->failure;
	return -err->eno;
}

int batch_run(const struct batch *b, struct rig_err *err)
{
	struct course c = { .b = b };
	int r = decide_accel(&c, err);

	if (!r)
		r = run_all(&c, err);
	progress_end(b->progress);
	free(c.accel_why);
	return r;
}

static int dry_run(const struct course *c, size_t run, struct rig_err *err)
{
	const struct run_request request = request_of(c, run);
	AUTO_STRV struct strv argv = { 0 };
	AUTO_FREE char *cmdline = NULL;
	struct vm_config config;
	struct image image;
	int r = runner_image(&request, &image, err);

	if (r < 0)
		return r;
	config = runner_vm_config(&request, &image, &cmdline);
	vm_argv(&config, &(struct vm_fds){ .qmp = 3, .console = 4, .agent = 5 }, &argv);
	vm_argv_print(stdout, &argv);
	image_deinit(&image);
	return 0;
}

int batch_dry_run(const struct batch *b, struct rig_err *err)
{
	struct course c = { .b = b };
	int r = decide_accel(&c, err);

	for (size_t run = 0; run < b->nr && !r; run++)
		r = dry_run(&c, run, err);
	progress_end(b->progress);
	free(c.accel_why);
	return r;
}
