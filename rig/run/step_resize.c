// SPDX-License-Identifier: GPL-2.0-or-later
/* Another size for a virtio-mem device. */
#include <errno.h>

#include "base/clean.h"
#include "run/steps.h"
#include "run/virtio_mem.h"

static int start(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, a->step->device);
	struct qmp_error refusal = { 0 };
	struct pci_port *port;
	int r;

	if (!d)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", a->step->device);
	port = port_find(run, a->step->device);
	port->overtaken = port->resizing++ > 0;
	a->was_bytes = d->plugged_bytes;
	a->was_blocks = d->nr_blocks;
	r = qmp_call(vm_qmp(run->vm), "qom-set",
		     json_pack("{ss+ ss sI}", "path", "/machine/peripheral/", a->step->device, "property",
			       "requested-size", "value", (json_int_t)a->step->to_bytes),
		     a->until_ns, NULL, &refusal, err);
	if (r != -EREMOTEIO)
		return r;
	a->refused = true;
	return step_judge_qmp(run, a->step, &refusal);
}

static int finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	int r = 0;

	if (!a->refused && a->step->expect.has_qmp && !a->step->expect.or_success)
		run_finding(run, "change.result", a->step->expect.qmp_class, "QEMU accepted to resize '%s'",
			    a->step->device);
	if (!a->refused)
		r = virtio_mem_follow(run, a, a->step->device, a->step->to_bytes, err);
	port_find(run, a->step->device)->resizing--;
	return r;
}

/* the driver tries again after 50 s, then after 100 s */
const struct step_ops resize_ops = { .deadline_ms = 180000, .start = start, .finish = finish };
