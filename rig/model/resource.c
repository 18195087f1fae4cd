// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/mem.h"
#include "model/resource.h"

static void add(struct range_list *list, uint64_t start_pfn, uint64_t end_pfn, const char *name)
{
	struct range_entry e = { .start = start_pfn * 4096, .end = end_pfn * 4096 - 1 };

	strcpy(e.name, name);
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = e;
}

/* add_memory_driver_managed() of neighbours: merge_system_ram_resource(). */
static void add_merged_blocks(struct range_list *list, const struct model *m, const struct model_device *d,
			      const char *name)
{
	for (size_t i = 0, first = 0; i < d->nr_blocks; i++) {
		if (i + 1 < d->nr_blocks && d->block[i + 1].id == d->block[i].id + 1)
			continue;
		add(list, d->block[first].id * m->block_pages, (d->block[i].id + 1) * m->block_pages, name);
		first = i + 1;
	}
}

static void add_device(const struct model *m, const struct model_device *d, struct range_list *must,
		       struct range_list *ram)
{
	uint64_t start = d->start_pfn, end = start + d->nr_pages;

	if (d->refused)
		return;
	switch (d->kind) {
	case MODEL_DIMM:
		add(must, start, end, "System RAM");
		add(ram, start, end, "System RAM");
		break;
	case MODEL_VIRTIO_MEM:
		if (!d->driverless)
			add(must, start, end, "virtio#");
		add_merged_blocks(must, m, d, "System RAM (virtio_mem)");
		break;
	case MODEL_KMEM:
		add(must, start, end, "dax#.#");
		add(must, start, end, "System RAM (kmem)");
		break;
	case MODEL_NVDIMM:
		add(must, start, end, "Persistent Memory");
		break;
	case MODEL_VIRTIO_PMEM:
	case MODEL_E820_PMEM:	/* of boot */
		break;
	}
}

/* Of devdax the namespace claims what is in front of the data, and whoever drives the dax device the data. */
static void add_namespace(const struct model_namespace *ns, struct range_list *must)
{
	bool dax = ns->mode == MODEL_DEVDAX;

	if (!ns->enabled)
		return;
	add(must, ns->start_pfn, dax ? ns->data_pfn : ns->start_pfn + ns->nr_pages, "namespace#.#");
	if (dax && !ns->system_ram)
		add(must, ns->data_pfn, ns->end_pfn, "dax#.#");
}

void model_resources(const struct model *m, struct range_list *must, struct range_list *gone,
		     struct range_list *ram)
{
	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		add_device(m, d, must, ram);
		if (d->kind == MODEL_E820_PMEM)
			add(gone, d->start_pfn, d->start_pfn + d->nr_pages, "namespace#.#");
	}
	for (size_t i = 0; i < m->nr_namespaces; i++)
		add_namespace(&m->namespace[i], must);
}
