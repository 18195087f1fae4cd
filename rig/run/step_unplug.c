// SPDX-License-Identifier: GPL-2.0-or-later
/* Unplugging over QMP, and the _OST codes by which the guest answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "run/backend.h"
#include "run/devices.h"
#include "run/ost.h"
#include "run/steps.h"

static int unplug_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct qmp_error refusal = { 0 };
	int r = qmp_call(vm_qmp(run->vm), "device_del", json_pack("{ss}", "id", a->step->device), a->until_ns,
			 NULL, &refusal, err);

	if (r != -EREMOTEIO)
		return r;
	a->refused = true;
	return step_judge_qmp(run, a->step, &refusal);
}

struct unplug_course {
	char text[256];		/* what was seen, in order */
	bool begun, deleted, refused, done;
};

static void unplug_event(const struct qmp_event *e, const struct model_device *d, struct unplug_course *c)
{
	const char *device = json_string_value(json_object_get(e->data, "device"));
	size_t at = strlen(c->text);
	struct ost ost;

	if (!strcmp(e->name, "DEVICE_DELETED") && device && !strcmp(device, d->id)) {
		c->deleted = true;
		snprintf(c->text + at, sizeof(c->text) - at, "%sDEVICE_DELETED", at ? ", " : "");
		return;
	}
	if ((!strcmp(e->name, "MEM_UNPLUG_ERROR") || !strcmp(e->name, "DEVICE_UNPLUG_GUEST_ERROR")) && device &&
	    !strcmp(device, d->id)) {
		c->refused = c->done = true;
		snprintf(c->text + at, sizeof(c->text) - at, "%s%s", at ? ", " : "", e->name);
		return;
	}
	if (!ost_of(e, d, d->id, &ost))
		return;
	snprintf(c->text + at, sizeof(c->text) - at, "%sOST(%" PRId64 ",0x%" PRIx64 ")", at ? ", " : "",
		 ost.source, (uint64_t)ost.status);
	if (ost.source != OST_EJECT)
		return;
	c->begun |= ost.status == OST_IN_PROGRESS;
	c->refused = ost.status == OST_FAILURE ||
		     (ost.status >= OST_NOT_SUPPORTED && ost.status <= OST_DEPENDENCY_BUSY);
	c->done = c->refused || (ost.status == OST_SUCCESS && c->deleted);
}

static int dimm_finish(struct run *run, struct active_step *a, struct model_device *d, bool *gone,
		       struct rig_err *err)
{
	const struct expect *x = &a->step->expect;
	struct unplug_course c = { 0 };
	size_t cursor = a->qmp_from;
	char expected[96];

	while (!c.done) {
		const struct qmp_event *e;
		int r = qmp_wait_event(vm_qmp(run->vm), NULL, NULL, &cursor, a->until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "the end of unplugging '%s' (so far: %s)", d->id,
					    *c.text ? c.text : "nothing");
		unplug_event(e, d, &c);
	}
	/* who says so has not begun: neither "in progress" nor anything to take back */
	if (x->has_ost && x->ost_status == OST_NOT_SUPPORTED)
		snprintf(expected, sizeof(expected), "OST(3,0x80)");
	else if (x->has_ost)
		snprintf(expected, sizeof(expected), "OST(3,0x84), OST(3,0x%x)", x->ost_status);
	else
		snprintf(expected, sizeof(expected), "OST(3,0x84), DEVICE_DELETED, OST(3,0x0)");
	if (strcmp(expected, c.text))
		run_finding(run, "ost.sequence", expected, "%s", c.text);
	d->rolled_back = run->model.kcore.unsure = c.refused && c.begun;
	*gone = !c.refused;
	return 0;
}

/* A PCI device: the guest says nothing, and cannot refuse. */
static int port_finish(struct run *run, struct active_step *a, const struct model_device *d, bool *gone,
		       struct rig_err *err)
{
	json_auto_t *match = json_pack("{ss}", "device", d->id);
	const struct qmp_event *e;
	size_t cursor = a->qmp_from;
	int r = qmp_wait_event(vm_qmp(run->vm), "DEVICE_DELETED", match, &cursor, a->until_ns, &e, err);

	if (r < 0)
		return rig_err_wrap(err, "the end of unplugging '%s'", d->id);
	port_release(run, d->id);
	*gone = true;
	return 0;
}

static int unplug_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct expect *x = &a->step->expect;
	struct model_device *d = model_device_find(&run->model, a->step->device);
	bool gone = false;
	int r;

	if (a->refused)
		return 0;
	if (!d)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", a->step->device);
	if (x->has_qmp && !x->or_success)
		run_finding(run, "change.result", x->qmp_class, "QEMU accepted to unplug '%s'", d->id);
	r = port_find(run, d->id) ? port_finish(run, a, d, &gone, err) : dimm_finish(run, a, d, &gone, err);
	if (r < 0 || !gone)
		return r;
	/* online blocks were offlined on the way, everything is gone */
	for (size_t i = 0; i < d->nr_blocks; i++)
		device_block_removed(run, &d->block[i]);
	model_unplug(&run->model, a->step->device);
	run->unmapping = run->ram_moved = true;
	return backend_del(run, a->step->device, a->until_ns, err);
}

const struct step_ops unplug_ops = { .deadline_ms = 90000, .start = unplug_start, .finish = unplug_finish };
