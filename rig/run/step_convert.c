// SPDX-License-Identifier: GPL-2.0-or-later
/* A devdax namespace to system RAM and back, by daxctl. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/namespace.h"
#include "run/program.h"
#include "run/steps.h"
#include "run/uevents.h"

#define PAGE_BYTES 4096u

/* daxctl knows nothing of it; the kernel takes it as long as no driver of memory has the device. */
static int choose_memmap(struct run *run, struct active_step *a, const char *dax, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("/sys/bus/dax/devices/%s/memmap_on_memory", dax);
	int eno = 0;
	int r = guest_write(&run->guest, path, a->step->convert.memmap_on_memory ? "1" : "0", a->until_ns, &eno,
			    err);

	if (r < 0 || !eno)
		return r;
	if (eno == ENOENT || eno == EACCES)
		return rig_err_set(err, RIG_MISSING, eno, "memmap_on_memory of dax devices (Linux 6.8)");
	run_finding(run, "change.result", "memmap_on_memory is accepted", "%s", strerror(eno));
	return 0;
}

/* Whole memory blocks of the device are added, what sticks out at its ends is not: dax_kmem_range(). */
static void became_ram(struct run *run, const struct model_namespace *ns, const struct convert *c, bool self_hosted)
{
	uint64_t block = run->model.block_pages, start = (ns->data_pfn + block - 1) / block * block;
	uint64_t end = ns->end_pfn / block * block;
	struct model_device *d = model_device_find(&run->model, ns->device);
	unsigned int node = d ? d->node : ns->node;	/* dax/kmem goes by target_node */

	if (end <= start) {
		run_finding(run, "change.result", "a device without a whole memory block is refused",
			    "'%s' is system RAM", ns->id);
		return;
	}
	model_plug(&run->model, &(struct model_plug){
		.id = ns->id, .kind = MODEL_KMEM, .addr = start * PAGE_BYTES, .size_bytes = (end - start) * PAGE_BYTES,
		.node = node, .slot = -1, .fill = -1, .self_hosted = self_hosted,
	});
	d = model_device_find(&run->model, ns->id);
	for (size_t i = 0; i < d->nr_blocks; i++) {
		uevents_want(run, "add", d->block[i].id);
		if (c->zone == CONVERT_OFFLINE)
			continue;
		/* daxctl's word for the kernel's zones is "online" */
		model_online(&run->model, d->block[i].id, c->zone == CONVERT_MOVABLE ? ZONE_MOVABLE : ZONE_AUTO);
		uevents_want(run, "online", d->block[i].id);
	}
}

static void is_ram_no_more(struct run *run, const char *id)
{
	const struct model_device *d = model_device_find(&run->model, id);

	for (size_t i = 0; d && i < d->nr_blocks; i++)
		uevents_want(run, "remove", d->block[i].id);
	if (d)
		model_unplug(&run->model, id);
}

static int run_daxctl(struct run *run, struct active_step *a, const char *dax, bool *done, struct rig_err *err)
{
	const struct convert *c = &a->step->convert;
	const char *argv[] = { "daxctl", "reconfigure-device", "--mode", c->to_ram ? "system-ram" : "devdax", dax,
			       !c->to_ram || c->zone == CONVERT_MOVABLE ? NULL :
			       c->zone == CONVERT_KERNEL ? "--no-movable" : "--no-online", NULL };
	AUTO_PROGRAM struct program p = { 0 };
	int r = program_run(run, argv, a->until_ns, &p, err);

	if (r == 0)
		*done = program_judge(run, a->step, &p);
	return r;
}

/* A refused conversion may leave the device without driver, but never with the one that was refused. */
static void judge_driver(struct run *run, const struct convert *c, const char *name, bool done, const char *driver)
{
	const char *wanted = c->to_ram ? "kmem" : "device_dax";

	if (done != (driver && !strcmp(driver, wanted)))
		run_finding(run, "nd.attributes", done ? wanted : "the driver that it had, or none", "'%s' has %s",
			    name, driver ? driver : "no driver");
}

/* Chosen in an earlier conversion, or by this one; kernels that have no choice do not show it. */
static bool hosts_memmap(const struct nd_view *v, const struct namespace *n)
{
	char name[32];
	const char *text = nd_text(nd_find(v->dax, namespace_dax_name(n, name)), "memmap_on_memory");

	return text && !strcmp(text, "1");
}

static int look_again(struct run *run, struct active_step *a, const struct namespace *n, bool done,
		      struct rig_err *err)
{
	const struct convert *c = &a->step->convert;
	bool was_ram = model_device_find(&run->model, n->id), is_ram, hosts;
	AUTO_ND struct nd_view v = { 0 };
	struct model_namespace m;
	const char *driver;
	int r;

	if ((r = nd_look(&run->guest, a->until_ns, &v, err)) < 0 ||
	    (r = namespace_describe(run, &v, n, &m, err)) < 0)
		return r;
	driver = namespace_dax_driver(&v, n);
	judge_driver(run, c, n->name, done, driver);
	hosts = hosts_memmap(&v, n);
	if (c->has_memmap_on_memory && hosts != c->memmap_on_memory)
		run_finding(run, "nd.attributes", c->memmap_on_memory ? "memmap_on_memory 1" : "memmap_on_memory 0",
			    "the other");
	model_namespace_set(&run->model, &m);
	is_ram = driver && !strcmp(driver, "kmem");
	if (is_ram && !was_ram)
		became_ram(run, &m, c, hosts);
	else if (!is_ram && was_ram)
		is_ram_no_more(run, n->id);
	return 0;
}

static int convert_finish(struct run *run, struct active_step *a, struct rig_err *err)
{
	const struct namespace *n = namespace_find(run, a->step->device);
	char dax[32];
	bool done = false;
	int r = 0;

	if (!n)
		return rig_err_set(err, RIG_USAGE, ENODEV, "no namespace '%s' at this point", a->step->device);
	namespace_dax_name(n, dax);
	if (a->step->convert.has_memmap_on_memory)
		r = choose_memmap(run, a, dax, err);
	if (r == 0)
		r = run_daxctl(run, a, dax, &done, err);
	return r < 0 ? r : look_again(run, a, n, done, err);
}

const struct step_ops convert_ops = { .deadline_ms = 120000, .finish = convert_finish };
