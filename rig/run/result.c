// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/result.h"
#include "witness/witness.h"

static enum fail_kind worst_kind(const struct findings *f)
{
	enum fail_kind kind = FAIL_NONE;

	/* the first crash, boot failure or hang says more than the invariants that fell with it */
	for (size_t i = 0; i < f->nr; i++)
		if (f->f[i].kind > kind)
			kind = f->f[i].kind;
	return kind;
}

void result_settle(const struct run *run, const struct rig_err *why, struct run_result *result)
{
	result->kind = worst_kind(&run->findings);
	/* a crash or a report of the kernel's own needs neither witness */
	if (run->unsound || (findings_disagree(&run->findings) && result->kind <= FAIL_INVARIANT)) {
		result->outcome = OUTCOME_ERROR;
		result->kind = FAIL_NONE;
	} else if (run->findings.nr)
		result->outcome = OUTCOME_FAIL;
	else if (why)
		result->outcome = why->cause == RIG_MISSING ? OUTCOME_SKIP : OUTCOME_ERROR;
	else
		result->outcome = OUTCOME_PASS;
	if (run->request->known && run->request->lineage) {
		const struct known_run what = {
			.scenario = run->scenario->name, .release = run->request->lineage,
			.nr_cpus = run->plan ? run->plan->shape->nr_cpus : 0,
		};

		result->outcome = known_settle(run->request->known, &what, result->outcome, &run->findings,
					       &result->known_bugs);
	}
}

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

static json_t *qemu_version(const struct run *run)
{
	const json_t *v = run->vm ? json_object_get(json_object_get(qmp_greeting(vm_qmp(run->vm)), "version"),
						      "package") : NULL;

	return v ? json_incref((json_t *)v) : json_null();
}

static json_t *variant_json(const struct run_variant *variant)
{
	json_t *args = json_array(), *o = json_pack("{ss ss* so}", "name", variant->name, "machine", variant->machine,
						    "kernel_args", args);

	for (char *const *arg = variant->kernel_args; arg && *arg; arg++)
		json_array_append_new(args, json_string(*arg));
	return o;
}

json_t *result_json(const struct run *run, const struct run_result *result, const struct rig_err *err)
{
	const struct scenario *s = run->scenario;
	json_t *kernel = kernel_identity(run->kernel);
	json_t *o, *timings;
	struct rusage usage;
	char when[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (*run->guest.version)
		json_object_set_new(kernel, "banner", json_string(run->guest.version));
	o = json_pack("{si ss ss ss ss ss so ss sO so}", "format", 1, "scenario", s->name, "summary", s->summary,
		      "origin", s->origin, "date", when, "outcome", outcome_name(result->outcome), "kernel", kernel,
		      "accel", run->request->accel == ACCEL_KVM ? "kvm" : "tcg", "steps", run->steps, "findings",
		      findings_json(&run->findings));
	if (result->kind)
		json_object_set_new(o, "fail_kind", json_string(fail_kind_name(result->kind)));
	if (result->known_bugs)
		json_object_set(o, "known_bugs", result->known_bugs);
	if (run->request->known && run->request->lineage &&
	    strcmp(run->request->lineage, run->kernel->release ? run->kernel->release : ""))
		json_object_set_new(o, "known_as", json_string(run->request->lineage));
	if (result->outcome == OUTCOME_SKIP)
		json_object_set_new(o, "skip_reason", json_string(err->text));
	else if (result->outcome == OUTCOME_ERROR)
		json_object_set_new(o, "error", json_pack("{ssss}", "cause", rig_cause_name(err->cause), "text",
							  err->text));
	if (run->request->variant)
		json_object_set_new(o, "variant", variant_json(run->request->variant));
	if (run->request->part_of)
		json_object_set_new(o, "part_of", json_deep_copy(run->request->part_of));
	if (run->request->accel_why)
		json_object_set_new(o, "accel_why", json_string(run->request->accel_why));
	if (run->findings.dropped)
		json_object_set_new(o, "findings_dropped", json_integer((json_int_t)run->findings.dropped));
	if (json_array_size(run->notes))
		json_object_set(o, "notes", run->notes);
	json_object_set_new(o, "machine", json_string(runner_machine(run->request)));
	if (run->config.shape)
		json_object_set_new(o, "qemu", json_pack("{soso}", "version", qemu_version(run), "argv",
							 argv_json(&run->config)));
	if (run->modelled)
		json_object_set_new(o, "memmap", json_pack("{ssssss}", "era", memmap_era_name(run->model.era),
							   "reader", run->guest.reader, "reader_why",
							   run->guest.reader_why));
	if (run->witness)
		json_object_set_new(o, "outside", json_pack("{ss}", "layout",
							    witness_layout_source(run->witness)));
	if (run->template.dir)
		json_object_set_new(o, "template", json_string(template_name(&run->template)));
	timings = json_pack("{sI}", "total_ns", (json_int_t)(clock_ns() - run->time.start_ns));
	if (run->time.booted_ns)
		json_object_set_new(timings, "boot_ns", json_integer((json_int_t)(run->time.booted_ns -
										  run->time.start_ns)));
	if (run->time.steps_ns)
		json_object_set_new(timings, "steps_ns", json_integer((json_int_t)(run->time.end_ns -
										   run->time.steps_ns)));
	if (run->time.machine_ns)
		json_object_set_new(timings, "guest_ns", json_integer((json_int_t)(run->time.machine_end_ns -
										   run->time.machine_ns)));
	json_object_set_new(o, "timings", timings);
	/* of the process that ran it, which does nothing else */
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		json_object_set_new(o, "rig_peak_kib", json_integer(usage.ru_maxrss));
	return o;
}
