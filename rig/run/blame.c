// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/blame.h"
#include "run/evidence.h"

#define ALIVE_MS	5000u

static void crash_finding(struct run *run, const char *detail)
{
	for (size_t i = 0; i < run->findings.nr; i++)
		if (run->findings.f[i].kind == FAIL_CRASH)
			return;
	finding_add_kind(&run->findings, FAIL_CRASH, run->step_name,
			 vm_end(run->vm, NULL) == VM_SHUTDOWN ? "splat.restart" : "splat.panic",
			 "a kernel that goes on", "%s", detail);
}

/* An error before the agent greeted: the kernel's fault only if its own console shows that it ran. */
static void judge_boot(struct run *run, struct rig_err *err)
{
	if (err->cause != RIG_KERNEL && err->cause != RIG_TIMEOUT)
		return;
	if (err->cause == RIG_TIMEOUT && (run->init_ran || (run->vm && qmp_greeting(vm_agent(run->vm))))) {
		rig_err_set(err, RIG_AGENT, err->eno, "the kernel started the agent, but: %s", err->text);
		return;
	}
	if (!splat_saw_banner(run->splats)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; %s", err->text,
			    splat_saw_any(run->splats) ? "the console shows no kernel" :
			    "nothing came from the guest at all");
		return;
	}
	if (err->cause == RIG_TIMEOUT && evidence_starved(run)) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the vCPUs got no processor", err->text);
		return;
	}
	for (size_t i = 0; i < run->findings.nr; i++)
		run->findings.f[i].kind = FAIL_BOOT;
	finding_add_kind(&run->findings, FAIL_BOOT, "boot", "step.progress", "the kernel starts the agent", "%.500s",
			 err->text);
	err->cause = RIG_KERNEL;
}

static bool init_has_said(void *arg)
{
	return !strncmp(((struct run *)arg)->init_said, "agent state", strlen("agent state"));
}

/*
 * The agent is silent.  Process 1 can tell whether it sleeps in a place of the kernel where it has no
 * business, which is the kernel's fault, or has lost its way itself, which is ours; if process 1 is
 * silent too, the guest as a whole has stopped.
 */
static bool agent_lost_itself(struct run *run)
{
	struct rig_err err;
	char state, where[128];

	run->init_said[0] = '\0';
	vm_console_send(run->vm, "state?\n");
	if (loop_until(run->loop, init_has_said, run, clock_in_ms(ALIVE_MS), "process 1", &err) < 0 ||
	    sscanf(run->init_said, "agent state %c in %127s", &state, where) != 2 || state == 'D')
		return false;
	return state == 'R' || state == 'Z' || strstr(where, "poll") || !strcmp(where, "0");
}

/* A QEMU that is frozen or paused by somebody else says nothing about its guest. */
static bool qemu_runs(struct run *run, struct rig_err *err)
{
	json_auto_t *status = NULL;
	struct rig_err why;

	if (qmp_call(vm_qmp(run->vm), "query-status", NULL, clock_in_ms(ALIVE_MS), &status, NULL, &why) == 0 &&
	    json_is_true(json_object_get(status, "running")))
		return true;
	rig_err_set(err, RIG_QEMU, err->eno, "%s; QEMU itself is stopped or does not answer", err->text);
	return false;
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
	if (run->vm && err->cause == RIG_TIMEOUT && !qemu_runs(run, err))
		return;
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
	if (!alive && agent_lost_itself(run)) {
		rig_err_set(err, RIG_AGENT, err->eno, "%s; the agent hangs by itself (%s)", err->text,
			    run->init_said);
		return;
	}
	if (alive && run->looking) {
		rig_err_set(err, RIG_HOST, err->eno, "%s; the agent still answers, the machine is too slow",
			    err->text);
		return;
	}
	evidence_drain(run);
	evidence_judge(run);
	finding_add_kind(&run->findings, FAIL_HANG, run->step_name, "step.progress", "an end before the deadline",
			 "%.380s; %s", err->text,
			 alive ? "the agent still answers" : "the guest does not answer at all");
	err->cause = RIG_KERNEL;
}

bool blame_host_for_reports(struct run *run, struct rig_err *err)
{
	const struct findings *f = &run->findings;

	if (!run->lost_time || !f->nr)
		return false;
	for (size_t i = 0; i < f->nr; i++)
		if (f->f[i].kind != FAIL_SPLAT && f->f[i].kind != FAIL_HANG)
			return false;
	run->unsound = true;
	rig_err_set(err, RIG_HOST, ETIME, "the vCPUs got no processor, and then the kernel complained: %.300s; run it "
		    "again on a host that has less to do", f->f[0].seen);
	return true;
}
