// SPDX-License-Identifier: GPL-2.0-or-later
/* Namespaces, by ndctl; what the kernel then says of them is held against what was asked for. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/namespace.h"
#include "run/nd_layout.h"
#include "run/program.h"
#include "run/region.h"
#include "run/steps.h"

#define PAGE_BYTES 4096u
#define ND_NAMESPACE_IO 4	/* nstype of a region without labels: one namespace, as large as it is */

/* A program of which success is expected, whatever the step says. */
static int must_run(struct run *run, const char *const *argv, uint64_t until_ns, struct rig_err *err)
{
	AUTO_PROGRAM struct program p = { 0 };
	int r = program_run(run, argv, until_ns, &p, err);

	if (r < 0 || (!p.exit_code && !p.signal))
		return r;
	return rig_err_set(err, RIG_AGENT, EIO, "'%s %s' ended with %d: %.300s", argv[0], argv[1], p.exit_code,
			   p.output);
}

/*
 * The label area of a new NVDIMM is empty.  Then the kernel makes one namespace of all of it, and
 * ndctl can only turn that one into another kind; with an index in it there can be many.
 */
static int init_labels(struct run *run, const char *device, const json_t *region, uint64_t until_ns,
		       struct rig_err *err)
{
	const char *name = nd_text(region, "name");
	AUTO_FREE char *dimm = nd_region_dimm(region);
	int r;

	if (!dimm)
		return rig_err_set(err, RIG_AGENT, EPROTO, "region '%s' has no DIMM", name);
	if ((r = must_run(run, (const char *[]){ "ndctl", "disable-region", name, NULL }, until_ns, err)) < 0 ||
	    (r = must_run(run, (const char *[]){ "ndctl", "init-labels", dimm, NULL }, until_ns, err)) < 0)
		return r;
	model_namespace_drop(&run->model, device);	/* the one that it had by itself */
	return must_run(run, (const char *[]){ "ndctl", "enable-region", name, NULL }, until_ns, err);
}

/* On a region without labels: the namespace that is there.  "": with labels, a new one. */
static void only_namespace(const json_t *region, char name[32])
{
	uint64_t type = 0;

	nd_number(region, "nstype", &type);
	name[0] = '\0';
	if (type == ND_NAMESPACE_IO)
		snprintf(name, 32, "namespace%s.0", nd_text(region, "name") + strlen("region"));
}

static int create(struct run *run, struct active_step *a, const json_t *region, const char *only,
		  struct program *ret, struct rig_err *err)
{
	static const char *const aligns[] = { "4K", "2M", "1G" };
	const struct namespace_action *ns = &a->step->namespace;
	const char *argv[20] = { "ndctl", "create-namespace", "--mode", namespace_mode_name(ns->mode) };
	AUTO_FREE char *size = xasprintf("%" PRIu64, ns->size_bytes);
	size_t n = 4;
	int r;

	argv[n++] = *only ? "--reconfig" : "--region";
	argv[n++] = *only ? only : nd_text(region, "name");
	if (*only)
		argv[n++] = "--force";
	if (ns->mode != NAMESPACE_RAW) {
		argv[n++] = "--map";
		argv[n++] = ns->map_dev ? "dev" : "mem";
		argv[n++] = "--align";
		argv[n++] = aligns[ns->align_bytes < 2u << 20 ? 0 : ns->align_bytes == 2u << 20 ? 1 : 2];
	}
	if (ns->size_bytes) {
		argv[n++] = "--size";
		argv[n++] = size;
	}
	argv[n] = NULL;
	r = program_run(run, argv, a->until_ns, ret, err);
	a->ndctl_ns = r < 0 ? 0 : ret->ns;
	return r;
}

/* ndctl prints what it made as JSON, behind warnings if it has any. */
static int created_name(const char *output, char name[32], struct rig_err *err)
{
	const char *brace = strchr(output, '{');
	json_auto_t *made = brace ? json_loads(brace, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	const char *dev = json_string_value(json_object_get(made, "dev"));

	if (!dev || strncmp(dev, "namespace", 9) || strlen(dev) >= 32)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "ndctl's output has an unexpected shape: %.400s", output);
	strcpy(name, dev);
	return 0;
}

static void judge_number(struct run *run, const char *what, uint64_t expected, uint64_t seen)
{
	char text[96];

	snprintf(text, sizeof(text), "%s 0x%" PRIx64, what, expected);
	if (expected != seen)
		run_finding(run, "nd.attributes", text, "0x%" PRIx64, seen);
}

/* Regions of the kinds that have a memmap anyway need no info block for fsdax with its memmap in RAM. */
static bool is_itself(const struct run *run, const struct namespace_action *ns, const char *device)
{
	const struct model_device *d = model_device_find(&run->model, device);

	return ns->mode == NAMESPACE_FSDAX && !ns->map_dev && d && d->kind != MODEL_NVDIMM;
}

/* What was asked for, and what follows from it by the arithmetic of the kernel. */
static void judge_made(struct run *run, const struct namespace_action *ns, uint64_t size,
		       const struct model_namespace *m)
{
	static const char *const modes[] = { "raw", "fsdax", "devdax" };
	enum namespace_mode mode = is_itself(run, ns, m->device) ? NAMESPACE_RAW : ns->mode;
	struct nd_layout l = { 0 };

	if ((int)m->mode != (int)mode || !m->enabled)
		run_finding(run, "nd.attributes", namespace_mode_name(mode), "%s%s", modes[m->mode],
			    m->enabled ? "" : ", without driver");
	judge_number(run, "size", size, m->nr_pages * PAGE_BYTES);
	if (mode == NAMESPACE_RAW)
		return;
	judge_number(run, "align", ns->align_bytes, m->align_pages * PAGE_BYTES);
	if (ns->map_dev != m->map_dev)
		run_finding(run, "nd.attributes", ns->map_dev ? "map=dev" : "map=mem", "the other");
	nd_layout(m->start_pfn * PAGE_BYTES, m->nr_pages * PAGE_BYTES, ns->map_dev, ns->align_bytes, &l);
	judge_number(run, "data at", l.data, m->data_pfn * PAGE_BYTES);
	judge_number(run, "end of data", l.end, m->end_pfn * PAGE_BYTES);
}

/* nd_device_register(): from its region. */
static void judge_node(struct run *run, const struct nd_view *v, const char *name)
{
	const json_t *entry = nd_find(v->nd, name);
	const char *parent = nd_text(entry, "parent");
	uint64_t seen, must;

	if (nd_number(entry, "numa_node", &seen) && parent && nd_number(nd_find(v->nd, parent), "numa_node", &must))
		judge_number(run, "numa_node", must, seen);
}

/* @before: without it */
static void judge_slots(struct run *run, const char *device, const struct nd_view *before, const struct nd_view *now)
{
	uint64_t free, left;

	if (namespace_free_slots(run, before, device, &free) && free && namespace_free_slots(run, now, device, &left))
		namespace_judge_slots(run, free - 1, left);
}

static int look_at_made(struct run *run, struct active_step *a, const char *name, uint64_t size,
			const struct nd_view *before, struct rig_err *err)
{
	AUTO_ND struct nd_view v = { 0 };
	struct model_namespace m;
	struct namespace *n;
	int r = nd_look(&run->guest, a->until_ns, &v, err);

	if (r < 0)
		return r;
	n = namespace_add(run, a->step->namespace.id, a->step->device, name);
	namespace_identity(&v, name, n->identity);
	r = namespace_describe(run, &v, n, &m, err);
	if (r < 0)
		return r;
	judge_made(run, &a->step->namespace, size, &m);
	judge_node(run, &v, name);
	judge_slots(run, a->step->device, before, &v);
	model_namespace_set(&run->model, &m);
	namespace_note_speed(run, a, n->id);
	return 0;
}

static int namespace_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, a->step->device);
	AUTO_PROGRAM struct program p = { 0 };
	AUTO_ND struct nd_view v = { 0 };
	uint64_t size = 0, type = 0;
	const json_t *region;
	char only[32], name[32];
	int r;

	if ((r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
	    (r = region_find(run, a->step->device, &v, &region, err)) < 0)
		return r;
	nd_number(region, "nstype", &type);
	if (d->kind == MODEL_NVDIMM && type == ND_NAMESPACE_IO) {
		r = init_labels(run, a->step->device, region, a->until_ns, err);
		nd_view_deinit(&v);
		if (r < 0 || (r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
		    (r = region_find(run, a->step->device, &v, &region, err)) < 0)
			return r;
	}
	only_namespace(region, only);
	nd_number(region, *only ? "size" : "max_available_extent", &size);
	r = create(run, a, region, only, &p, err);
	if (r < 0 || !program_judge(run, a->step, &p))
		return r;
	r = created_name(p.output, name, err);
	return r < 0 ? r : look_at_made(run, a, name, a->step->namespace.size_bytes ?: size, &v, err);
}

const struct step_ops namespace_ops = { .deadline_ms = 60000, .finish = namespace_finish };
