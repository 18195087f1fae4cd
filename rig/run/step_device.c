// SPDX-License-Identifier: GPL-2.0-or-later
/* Plugging and unplugging over QMP, and the _OST codes by which the guest answers. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "run/steps.h"
#include "run/uevents.h"

/* ACPI 6.5, table 6.20 and following: sources and status codes of _OST */
enum { OST_DEVICE_CHECK = 1, OST_EJECT = 3 };
enum { OST_SUCCESS = 0, OST_FAILURE = 1, OST_NOT_SUPPORTED = 0x80, OST_DEPENDENCY_BUSY = 0x83,
       OST_IN_PROGRESS = 0x84 };

struct ost {
	int64_t source, status;
};

static bool ost_of(const struct qmp_event *e, const struct model_device *d, const char *id, struct ost *ret)
{
	const json_t *info = json_object_get(e->data, "info");
	const char *device = json_string_value(json_object_get(info, "device"));
	const char *slot = json_string_value(json_object_get(info, "slot"));

	if (strcmp(e->name, "ACPI_DEVICE_OST"))
		return false;
	/* once the device is deleted the event has no device any more, only the slot */
	if (device ? strcmp(device, id) : !d || !slot || strtoll(slot, NULL, 0) != d->slot)
		return false;
	ret->source = json_integer_value(json_object_get(info, "source"));
	ret->status = json_integer_value(json_object_get(info, "status"));
	return true;
}

/* QEMU refused a command: as expected, or a finding. */
static int judge_qmp_refusal(struct run *run, const struct step *step, const struct qmp_error *error)
{
	const struct expect *x = &step->expect;

	if (x->has_qmp && !strcmp(x->qmp_class, error->class) &&
	    (!x->qmp_desc || strstr(error->desc, x->qmp_desc)))
		return 0;
	run_finding(run, "change.result", x->has_qmp ? x->qmp_class : "accepted by QEMU", "%s: %s",
		    error->class, error->desc);
	return 0;
}

/* A memfd of our own, filled, that QEMU opens through /proc: nothing with a name is left behind. */
static int filled_backend(const struct plug *p, int *ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = memfd_create("hotrig-backend", MFD_CLOEXEC);
	AUTO_FREE char *chunk = NULL;
	const size_t chunk_bytes = 1u << 20;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make a memfd: %s", strerror(errno));
	chunk = xcalloc(1, chunk_bytes);
	memset(chunk, p->pattern, chunk_bytes);
	for (uint64_t at = 0; at < p->size_bytes; at += chunk_bytes) {
		uint64_t left = p->size_bytes - at;
		int r = io_write_all(fd, chunk, left < chunk_bytes ? (size_t)left : chunk_bytes);

		if (r < 0)
			return rig_err_set(err, RIG_HOST, -r, "cannot fill the backend of '%s': %s", p->id,
					   strerror(-r));
	}
	*ret = TAKE_FD(fd);
	return 0;
}

static json_t *backend_args(const struct plug *p, int fd)
{
	json_t *args = json_pack("{ss+ sI sb}", "id", "mem-", p->id, "size", (json_int_t)p->size_bytes, "share",
				 1);

	if (fd < 0) {
		json_object_set_new(args, "qom-type", json_string("memory-backend-memfd"));
		return args;
	}
	json_object_set_new(args, "qom-type", json_string("memory-backend-file"));
	json_object_set_new(args, "mem-path", json_sprintf("/proc/%d/fd/%d", (int)getpid(), fd));
	return args;
}

static int object_del(struct run *run, const char *id, uint64_t until_ns, struct rig_err *err)
{
	return qmp_call(vm_qmp(run->vm), "object-del", json_pack("{ss+}", "id", "mem-", id), until_ns, NULL,
			NULL, err);
}

static int plug_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	struct qmp_client *qmp = vm_qmp(run->vm);
	struct qmp_error refusal = { 0 };
	AUTO_CLOSE int fd = -1;
	json_t *args;
	int r;

	run->ram_moved = true;
	if (p->has_pattern && (r = filled_backend(p, &fd, err)) < 0)
		return r;
	r = qmp_call(qmp, "object-add", backend_args(p, fd), a->until_ns, NULL, &refusal, err);
	if (r < 0)
		return rig_err_wrap(err, "backend of '%s'", p->id);
	args = json_pack("{ss ss ss+}", "driver", "pc-dimm", "id", p->id, "memdev", "mem-", p->id);
	if (p->has_node)
		json_object_set_new(args, "node", json_integer(p->node));
	if (p->has_slot)
		json_object_set_new(args, "slot", json_integer(p->slot));
	if (p->has_addr)
		json_object_set_new(args, "addr", json_integer((json_int_t)p->addr));
	r = qmp_call(qmp, "device_add", args, a->until_ns, NULL, &refusal, err);
	if (r != -EREMOTEIO)
		return r;
	r = object_del(run, p->id, a->until_ns, err);
	a->refused = run->unmapping = true;
	return r < 0 ? r : judge_qmp_refusal(run, a->step, &refusal);
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
	if (x->has_qmp) {
		run_finding(run, "change.result", x->qmp_class, "QEMU accepted '%s'", p->id);
	}
	r = find_device(run, p->id, a->until_ns, &host, err);
	if (r < 0)
		return r;
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

static int unplug_start(struct run *run, struct active_step *a, struct rig_err *err)
{
	struct qmp_error refusal = { 0 };
	int r = qmp_call(vm_qmp(run->vm), "device_del", json_pack("{ss}", "id", a->step->device), a->until_ns,
			 NULL, &refusal, err);

	if (r != -EREMOTEIO)
		return r;
	a->refused = true;
	return judge_qmp_refusal(run, a->step, &refusal);
}

struct unplug_course {
	char text[256];		/* what was seen, in order */
	bool deleted, refused, done;
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
	c->refused = ost.status == OST_FAILURE ||
		     (ost.status >= OST_NOT_SUPPORTED && ost.status <= OST_DEPENDENCY_BUSY);
	c->done = c->refused || (ost.status == OST_SUCCESS && c->deleted);
}

/* What the model must learn: online blocks were offlined on the way, everything is gone. */
static void unplugged(struct run *run, struct model_device *d)
{
	for (size_t i = 0; i < d->nr_blocks; i++) {
		if (d->block[i].class == PAGE_ONLINE)
			uevents_want(run, "offline", d->block[i].id);
		uevents_want(run, "remove", d->block[i].id);
	}
	model_unplug(&run->model, d->id);
}

static int unplug_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct expect *x = &a->step->expect;
	struct model_device *d = model_device_find(&run->model, a->step->device);
	struct unplug_course c = { 0 };
	size_t cursor = a->qmp_from;
	char expected[96];
	int r;

	if (a->refused)
		return 0;
	if (!d)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no device '%s' at this point", a->step->device);
	if (x->has_qmp) {
		run_finding(run, "change.result", x->qmp_class, "QEMU accepted to unplug '%s'", d->id);
	}
	while (!c.done) {
		const struct qmp_event *e;

		r = qmp_wait_event(vm_qmp(run->vm), NULL, NULL, &cursor, a->until_ns, &e, err);
		if (r < 0)
			return rig_err_wrap(err, "the end of unplugging '%s' (so far: %s)", d->id,
					    *c.text ? c.text : "nothing");
		unplug_event(e, d, &c);
	}
	if (x->has_ost)
		snprintf(expected, sizeof(expected), "OST(3,0x84), OST(3,0x%x)", x->ost_status);
	else
		snprintf(expected, sizeof(expected), "OST(3,0x84), DEVICE_DELETED, OST(3,0x0)");
	if (strcmp(expected, c.text))
		run_finding(run, "ost.sequence", expected, "%s", c.text);
	if (c.refused) {
		d->rolled_back = true;
		return 0;
	}
	unplugged(run, d);
	run->unmapping = run->ram_moved = true;
	return object_del(run, a->step->device, a->until_ns, err);
}

const struct step_ops unplug_ops = { .deadline_ms = 90000, .start = unplug_start, .finish = unplug_finish };
