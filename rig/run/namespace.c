// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "run/namespace.h"

#define GIB 0x1p30
#define PAGE_BYTES 4096u

struct namespace *namespace_find(const struct run *run, const char *id)
{
	for (size_t i = 0; i < run->nr_namespaces; i++)
		if (!strcmp(run->namespaces[i].id, id))
			return &run->namespaces[i];
	return NULL;
}

struct namespace *namespace_add(struct run *run, const char *id, const char *device, const char *name)
{
	struct namespace *n;

	GROW(run->namespaces, run->nr_namespaces, run->cap_namespaces);
	n = &run->namespaces[run->nr_namespaces++];
	*n = (struct namespace){ 0 };
	snprintf(n->id, sizeof(n->id), "%s", id);
	snprintf(n->device, sizeof(n->device), "%s", device);
	snprintf(n->name, sizeof(n->name), "%s", name);
	return n;
}

void namespace_drop(struct run *run, const char *id)
{
	struct namespace *n = namespace_find(run, id);

	if (!n)
		return;
	model_namespace_drop(&run->model, id);
	run->nr_namespaces--;
	memmove(n, n + 1, (size_t)(run->namespaces + run->nr_namespaces - n) * sizeof(*n));
}

const char *namespace_dax_name(const struct namespace *n, char *buf)
{
	snprintf(buf, 32, "dax%s", n->name + strlen("namespace"));
	return buf;
}

/* The kernel leaves the number of the first one out: nvdimm_namespace_disk_name(). */
const char *namespace_disk_name(const struct namespace *n, char *buf)
{
	const char *number = n->name + strlen("namespace"), *dot = strchr(number, '.');
	bool first = dot && !strcmp(dot, ".0");

	snprintf(buf, 32, "pmem%.*s", (int)(first ? dot - number : (ptrdiff_t)strlen(number)), number);
	return buf;
}

const char *namespace_dax_driver(const struct nd_view *v, const struct namespace *n)
{
	char name[32];

	return nd_text(nd_find(v->dax, namespace_dax_name(n, name)), "driver");
}

static const char *uuid_of(const json_t *entry)
{
	const char *uuid = nd_text(entry, "uuid");

	return uuid && *uuid ? uuid : "-";
}

void namespace_identity(const struct nd_view *v, const char *name, char ret[NAMESPACE_IDENTITY_BYTES])
{
	const json_t *entry = nd_find(v->nd, name);
	const char *holder = nd_text(entry, "holder");

	snprintf(ret, NAMESPACE_IDENTITY_BYTES, "%.36s %.36s", uuid_of(entry), uuid_of(holder ? nd_find(v->nd, holder) : NULL));
}

bool namespace_free_slots(const struct run *run, const struct nd_view *v, const char *device, uint64_t *ret)
{
	const struct model_device *d = model_device_find(&run->model, device);
	const json_t *region = d ? nd_region_at(v, d->start_pfn * PAGE_BYTES) : NULL;
	AUTO_FREE char *dimm = nd_region_dimm(region);

	return dimm && nd_number(nd_find(v->nd, dimm), "available_slots", ret);
}

void namespace_judge_slots(struct run *run, uint64_t expected, uint64_t seen)
{
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " free label slots", expected);
	if (expected != seen)
		run_finding(run, "nd.labels", text, "%" PRIu64, seen);
}

static int bad(const json_t *entry, const char *what, struct rig_err *err)
{
	json_auto_t *copy = json_deep_copy(entry);
	AUTO_FREE char *text = json_dumps(copy, JSON_COMPACT);

	return rig_err_set(err, RIG_AGENT, EPROTO, "the kernel's words on a namespace make no sense to the rig (%s): %s",
			   what, text ? text : "?");
}

static bool pages_of(const json_t *entry, const char *attribute, uint64_t *ret)
{
	uint64_t bytes;

	if (!nd_number(entry, attribute, &bytes) || bytes % PAGE_BYTES)
		return false;
	*ret = bytes / PAGE_BYTES;
	return true;
}

/* pfnX.Y or daxX.Y, which a namespace with an info block is held by */
static int describe_holder(const struct nd_view *v, const struct namespace *n, const json_t *holder,
			   struct model_namespace *m, struct rig_err *err)
{
	const char *type = nd_text(holder, "devtype"), *map = nd_text(holder, "mode"), *driver;
	uint64_t size;

	if (!type || !map || !pages_of(holder, "align", &m->align_pages))
		return bad(holder, "holder", err);
	m->mode = !strcmp(type, "nd_dax") ? MODEL_DEVDAX : MODEL_FSDAX;
	m->map_dev = !strcmp(map, "pmem");
	m->enabled = nd_text(holder, "driver");
	if (pages_of(holder, "resource", &m->data_pfn) && pages_of(holder, "size", &size))
		m->end_pfn = m->data_pfn + size;
	else if (m->enabled)
		return bad(holder, "resource and size", err);
	driver = namespace_dax_driver(v, n);
	m->system_ram = m->mode == MODEL_DEVDAX && m->enabled && (!driver || strcmp(driver, "device_dax"));
	return 0;
}

/* What the guest says of it is walked page by page later: it must lie on its device. */
static bool fits_device(const struct run *run, const struct model_namespace *m)
{
	const struct model_device *d = model_device_find(&run->model, m->device);
	uint64_t end = d ? d->start_pfn + d->nr_pages : 0;

	if (!d || !m->nr_pages || m->start_pfn < d->start_pfn || m->start_pfn >= end || m->nr_pages > end - m->start_pfn)
		return false;
	return !m->enabled || (m->data_pfn >= m->start_pfn && m->data_pfn < m->end_pfn &&
			       m->end_pfn <= m->start_pfn + m->nr_pages);
}

int namespace_describe(const struct run *run, const struct nd_view *v, const struct namespace *n,
		       struct model_namespace *ret, struct rig_err *err)
{
	const struct model_namespace *before = model_namespace_find(&run->model, n->id);
	struct model_namespace m = before ? *before : (struct model_namespace){ 0 };
	const json_t *entry = nd_find(v->nd, n->name), *holder;
	uint64_t start, node = 0;
	int r = 0;

	if (!entry)
		return rig_err_set(err, RIG_AGENT, EPROTO, "the kernel lists no '%s'", n->name);
	if (!pages_of(entry, "resource", &start) || !pages_of(entry, "size", &m.nr_pages))
		return bad(entry, "resource and size", err);
	snprintf(m.id, sizeof(m.id), "%s", n->id);
	snprintf(m.device, sizeof(m.device), "%s", n->device);
	m.start_pfn = start;
	nd_number(entry, "numa_node", &node);	/* -1: none, which memory takes for the first */
	m.node = (unsigned int)node;
	m.system_ram = false;
	holder = nd_text(entry, "holder") ? nd_find(v->nd, nd_text(entry, "holder")) : NULL;
	m.enabled = nd_text(entry, "driver");
	if (holder) {
		r = describe_holder(v, n, holder, &m, err);
	} else if (m.enabled) {
		/* nothing in front of the data; the model knows which regions give it a memmap all the same */
		m.mode = MODEL_RAW;
		m.map_dev = false;
		m.data_pfn = start;
		m.end_pfn = start + m.nr_pages;
		m.align_pages = 1;
	}
	if (r == 0 && !fits_device(run, &m))
		return bad(entry, "resource and size", err);
	if (r == 0)
		*ret = m;
	return r;
}

/* ndctl returns when the driver has its namespace, and so its memmap: that alone grows with the size. */
void namespace_note_speed(struct run *run, const struct active_step *a, const char *id)
{
	const struct model_namespace *m = model_namespace_find(&run->model, id);

	if (m && m->enabled && m->mode != MODEL_RAW)
		run->ns_per_gib = (uint64_t)((double)a->ndctl_ns * GIB / ((double)m->nr_pages * PAGE_BYTES));
}
