// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be as it was at the start, counter by counter, as model/coverage.h says: some of it at every
 * look, the rest when all memory that was plugged is gone.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/coverage.h"

#define CONSTANT "counter.constant"

static bool is_constant(const struct counter *c)
{
	const struct coverage *line = coverage_find(c->file, c->name);

	return line && line->kind == COVER_PREDICTED && !strcmp(line->why, CONSTANT);
}

static bool returns(const struct counter *c)
{
	const struct coverage *line = coverage_find(c->file, c->name);

	return line && line->kind == COVER_BASELINE;
}

static void report(const struct check *c, const char *invariant, const struct counter *at, const char *was,
		   const char *is)
{
	AUTO_FREE char *text = xasprintf("%s%s%s as at the start: %.100s", at->file, *at->name ? " " : "", at->name,
					 was);

	finding_addf(c->out, c->step, invariant, text, "%.200s", is);
}

void compare_constants(const struct check *c)
{
	const struct counters *is = &c->s->counters;

	for (size_t i = 0; i < is->nr; i++) {
		const char *was = counters_find(&c->m->base->counters, is->v[i].file, is->v[i].name);

		if (was && strcmp(was, is->v[i].value) && is_constant(&is->v[i]))
			report(c, CONSTANT, &is->v[i], was, is->v[i].value);
	}
}

/* Whether @s has anything of this file: what was not read is not missing. */
static bool has_file(const struct snapshot *s, const char *file)
{
	for (size_t i = 0; i < s->counters.nr; i++)
		if (!strcmp(s->counters.v[i].file, file))
			return true;
	return false;
}

/* What boot carved out as persistent memory has its raw namespace at the start, too. */
static bool in_use(const struct model *m, const struct model_namespace *ns)
{
	const struct model_device *d = model_device_find(m, ns->device);

	return model_namespace_has_memmap(m, ns) || (ns->enabled && d && d->kind != MODEL_E820_PMEM);
}

/* A device that gives no memory, virtio-mem of size 0 or an NVDIMM without a namespace, leaves everything as it was. */
static bool memory_plugged(const struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].nr_blocks || m->device[i].refused)
			return true;
	for (size_t i = 0; i < m->nr_namespaces; i++)
		if (in_use(m, &m->namespace[i]))
			return true;
	return false;
}

/* Nodes that came with a device and stay: pages of ZONE_DEVICE keep theirs for ever. */
static uint64_t kept_nodes(const struct model *m)
{
	uint64_t mask = 0;

	for (unsigned int node = 0; node < ARRAY_SIZE(m->device_span); node++)
		if (m->device_span[node].end)
			mask |= 1ull << node;
	return mask & ~node_mask(m->base->node_online);
}

/* Speaks of one of these nodes, or of which nodes there are. */
static bool of_nodes(uint64_t nodes, const struct counter *c)
{
	unsigned int node;

	if (!nodes)
		return false;
	if (!fnmatch("/sys/devices/system/node/node*/distance", c->file, FNM_PATHNAME))
		return true;
	if (sscanf(c->file, "/sys/devices/system/node/node%u/", &node) == 1 ||
	    (!strcmp(c->file, "/proc/zoneinfo") && sscanf(c->name, "%u/", &node) == 1))
		return node < 64 && nodes >> node & 1;
	return !strncmp(c->file, "/sys/devices/system/node/", strlen("/sys/devices/system/node/"));
}

/* The memory types of a device's registers, and of persistent memory as such, are listed among those of memory. */
static bool of_devices(const struct model *m, const struct counter *c)
{
	return m->nr_devices && !strcmp(c->file, "/sys/kernel/debug/x86/pat_memtype_list");
}

/*
 * Anonymous hugetlb pages that are moved count as huge pages that are not hugetlb's, and nothing takes that back when
 * they are freed: __folio_migrate_mapping() and free_huge_folio() of v6.12.  So that says nothing where there were any.
 */
static bool of_hugetlb(const struct model *m, const struct snapshot *s, const struct counter *c)
{
	uint64_t was, is;

	return !fnmatch("/sys/kernel/mm/transparent_hugepage/hugepages-*/stats/nr_anon", c->file, FNM_PATHNAME) &&
	       counters_number(&m->base->counters, "/proc/vmstat", "htlb_buddy_alloc_success", &was) &&
	       counters_number(&s->counters, "/proc/vmstat", "htlb_buddy_alloc_success", &is) && was != is;
}

static bool is_due(const struct model *m, const struct snapshot *s, const struct counter *c)
{
	return returns(c) && !of_nodes(kept_nodes(m), c) && !of_devices(m, c) && !of_hugetlb(m, s, c);
}

void model_compare_leftovers(const struct model *m, const struct snapshot *s, const char *step,
			     struct findings *out)
{
	const struct check c = { m, s, step, out };
	const struct counters *was = &m->base->counters, *is = &s->counters;

	if (memory_plugged(m))
		return;
	for (size_t i = 0; i < was->nr; i++) {
		const char *value = counters_find(is, was->v[i].file, was->v[i].name);

		if (!value && has_file(s, was->v[i].file) && is_due(m, s, &was->v[i]))
			report(&c, "counter.baseline", &was->v[i], was->v[i].value, "gone");
	}
	for (size_t i = 0; i < is->nr; i++) {
		const char *value = counters_find(was, is->v[i].file, is->v[i].name);

		if ((!value || strcmp(value, is->v[i].value)) && is_due(m, s, &is->v[i]))
			report(&c, "counter.baseline", &is->v[i], value ? value : "not there", is->v[i].value);
	}
}
