// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/device_kind.h"
#include "run/steps.h"

static int join_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	for (size_t i = 0; i < run->nr_background; i++) {
		struct active_step *b = &run->background[i];
		int r;

		if (!b->step || strcmp(b->step->background, a->step->join))
			continue;
		/* the later of both, unless the scenario says how long: a join must not cut a step short */
		if (a->step->deadline_ms || b->until_ns < a->until_ns)
			b->until_ns = a->until_ns;
		r = step_finish(run, b, err);
		active_step_deinit(b);
		return r;
	}
	return rig_err_set(err, RIG_USAGE, ENOENT, "no background step '%s'", a->step->join);
}

static const struct step_ops join_ops = { .deadline_ms = 120000, .finish = join_finish };

static const struct {
	const struct step_ops *ops;
	const char *needs;	/* CONFIG name; NULL */
} table[] = {
	[STEP_PLUG] = { &plug_ops, NULL },	/* depends on the device */
	[STEP_UNPLUG] = { &unplug_ops, "MEMORY_HOTREMOVE" },
	[STEP_RESIZE] = { &resize_ops, NULL },
	[STEP_ONLINE] = { &online_ops, "MEMORY_HOTPLUG" },
	[STEP_OFFLINE] = { &offline_ops, "MEMORY_HOTREMOVE" },
	[STEP_FILL] = { &fill_ops, NULL },
	[STEP_CHECK] = { &check_ops, NULL },
	[STEP_RELEASE] = { &release_ops, NULL },
	[STEP_WALK] = { &walk_ops, "PROC_PAGE_MONITOR" },
	[STEP_DEVMEM] = { &devmem_ops, "DEVMEM" },
	[STEP_POISON] = { &poison_ops, "MEMORY_FAILURE" },
	[STEP_INJECT] = { &inject_ops, "MEMORY_NOTIFIER_ERROR_INJECT" },
	[STEP_POLICY] = { &policy_ops, "MEMORY_HOTPLUG" },
	[STEP_RUN] = { &run_ops, NULL },
	[STEP_WRITE] = { &write_ops, NULL },
	[STEP_LEAKS] = { &leaks_ops, "SLUB_DEBUG" },
	[STEP_AWAIT] = { &await_ops, NULL },
	[STEP_JOIN] = { &join_ops, NULL },
	[STEP_NAMESPACE] = { &namespace_ops, "LIBNVDIMM" },
	[STEP_DISABLE] = { &disable_ops, NULL },
	[STEP_ENABLE] = { &enable_ops, NULL },
	[STEP_DESTROY] = { &destroy_ops, NULL },
	[STEP_CONVERT] = { &convert_ops, "DEV_DAX_KMEM" },
};

uint64_t step_deadline_ms(const struct step *step)
{
	return step->deadline_ms ? step->deadline_ms : table[step->kind].ops->deadline_ms;
}

int step_start(struct run *run, const struct step *step, struct active_step *active, struct rig_err *err)
{
	const struct step_ops *ops = table[step->kind].ops;

	*active = (struct active_step){
		.step = step,
		.until_ns = clock_in_ms(step_deadline_ms(step)),
		.qmp_from = qmp_nr_events(vm_qmp(run->vm)),
		.agent_from = qmp_nr_events(run->guest.link),
	};
	/* what an action caused may be there before the await that follows it begins */
	if (step->kind != STEP_AWAIT) {
		run->await_qmp_from = active->qmp_from;
		run->await_agent_from = qmp_nr_events(run->guest.link);
	}
	return ops->start ? ops->start(run, active, err) : 0;
}

int step_finish(struct run *run, struct active_step *active, struct rig_err *err)
{
	return table[active->step->kind].ops->finish(run, active, err);
}

void active_step_deinit(struct active_step *active)
{
	free(active->request);
	*active = (struct active_step){ 0 };
}

int step_judge_qmp(struct run *run, const struct step *step, const struct qmp_error *error)
{
	const struct expect *x = &step->expect;

	if (x->has_qmp && !strcmp(x->qmp_class, error->class) &&
	    (!x->qmp_desc || strstr(error->desc, x->qmp_desc)))
		return 0;
	run_finding(run, "change.result", x->has_qmp ? x->qmp_class : "accepted by QEMU", "%s: %s",
		    error->class, error->desc);
	return 0;
}

const char *step_lacks(const struct step *step, const struct kernel *kernel)
{
	const char *needs = table[step->kind].needs;

	if (step->kind == STEP_PLUG)
		return device_kind_lacks(step->plug.device, kernel);
	return needs && kernel_option(kernel, needs) == KERNEL_NO ? needs : NULL;
}
