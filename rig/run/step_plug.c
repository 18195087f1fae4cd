// SPDX-License-Identifier: GPL-2.0-or-later
/* Plugging over QMP, and how the guest answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "run/backend.h"
#include "run/device_kind.h"
#include "run/ost.h"
#include "run/pmem.h"
#include "run/steps.h"
#include "run/uevents.h"

/* Never given back: what takes one can be unplugged by no QEMU that the rig knows. */
static const char *take_port(struct run *run)
{
	static const char *const names[] = { "rp0", "rp1", "rp2", "rp3" };
	size_t n = run->nr_ports;

	if (n >= ARRAY_SIZE(names) || n >= run->config.shape->root_ports)
		return NULL;
	run->nr_ports++;
	return names[n];
}

static json_t *device_args(const struct plug *p, const char *port)
{
	const struct device_kind_info *kind = device_kind(p->device);
	json_t *args = json_pack("{ss ss ss+}", "driver", kind->driver, "id", p->id, "memdev", "mem-", p->id);

	if (port)
		json_object_set_new(args, "bus", json_string(port));
	if (kind->labels)
		json_object_set_new(args, "label-size", json_integer(LABEL_BYTES));
	if (p->has_node)
		json_object_set_new(args, "node", json_integer(p->node));
	if (p->has_slot)
		json_object_set_new(args, "slot", json_integer(p->slot));
	if (p->has_addr)
		json_object_set_new(args, kind->addr_property, json_integer((json_int_t)p->addr));
	return args;
}

static int plug_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	struct qmp_error refusal = { 0 };
	const char *port = NULL;
	int r;

	run->ram_moved = true;
	if (device_kind(p->device)->on_port && !(port = take_port(run)))
		return rig_err_set(err, RIG_USAGE, ENOSPC, "no root port is left for '%s' on machine '%s'", p->id,
				   run->scenario->machine);
	r = backend_add(run, p, a->until_ns, err);
	if (r < 0)
		return r;
	r = qmp_call(vm_qmp(run->vm), "device_add", device_args(p, port), a->until_ns, NULL, &refusal, err);
	if (r != -EREMOTEIO)
		return r;
	r = backend_del(run, p->id, a->until_ns, err);
	a->refused = run->unmapping = true;
	return r < 0 ? r : step_judge_qmp(run, a->step, &refusal);
}

static int find_device(struct run *run, const char *id, uint64_t until_ns, struct host_device *ret,
		       struct rig_err *err)
{
	struct snapshot s = { 0 };
	json_auto_t *answer = NULL;
	int r = qmp_call(vm_qmp(run->vm), "query-memory-devices", NULL, until_ns, &answer, NULL, err);

	if (r < 0 || (r = snapshot_parse_devices(answer, &s, err)) < 0)
		return r;
	r = rig_err_set(err, RIG_QEMU, ENODEV, "QEMU accepted '%s' and does not list it", id);
	for (size_t i = 0; i < s.nr_devices; i++)
		if (!strcmp(s.device[i].id, id)) {
			*ret = s.device[i];
			r = 0;
		}
	snapshot_deinit(&s);
	return r;
}

/* Memory that the online policy brought up while it was added. */
static void plugged(struct run *run, const struct plug *p, const struct host_device *h, bool refused)
{
	static const struct { const char *policy; enum online_zone zone; } how[] = {
		{ "online", ZONE_AUTO }, { "online_kernel", ZONE_KERNEL }, { "online_movable", ZONE_MOVABLE },
	};
	struct model_device *d;

	model_plug(&run->model, &(struct model_plug){
		.id = p->id, .kind = MODEL_DIMM, .addr = h->addr, .size_bytes = h->size_bytes,
		.node = p->has_node ? p->node : 0, .slot = h->slot, .refused = refused,
		.fill = p->has_pattern ? p->pattern : 0,
	});
	d = model_device_find(&run->model, p->id);
	for (size_t i = 0; i < d->nr_blocks; i++) {
		uevents_want(run, "add", d->block[i].id);
		for (size_t k = 0; k < ARRAY_SIZE(how); k++)
			if (!strcmp(run->model.policy, how[k].policy)) {
				model_online(&run->model, d->block[i].id, how[k].zone);
				uevents_want(run, "online", d->block[i].id);
			}
	}
}

static int plug_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	const struct expect *x = &a->step->expect;
	const struct qmp_event *e;
	struct host_device host = { 0 };
	size_t cursor = a->qmp_from;
	struct ost ost;
	char expected[32];
	int r;

	if (a->refused)
		return 0;
	if (x->has_qmp)
		run_finding(run, "change.result", x->qmp_class, "QEMU accepted '%s'", p->id);
	r = find_device(run, p->id, a->until_ns, &host, err);
	if (r < 0)
		return r;
	if (device_kind(p->device)->pmem)
		return pmem_plugged(run, a, &host, err);
	do {
		r = qmp_wait_event(vm_qmp(run->vm), "ACPI_DEVICE_OST", NULL, &cursor, a->until_ns, &e, err);
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
	plugged(run, p, &host, ost.status != OST_SUCCESS || host.addr % run->guest.block_bytes ||
			       host.size_bytes % run->guest.block_bytes);
	return 0;
}

const struct step_ops plug_ops = { .deadline_ms = 60000, .start = plug_start, .finish = plug_finish };
