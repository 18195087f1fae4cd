// SPDX-License-Identifier: GPL-2.0-or-later
/* How the kernel's resources are marked; which there are is iomem.missing's and iomem.residue's business. */
#include <inttypes.h>
#include <stdio.h>

#include "model/compare.h"

/* What a driver has asked for as a whole is not busy itself; some ask that nobody else may map it. */
static bool is_container(const struct model_device *d, const struct resource *r)
{
	return d->kind != MODEL_DIMM && !(r->flags & RESOURCE_BUSY);
}

/* register_memory_resource(); __add_memory_driver_managed() and MHP_MERGE_RESOURCE are what drivers ask for. */
static uint64_t ram_flags(const struct model_device *d, const struct resource *r)
{
	uint64_t flags = RESOURCE_MEM | RESOURCE_SYSRAM;

	if (is_container(d, r))
		return flags | (r->flags & RESOURCE_EXCLUSIVE);
	if (d->kind == MODEL_VIRTIO_MEM)
		flags |= RESOURCE_DRIVER_MANAGED | RESOURCE_MERGEABLE;
	if (d->kind == MODEL_KMEM)
		flags |= RESOURCE_DRIVER_MANAGED;
	return flags | RESOURCE_BUSY;
}

static const struct model_device *ram_device(const struct model *m, uint64_t pfn)
{
	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		if ((d->kind == MODEL_DIMM || d->kind == MODEL_VIRTIO_MEM || d->kind == MODEL_KMEM) && pfn >= d->start_pfn &&
		    pfn < d->start_pfn + d->nr_pages)
			return d;
	}
	return NULL;
}

static void want(const struct check *c, const struct resource *seen, uint64_t flags, uint64_t desc)
{
	char expected[160];

	if (seen->flags == flags && seen->desc == desc)
		return;
	snprintf(expected, sizeof(expected), "0x%" PRIx64 "-0x%" PRIx64 ": flags 0x%" PRIx64 ", descriptor %" PRIu64,
		 seen->start, seen->end, flags, desc);
	finding_addf(c->out, c->step, "iomem.flags", expected, "flags 0x%" PRIx64 ", descriptor %" PRIu64, seen->flags,
		     seen->desc);
}

/* NULL: none was there, or several were. */
static const struct resource *at_boot(const struct snapshot *base, const struct resource *r)
{
	const struct resource *found = NULL;

	for (size_t i = 0; i < base->nr_resources; i++) {
		const struct resource *b = &base->resource[i];

		if (b->start != r->start || b->end != r->end || b->depth != r->depth)
			continue;
		if (found)
			return NULL;
		found = b;
	}
	return found;
}

/* Parents come first; a descriptor is that of the parent, and of none at the top: __request_region_locked(). */
void compare_resources(const struct check *c)
{
	uint64_t desc[RESOURCE_TREE_DEPTH + 1] = { 0 };

	for (size_t i = 0; i < c->s->nr_resources; i++) {
		const struct resource *r = &c->s->resource[i];
		const struct model_device *d = ram_device(c->m, r->start >> LAYOUT_PAGE_SHIFT);
		const struct resource *was = at_boot(c->m->base, r);

		desc[r->depth + 1] = r->desc;
		if (d && r->flags & RESOURCE_SYSRAM)
			want(c, r, ram_flags(d, r), desc[r->depth]);
		else if (was)
			want(c, r, was->flags, was->desc);
	}
}
