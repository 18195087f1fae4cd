// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/backend.h"
#include "run/device_kind.h"
#include "run/log_wait.h"
#include "run/nd.h"
#include "run/pmem.h"
#include "run/steps.h"

#define SUBSECTION_PAGES 512u

/* A region came to be: the device above it in sysfs is the bus of whoever drives it. */
static bool is_new_region(const struct qmp_event *e)
{
	const char *subsystem = json_string_value(json_object_get(e->data, "subsystem"));
	const char *action = json_string_value(json_object_get(e->data, "action"));
	const char *path = json_string_value(json_object_get(e->data, "devpath"));
	const char *name = path ? strrchr(path, '/') : NULL;

	return !strcmp(e->name, "UEVENT") && subsystem && !strcmp(subsystem, "nd") && action &&
	       !strcmp(action, "add") && name && !strncmp(name, "/region", 7);
}

/* No OST answers for persistent memory; the region's uevent does, and it may be another device's. */
static int await_region(struct run *run, const struct active_step *a, uint64_t addr, struct nd_view *v,
			const json_t **region, struct rig_err *err)
{
	struct log_cursor cursor = log_cursor_at(a->agent_from);
	int r;

	for (;;) {
		const struct qmp_event *e;

		do {
			r = log_wait(run->guest.link, LOG_UEVENT, &cursor, a->until_ns, &e, err);
			if (r < 0)
				return rig_err_wrap(err, "a region for '%s'", a->step->plug.id);
		} while (!is_new_region(e));
		r = nd_look(&run->guest, a->until_ns, v, err);
		if (r < 0)
			return r;
		*region = nd_region_at(v, addr);
		if (*region)
			return 0;
		nd_view_deinit(v);
	}
}

/*
 * A region without labels has one namespace, which a driver takes at once; the model knows of it from the
 * plug.  Where it must get a memmap and does not begin and end with a sub-section, memory hotplug
 * refuses it (check_pfn_span()), and it stays without driver.
 */
static void judge_first(struct run *run, const struct nd_view *v, const json_t *region, const char *device)
{
	const struct model_device *d = model_device_find(&run->model, device);
	AUTO_FREE char *name = xasprintf("namespace%s.0", nd_text(region, "name") + strlen("region"));
	bool bound = nd_text(nd_find(v->nd, name), "driver");
	bool fits = d->kind == MODEL_NVDIMM || (d->start_pfn | d->nr_pages) % SUBSECTION_PAGES == 0;
	struct model_namespace first = *model_namespace_find(&run->model, device);

	if (bound != fits)
		run_finding(run, "nd.attributes", fits ? "a driver holds the namespace" :
			    "no driver takes a namespace that is no whole number of sub-sections", "'%s' has %s", name,
			    bound ? "one" : "none");
	first.enabled = bound;
	model_namespace_set(&run->model, &first);
}

/* pxm_to_online_node(): the node of the device where it is online, else the first of those that are, all being as far. */
static void judge_node(struct run *run, const struct host_device *host, const char *region, uint64_t seen)
{
	uint64_t online = model_nodes_online(&run->model), must = (uint64_t)host->node;
	char expected[64];

	if (host->node < 0 || host->node >= 64 || !online)
		return;
	if (!(online >> host->node & 1))
		must = (uint64_t)__builtin_ctzll(online);
	snprintf(expected, sizeof(expected), "numa_node %" PRIu64 " of a device on node %" PRId64, must, host->node);
	if (seen != must)
		run_finding(run, "nd.attributes", expected, "'%s' has %" PRId64, region, (int64_t)seen);
}

int pmem_plugged(struct run *run, const struct active_step *a, const struct host_device *host,
		 struct rig_err *err)
{
	const struct plug *p = &a->step->plug;
	AUTO_ND struct nd_view v = { 0 };
	const json_t *region;
	uint64_t size = 0, node = 0;
	int r = await_region(run, a, host->addr, &v, &region, err);

	if (r < 0)
		return r;
	if (!nd_number(region, "size", &size) || size != p->size_bytes)
		run_finding(run, "nd.attributes", "a region as large as the device",
			    "'%s' has size %s, not %" PRIu64, nd_text(region, "name") ?: "?",
			    nd_text(region, "size") ?: "none", p->size_bytes);
	if (nd_number(region, "numa_node", &node))
		judge_node(run, host, nd_text(region, "name") ?: "?", node);
	model_plug(&run->model, &(struct model_plug){
		.id = p->id, .kind = device_kind(p->device)->model, .addr = host->addr,
		/* the region says the nearest node that is online; what becomes RAM goes to the one it was put on */
		.size_bytes = host->size_bytes, .node = (unsigned int)(host->node >= 0 ? (uint64_t)host->node : node),
		.slot = host->slot,
		.backend_bytes = backend_bytes(p),
	});
	judge_first(run, &v, region, p->id);
	return 0;
}

int pmem_at_boot(struct run *run, struct rig_err *err)
{
	const struct scenario *s = run->scenario;
	AUTO_ND struct nd_view v = { 0 };
	int r = s->nr_pmem ? nd_look(&run->guest, clock_in_ms(LOOK_MS), &v, err) : 0;

	for (size_t i = 0; i < s->nr_pmem && r == 0; i++) {
		const struct pmem_range *p = &s->pmem[i];
		const json_t *region = nd_region_at(&v, p->addr);
		uint64_t node = 0, size = 0;

		if (!region || !nd_number(region, "size", &size) || size != p->size_bytes)
			run_finding(run, "nd.attributes", "a region of the range that memmap= names", "%s%s",
				    region ? "one of size " : "none", region ? nd_text(region, "size") ?: "none" : "");
		nd_number(region, "numa_node", &node);
		model_plug(&run->model, &(struct model_plug){
			.id = p->id, .kind = MODEL_E820_PMEM, .addr = p->addr, .size_bytes = p->size_bytes,
			.node = (unsigned int)node, .slot = -1,
		});
		if (region)
			judge_first(run, &v, region, p->id);
	}
	return r;
}
