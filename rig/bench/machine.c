// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine started by hand. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/bench.h"
#include "base/tree.h"
#include "run/runner.h"

#define BOOT_MS 180000u
#define PLUG_MS 120000u

static int start(struct bench *b, const char *scenario, struct machine *m, struct rig_err *err)
{
	AUTO_FREE char *cmdline = NULL, *root = tree_path("scenarios"), *path = tree_path(scenario);
	struct run_request request = { .kernel = b->kernel, .agent = b->agent, .accel = b->accel };
	uint64_t until_ns = clock_in_ms(BOOT_MS), start_ns;
	struct vm_config config;
	int r = scenario_load(root, path, &m->scenario, err);

	if (r < 0)
		return r;
	request.scenario = m->scenario;
	if ((r = runner_image(&request, &m->image, err)) < 0 ||
	    (r = loop_create(&m->loop, err)) < 0)
		return r;
	config = runner_vm_config(&request, &m->image, &cmdline);
	start_ns = clock_ns();
	if ((r = vm_create(m->loop, &config, until_ns, &m->vm, err)) < 0 ||
	    (r = qmp_negotiate(vm_agent(m->vm), until_ns, err)) < 0)
		return r;
	m->boot_s = (double)(clock_ns() - start_ns) / (double)NS_PER_S;
	return 0;
}

int machine_boot(struct bench *b, const char *scenario, struct machine *ret, struct rig_err *err)
{
	struct machine m = { 0 };
	int r = start(b, scenario, &m, err);

	if (r < 0) {
		machine_deinit(&m);
		return r;
	}
	*ret = m;
	return 0;
}

void machine_deinit(struct machine *m)
{
	vm_destroy(m->vm);
	loop_destroy(m->loop);
	image_deinit(&m->image);
	scenario_destroy(m->scenario);
	*m = (struct machine){ 0 };
}

/* Where QEMU put the device. */
static int address_of(struct machine *m, const char *id, uint64_t until_ns, uint64_t *ret,
		      struct rig_err *err)
{
	json_auto_t *devices = NULL;
	json_t *o;
	size_t i;
	int r = qmp_call(vm_qmp(m->vm), "query-memory-devices", NULL, until_ns, &devices, NULL,
			 err);

	if (r < 0)
		return r;
	json_array_foreach(devices, i, o) {
		const json_t *data = json_object_get(o, "data");
		const char *name = json_string_value(json_object_get(data, "id"));

		if (name && !strcmp(name, id)) {
			*ret = (uint64_t)json_integer_value(json_object_get(data, "addr"));
			return 0;
		}
	}
	return rig_err_set(err, RIG_QEMU, ENOENT, "QEMU has no device '%s'", id);
}

static int block_bytes(struct machine *m, uint64_t until_ns, uint64_t *ret, struct rig_err *err)
{
	json_auto_t *who = NULL;
	const char *hex;
	int r = qmp_call(vm_agent(m->vm), "query-guest", NULL, until_ns, &who, NULL, err);

	if (r < 0)
		return r;
	hex = json_string_value(json_object_get(who, "block-bytes-hex"));
	*ret = hex ? strtoull(hex, NULL, 16) : 0;
	return *ret ? 0 : rig_err_set(err, RIG_AGENT, EBADMSG, "the guest has no memory blocks");
}

static int online(struct machine *m, uint64_t block, uint64_t until_ns, struct rig_err *err)
{
	AUTO_FREE char *devpath = xasprintf("/devices/system/memory/memory%" PRIu64, block);
	json_auto_t *added = json_pack("{ssss}", "action", "add", "devpath", devpath),
		    *answer = NULL;
	const struct qmp_event *event;
	size_t cursor = 0;
	int r;

	if ((r = qmp_wait_event(vm_agent(m->vm), "UEVENT", added, &cursor, until_ns, &event,
				err)) < 0 ||
	    (r = qmp_call(vm_agent(m->vm), "set-memory-block",
			  json_pack("{sI ss si}", "block", (json_int_t)block, "state",
				    "online_movable", "deadline-ms", (int)PLUG_MS),
			  until_ns, &answer, NULL, err)) < 0)
		return r;
	r = (int)json_integer_value(json_object_get(answer, "errno"));
	return r ? rig_err_set(err, RIG_KERNEL, r,
			       "memory block %" PRIu64 " does not go online: %s", block,
			       strerror(r))
		 : 0;
}

int machine_plug(struct machine *m, const char *id, uint64_t bytes, uint64_t *ret_start,
		 uint64_t *ret_end, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(PLUG_MS), addr = 0, block = 0;
	int r;

	if ((r = block_bytes(m, until_ns, &block, err)) < 0 ||
	    (r = qmp_call(vm_qmp(m->vm), "object-add",
			  json_pack("{ss ss+ sI}", "qom-type", "memory-backend-memfd", "id", "mem-",
				    id, "size", (json_int_t)bytes),
			  until_ns, NULL, NULL, err)) < 0 ||
	    (r = qmp_call(
		     vm_qmp(m->vm), "device_add",
		     json_pack("{ss ss ss+}", "driver", "pc-dimm", "id", id, "memdev", "mem-", id),
		     until_ns, NULL, NULL, err)) < 0 ||
	    (r = address_of(m, id, until_ns, &addr, err)) < 0)
		return r;
	for (uint64_t at = addr; at < addr + bytes; at += block)
		if ((r = online(m, at / block, until_ns, err)) < 0)
			return r;
	*ret_start = addr / 4096;
	*ret_end = (addr + bytes) / 4096;
	return 0;
}
