// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "run/baseline.h"
#include "run/evidence.h"
#include "run/live.h"
#include "run/outside.h"
#include "run/start.h"
#include "run/warm.h"

static int boot(struct run *run, const struct vm_config *config, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(run->request->boot_ms ? run->request->boot_ms : BOOT_MS);
	int e;

	run->config = *config;
	run->config.monitor_fd = live_listen(run);
	evidence_attach(run, &run->config);
	run->step_name = "boot";
	e = vm_create(run->loop, &run->config, until_ns, &run->vm, err);
	if (e < 0)
		return e;
	live_announce(run);
	evidence_watch_agent(run);
	evidence_mark_time(run);
	e = qmp_negotiate(vm_agent(run->vm), until_ns, err);
	if (e < 0)
		return rig_err_wrap(err, "boot");
	run->time.booted_ns = clock_ns();
	e = guest_open(vm_agent(run->vm), run->tape, clock_in_ms(LOOK_MS), &run->guest, err);
	run->booted = e == 0;
	return e;
}

int start_boot(struct run *run, const struct vm_config *config, struct rig_err *err)
{
	int e = boot(run, config, err);

	return e < 0 ? e : baseline_take(run, err);
}

int start_machine(struct run *run, struct rig_err *err)
{
	int e = run->request->cold ? -ENOENT : warm_start(run, err);

	return e == -ENOENT ? start_boot(run, run->plan, err) : e;
}

void start_undo(struct run *run)
{
	if (run->vm || run->config.monitor_fd)
		live_end(run);
	outside_close(run);
	vm_destroy(run->vm);
	run->vm = NULL;
	template_close(&run->template);
	tape_destroy(run->tape);
	run->tape = NULL;
	baseline_forget(run);
	run->guest = (struct guest){ 0 };
	run->kmsg_seen = run->uevents_from = 0;
	memset(run->port, 0, sizeof(run->port));
	run->nr_namespaces = 0;
	run->booted = run->init_ran = run->unmapping = run->ram_moved = false;
}
