// SPDX-License-Identifier: GPL-2.0-or-later
/* The driver of a namespace, a region or a virtio-mem device goes and comes back, or the namespace goes itself. */
#include <errno.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/namespace.h"
#include "run/program.h"
#include "run/region.h"
#include "run/steps.h"
#include "run/virtio_mem.h"

/* What must be true of the namespace behind it. */
static int look_again(struct run *run, struct active_step *a, bool enabled, struct rig_err *err)
{
	struct namespace *n = namespace_find(run, a->step->device);
	AUTO_ND struct nd_view v = { 0 };
	struct model_namespace m;
	int r;

	if ((r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
	    (r = namespace_describe(run, &v, n, &m, err)) < 0)
		return r;
	if (m.enabled != enabled)
		run_finding(run, "nd.attributes", enabled ? "a driver holds the namespace" :
			    "no driver holds the namespace", "'%s' is %s", n->name,
			    m.enabled ? "enabled" : "disabled");
	model_namespace_set(&run->model, &m);
	return 0;
}

static int change(struct run *run, struct active_step *a, const char *verb, bool force, bool *done,
		  struct rig_err *err)
{
	const struct namespace *n = namespace_find(run, a->step->device);
	const char *argv[] = { "ndctl", verb, n ? n->name : NULL, force ? "--force" : NULL, NULL };
	AUTO_PROGRAM struct program p = { 0 };
	int r;

	if (!n)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no namespace '%s' at this point", a->step->device);
	r = program_run(run, argv, a->until_ns, &p, err);
	a->ndctl_ns = p.ns;
	if (r == 0)
		*done = program_judge(run, a->step, &p);
	return r;
}

static int namespace_drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err)
{
	bool done = false;
	int r = change(run, a, driven ? "enable-namespace" : "disable-namespace", false, &done, err);

	if (r == 0)
		r = look_again(run, a, done == driven, err);
	if (r == 0 && done && driven)
		namespace_note_speed(run, a, a->step->device);
	return r;
}

/* A namespace that is system RAM is a device too, by the same id. */
static int drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, a->step->device);

	if (namespace_find(run, a->step->device))
		return namespace_drive(run, a, driven, err);
	return d && d->kind == MODEL_VIRTIO_MEM ? virtio_mem_drive(run, a, driven, err) :
						  region_drive(run, a, driven, err);
}

static int disable_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	return drive(run, a, false, err);
}

static int enable_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	return drive(run, a, true, err);
}

/* Those of the device that namespace @id is on; *@known false: it has none. */
static int look_at_slots(struct run *run, const char *device, uint64_t until_ns, bool *known, uint64_t *ret,
			 struct rig_err *err)
{
	AUTO_ND struct nd_view v = { 0 };
	int r = nd_look(&run->guest, until_ns, &v, err);

	if (r == 0)
		*known = namespace_free_slots(run, &v, device, ret);
	return r;
}

/* Forced: ndctl disables it first, which is where a refusal comes from. */
static int destroy_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct namespace *n = namespace_find(run, a->step->device);
	AUTO_FREE char *device = xstrdup(n ? n->device : "");
	bool done = false, labelled = false, still = false;
	uint64_t before = 0, after = 0;
	int r = look_at_slots(run, device, a->until_ns, &labelled, &before, err);

	if (r == 0)
		r = change(run, a, "destroy-namespace", true, &done, err);
	if (r == 0 && done)
		namespace_drop(run, a->step->device);
	if (r == 0 && labelled)
		r = look_at_slots(run, device, a->until_ns, &still, &after, err);
	if (r == 0 && still)
		namespace_judge_slots(run, before + done, after);
	return r < 0 || done ? r : look_again(run, a, true, err);
}

const struct step_ops disable_ops = { .deadline_ms = 60000, .finish = disable_finish };
const struct step_ops enable_ops = { .deadline_ms = 60000, .finish = enable_finish };
const struct step_ops destroy_ops = { .deadline_ms = 60000, .finish = destroy_finish };
