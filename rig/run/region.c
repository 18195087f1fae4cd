// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/namespace.h"
#include "run/program.h"
#include "run/region.h"

#define PAGE_BYTES 4096u

int region_find(const struct run *run, const char *device, const struct nd_view *v, const json_t **ret,
		struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, device);

	*ret = d ? nd_region_at(v, d->start_pfn * PAGE_BYTES) : NULL;
	return *ret ? 0 : rig_err_set(err, RIG_USAGE, ENODEV, "device '%s' has no region at this point", device);
}

/* The namespace of @region that begins at @addr: who comes back may have another number. */
static const char *name_at(const struct nd_view *v, const char *region, uint64_t addr)
{
	const json_t *entry = nd_namespace_at(v, addr);
	const char *name = nd_text(entry, "name"), *parent = nd_text(entry, "parent");

	return name && strlen(name) < 32 && parent && !strcmp(parent, region) ? name : NULL;
}

static void went(struct run *run, const struct nd_view *v, const struct namespace *n)
{
	struct model_namespace m = *model_namespace_find(&run->model, n->id);

	if (nd_find(v->nd, n->name))
		run_finding(run, "nd.attributes", "a namespace goes with the driver of its region", "'%s' is still there",
			    n->name);
	m.enabled = false;
	model_namespace_set(&run->model, &m);
}

static void must_be(struct run *run, const char *id, const char *what, uint64_t was, uint64_t is)
{
	char expected[128];

	snprintf(expected, sizeof(expected), "%s 0x%" PRIx64 " of '%s', as it was", what, was, id);
	if (was != is)
		run_finding(run, "nd.persistent", expected, "0x%" PRIx64, is);
}

static void judge_same(struct run *run, const struct model_namespace *was, const struct model_namespace *is)
{
	must_be(run, was->id, "size", was->nr_pages * PAGE_BYTES, is->nr_pages * PAGE_BYTES);
	if (!is->enabled)
		run_finding(run, "nd.persistent", "a driver holds a namespace that comes back", "none holds '%s'", was->id);
	must_be(run, was->id, "mode", was->mode, is->mode);
	must_be(run, was->id, "map=dev", was->map_dev, is->map_dev);
	must_be(run, was->id, "align", was->align_pages * PAGE_BYTES, is->align_pages * PAGE_BYTES);
	must_be(run, was->id, "data at", was->data_pfn * PAGE_BYTES, is->data_pfn * PAGE_BYTES);
	must_be(run, was->id, "end of data", was->end_pfn * PAGE_BYTES, is->end_pfn * PAGE_BYTES);
	must_be(run, was->id, "numa_node", was->node, is->node);
}

static int came_back(struct run *run, const struct nd_view *v, const char *region, struct namespace *n,
		     struct rig_err *err)
{
	const struct model_namespace was = *model_namespace_find(&run->model, n->id);
	const char *name = name_at(v, region, was.start_pfn * PAGE_BYTES);
	char identity[sizeof(n->identity)], expected[128];
	struct model_namespace is;
	int r;

	if (!name) {
		snprintf(expected, sizeof(expected), "namespace '%s' at 0x%" PRIx64, n->id, was.start_pfn * PAGE_BYTES);
		run_finding(run, "nd.persistent", expected, "none is there");
		namespace_drop(run, n->id);
		return 0;
	}
	snprintf(n->name, sizeof(n->name), "%s", name);
	r = namespace_describe(run, v, n, &is, err);
	if (r < 0)
		return r;
	judge_same(run, &was, &is);
	namespace_identity(v, name, identity);
	snprintf(expected, sizeof(expected), "UUID %.80s of '%s', as it was", n->identity, n->id);
	if (strcmp(identity, n->identity) != 0)
		run_finding(run, "nd.persistent", expected, "%s", identity);
	model_namespace_set(&run->model, &is);
	return 0;
}

static int look_again(struct run *run, struct active_step *a, bool driven, struct rig_err *err)
{
	AUTO_ND struct nd_view v = { 0 };
	const json_t *region;
	int r;

	if ((r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
	    (r = region_find(run, a->step->device, &v, &region, err)) < 0)
		return r;
	/* from the end: who does not come back leaves the list */
	for (size_t i = run->nr_namespaces; i-- > 0 && r == 0; ) {
		struct namespace *n = &run->namespaces[i];

		if (strcmp(n->device, a->step->device) != 0)
			continue;
		if (driven)
			r = came_back(run, &v, nd_text(region, "name"), n, err);
		else
			went(run, &v, n);
	}
	return r;
}

int region_drive(struct run *run, struct active_step *a, bool driven, struct rig_err *err)
{
	AUTO_PROGRAM struct program p = { 0 };
	AUTO_ND struct nd_view v = { 0 };
	const char *argv[] = { "ndctl", driven ? "enable-region" : "disable-region", NULL, NULL };
	const json_t *region;
	int r;

	if ((r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
	    (r = region_find(run, a->step->device, &v, &region, err)) < 0)
		return r;
	argv[2] = nd_text(region, "name");
	r = program_run(run, argv, a->until_ns, &p, err);
	if (r < 0 || !program_judge(run, a->step, &p))
		return r;
	return look_again(run, a, driven, err);
}
