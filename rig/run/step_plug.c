// SPDX-License-Identifier: GPL-2.0-or-later
/* Plugging over QMP, and how the guest answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "run/backend.h"
#include "run/device_kind.h"
#include "run/devices.h"
#include "run/ost.h"
#include "run/pmem.h"
#include "run/steps.h"
#include "run/virtio_mem.h"

static json_t *device_args(const struct plug *p, const char *port)
{
	const struct device_kind_info *kind = device_kind(p->device);
	json_t *args = json_pack("{ss ss ss+}", "driver", kind->driver, "id", p->id, "memdev", "mem-", p->id);

	if (*port)
		json_object_set_new(args, "bus", json_string(port));
	if (kind->labels)
		json_object_set_new(args, "label-size", json_integer(LABEL_BYTES));
	if (p->has_node)
		json_object_set_new(args, "node", json_integer(p->node));
	if (p->has_slot)
		json_object_set_new(args, "slot", json_integer(p->slot));
	if (p->has_addr)
		json_object_set_new(args, kind->addr_property, json_integer((json_int_t)p->addr));
	if (p->device == DEVICE_VIRTIO_MEM)
		json_object_set_new(args, "requested-size", json_integer((json_int_t)p->requested_bytes));
	if (p->unit_bytes)
		json_object_set_new(args, "block-size", json_integer((json_int_t)p->unit_bytes));
	return args;
}

/* A QEMU built without the device refuses it as it would any other word. */
static int check_driver(struct run *run, const char *driver, uint64_t until_ns, struct rig_err *err)
{
	struct qmp_error refusal = { 0 };
	int r = qmp_call(vm_qmp(run->vm), "device-list-properties", json_pack("{ss}", "typename", driver),
			 until_ns, NULL, &refusal, err);

	if (r != -EREMOTEIO || strcmp(refusal.class, "DeviceNotFound"))
		return r == -EREMOTEIO ? 0 : r;
	return rig_err_set(err, RIG_MISSING, ENODEV, "device '%s' in this QEMU", driver);
}

/* As if nothing had been tried. */
static int plug_refused(struct run *run, struct active_step *a, const struct qmp_error *refusal,
			struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	int r = backend_del(run, p->id, a->until_ns, err);

	port_release(run, p->id);
	a->refused = run->unmapping = true;
	if (r < 0 || (r = check_driver(run, device_kind(p->device)->driver, a->until_ns, err)) < 0)
		return r;
	return step_judge_qmp(run, a->step, refusal);
}

static int plug_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	struct qmp_error refusal = { 0 };
	char port[PORT_NAME] = "";
	AUTO_CLOSE int fd = -1;
	int r;

	run->ram_moved = true;
	if (device_kind(p->device)->on_port && (r = port_take(run, p->id, port, err)) < 0)
		return r;
	r = backend_add(run, p, a->until_ns, &fd, err);
	if (r < 0)
		return r;
	r = qmp_call(vm_qmp(run->vm), "device_add", device_args(p, port), a->until_ns, NULL, &refusal, err);
	if (r < 0)
		return r == -EREMOTEIO ? plug_refused(run, a, &refusal, err) : r;
	/* QEMU has emptied it; as long as nothing is requested, the guest uses nothing of it */
	return p->device == DEVICE_VIRTIO_MEM && fd >= 0 && !p->requested_bytes ? backend_fill(p, fd, err) : 0;
}

static void dimm_plugged(struct run *run, const struct plug *p, const struct host_device *h, bool refused)
{
	const struct model_device *d;

	model_plug(&run->model, &(struct model_plug){
		.id = p->id, .kind = MODEL_DIMM, .addr = h->addr, .size_bytes = h->size_bytes,
		.node = p->has_node ? p->node : 0, .slot = h->slot, .refused = refused,
		.fill = p->has_pattern ? p->pattern : 0,
	});
	d = model_device_find(&run->model, p->id);
	for (size_t i = 0; i < d->nr_blocks; i++)
		device_block_added(run, d->block[i].id);
}

static int dimm_finish(struct run *run, struct active_step *a, const struct host_device *h, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	const struct expect *x = &a->step->expect;
	const struct qmp_event *e;
	size_t cursor = a->qmp_from;
	struct ost ost;
	char expected[32];

	do {
		int r = qmp_wait_event(vm_qmp(run->vm), "ACPI_DEVICE_OST", NULL, &cursor, a->until_ns, &e, err);

		if (r < 0)
			return rig_err_wrap(err, "the guest's answer to plugging '%s'", p->id);
	} while (!ost_of(e, NULL, p->id, &ost));
	snprintf(expected, sizeof(expected), "source 1 status 0x%x", x->has_ost ? x->ost_status : 0);
	if (ost.source != OST_DEVICE_CHECK || ost.status != (x->has_ost ? (int64_t)x->ost_status : 0))
		run_finding(run, "ost.sequence", expected, "source %" PRId64 " status 0x%" PRIx64, ost.source,
			    (uint64_t)ost.status);
	/*
	 * A DIMM that is no whole number of blocks is refused by check_hotplug_memory_range(), but
	 * the device check still ends in success: acpi_memory_device_add() keeps the device.
	 */
	dimm_plugged(run, p, h, ost.status != OST_SUCCESS || h->addr % run->guest.block_bytes ||
				h->size_bytes % run->guest.block_bytes);
	return 0;
}

static int plug_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	const struct device_kind_info *kind = device_kind(p->device);
	const struct expect *x = &a->step->expect;
	struct host_device host = { 0 };
	int r;

	if (a->refused)
		return 0;
	if (x->has_qmp)
		run_finding(run, "change.result", x->qmp_class, "QEMU accepted '%s'", p->id);
	r = device_query(run, p->id, a->until_ns, &host, err);
	if (r < 0)
		return r;
	if (kind->pmem)
		return pmem_plugged(run, a, &host, err);
	return kind->model == MODEL_VIRTIO_MEM ? virtio_mem_plugged(run, a, &host, err) :
						 dimm_finish(run, a, &host, err);
}

const struct step_ops plug_ops = { .deadline_ms = 60000, .start = plug_start, .finish = plug_finish };
