// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/blame.h"
#include "run/evidence.h"

#define ALIVE_MS	5000u

static void crash_finding(struct run *run, const char *detail)
{
	struct finding f = { .kind = FAIL_CRASH, .invariant = "splat.panic" };

	for (size_t i = 0; i < run->findings.nr; i++)
		if (run->findings.f[i].kind == FAIL_CRASH)
			return;
	if (vm_end(run->vm, NULL) == VM_SHUTDOWN)
		strcpy(f.invariant, "splat.restart");
	snprintf(f.step, sizeof(f.step), "%s", run->step_name);
	snprintf(f.expected, sizeof(f.expected), "a kernel that goes on");
	snprintf(f.seen, sizeof(f.seen), "%s", detail);
	finding_add(&run->findings, &f);
}

static void hang_finding(struct run *run, const struct rig_err *err, const char *state)
{
	struct finding f = { .kind = FAIL_HANG, .invariant = "step.progress" };

	snprintf(f.step, sizeof(f.step), "%s", run->step_name);
	snprintf(f.expected, sizeof(f.expected), "an end before the deadline");
	snprintf(f.seen, sizeof(f.seen), "%.380s; %s", err->text, state);
	finding_add(&run->findings, &f);
}

/* An error before the agent greeted: the kernel's fault only if its own console shows that it ran. */
static void judge_boot(struct run *run, struct rig_err *err)
{
	struct finding f = { .kind = FAIL_BOOT, .invariant = "step.progress" };

	if (err->cause != RIG_KERNEL && err->cause != RIG_TIMEOUT)
		return;
	if (!splat_saw_banner(run->splats)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; %s", err->text,
			    splat_saw_any(run->splats) ? "the console shows no kernel" :
			    "nothing came from the guest at all");
		return;
	}
	if (evidence_starved(run)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the vCPUs got no processor", err->text);
		return;
	}
	snprintf(f.step, sizeof(f.step), "boot");
	snprintf(f.expected, sizeof(f.expected), "the kernel starts the agent");
	snprintf(f.seen, sizeof(f.seen), "%.500s", err->text);
	for (size_t i = 0; i < run->findings.nr; i++)
		run->findings.f[i].kind = FAIL_BOOT;
	finding_add(&run->findings, &f);
	err->cause = RIG_KERNEL;
}

void blame_error(struct run *run, struct rig_err *err)
{
	bool alive;

	if (run->vm)
		vm_explain(run->vm, err);
	loop_resume(run->loop);
	splat_flush(run->splats);
	if (run->vm) {
		evidence_drain(run);
		evidence_judge(run);
	}
	if (!run->booted) {
		judge_boot(run, err);
		return;
	}
	if (err->cause == RIG_KERNEL) {
		crash_finding(run, err->text);
		return;
	}
	if (err->cause != RIG_TIMEOUT)
		return;
	if (evidence_starved(run)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the vCPUs got no processor", err->text);
		return;
	}
	alive = guest_alive(&run->guest, clock_in_ms(ALIVE_MS));
	evidence_drain(run);
	evidence_judge(run);
	hang_finding(run, err, alive ? "the agent still answers" : "the guest does not answer at all");
	err->cause = RIG_KERNEL;
}
