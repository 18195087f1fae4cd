// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

#define PAGE_BYTES 4096u

static const char *const zone_names[MODEL_NR_ZONES] = { "DMA", "DMA32", "Normal", "Movable", "Device" };

const char *model_zone_name(enum model_zone zone)
{
	return zone_names[zone];
}

const char *page_class_name(enum page_class class)
{
	static const char *const names[] = {
		[PAGE_ABSENT] = "absent",		[PAGE_ADDED] = "added",
		[PAGE_VETOED] = "vetoed",		[PAGE_ONLINE] = "online",
		[PAGE_OFFLINED] = "offlined",		[PAGE_BOOT] = "boot",
		[PAGE_FAKE_OFFLINE] = "fake-offline",	[PAGE_FAKE_OFFLINED] = "fake-offlined",
		[PAGE_SELF_HOSTED] = "self-hosted",	[PAGE_DEVICE] = "device",
		[PAGE_DEVICE_MEMMAP] = "device-memmap",	[PAGE_DRIVER_RESERVED] = "driver-reserved",
		[PAGE_DEVICE_LEFT] = "device-left",
	};

	return names[class];
}

const char *memmap_era_name(enum memmap_era era)
{
	static const char *const names[] = { "unknown", "pg-reserved", "page-offline" };

	return names[era];
}

int model_init(struct model *m, const struct model_config *config, const struct snapshot *base,
	       struct rig_err *err)
{
	*m = (struct model){
		.layout = config->layout, .raw = config->raw, .base = base, .era = config->era,
		.fill = config->fill, .poisons_removed = config->poisons_removed,
		.block_pages = config->block_bytes / PAGE_BYTES, .max_pages = base->kpageflags_pages,
	};
	if (!m->block_pages || (config->raw && m->block_pages % config->layout->pages_per_section))
		return rig_err_set(err, RIG_AGENT, EPROTO, "a memory block of %llu bytes is no whole section",
				   (unsigned long long)config->block_bytes);
	snprintf(m->policy, sizeof(m->policy), "%s", config->policy);
	for (size_t i = 0; i < base->nr_nodes; i++)
		if (base->node[i].node < ARRAY_SIZE(m->nr_zones))
			m->nr_zones[base->node[i].node] = base->node[i].nr_zones;
	return 0;
}

static void device_deinit(struct model_device *d)
{
	free(d->block);
}

void model_deinit(struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		device_deinit(&m->device[i]);
	free(m->device);
	free(m->namespace);
	*m = (struct model){ 0 };
}

static int by_start(const void *a, const void *b)
{
	const struct model_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

size_t model_device_ranges(const struct model *m, struct model_range **ret)
{
	struct model_range *list = xcalloc(m->nr_devices + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		if (d->nr_blocks)
			list[n++] = (struct model_range){ d->start_pfn, d->start_pfn + d->nr_pages };
	}
	qsort(list, n, sizeof(*list), by_start);
	*ret = list;
	return n;
}

struct model_device *model_device_find(const struct model *m, const char *id)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (!strcmp(m->device[i].id, id))
			return &m->device[i];
	return NULL;
}

struct model_block *model_block_find(const struct model *m, uint32_t id, struct model_device **device)
{
	for (size_t i = 0; i < m->nr_devices; i++) {
		struct model_device *d = &m->device[i];

		for (size_t k = 0; k < d->nr_blocks; k++)
			if (d->block[k].id == id) {
				if (device)
					*device = d;
				return &d->block[k];
			}
	}
	return NULL;
}

static bool node_has_blocks(const struct model *m, unsigned int node)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].node == node && m->device[i].nr_blocks)
			return true;
	return false;
}

static bool node_at_boot(const struct model *m, unsigned int node)
{
	for (size_t i = 0; i < m->base->nr_links; i++)
		if (m->base->links[i].node == node)
			return true;
	return false;
}

static void add_block(struct model_device *d, uint32_t id)
{
	d->block = xrealloc(d->block, d->nr_blocks + 1, sizeof(*d->block));
	d->block[d->nr_blocks++] = (struct model_block){ .id = id, .class = PAGE_ADDED };
}

static void raise_max_pages(struct model *m, uint64_t end)
{
	uint64_t section = m->raw ? m->layout->pages_per_section : m->block_pages;

	end = (end + section - 1) / section * section;
	if (end > m->max_pages)
		m->max_pages = end;
}

/* a node that comes online starts afresh: free_area_init_core_hotplug() */
static void begin_node(struct model *m, unsigned int node)
{
	if (!node_has_blocks(m, node) && !node_at_boot(m, node) && node < ARRAY_SIZE(m->nr_zones))
		m->nr_zones[node] = 0;
}

void model_plug(struct model *m, const struct model_plug *plug)
{
	struct model_device d = {
		.kind = plug->kind, .start_pfn = plug->addr / PAGE_BYTES,
		.nr_pages = plug->size_bytes / PAGE_BYTES, .node = plug->node, .refused = plug->refused,
		.unit_pages = plug->unit_bytes / PAGE_BYTES, .size_bytes = plug->size_bytes, .slot = plug->slot,
		.backend_bytes = plug->backend_bytes ? plug->backend_bytes : plug->size_bytes,
	};
	bool whole = (plug->kind == MODEL_DIMM || plug->kind == MODEL_KMEM) && !plug->refused;

	snprintf(d.id, sizeof(d.id), "%s", plug->id);
	if (whole) {
		begin_node(m, plug->node);
		for (uint64_t i = 0; i < d.nr_pages / m->block_pages; i++)
			add_block(&d, (uint32_t)(d.start_pfn / m->block_pages + i));
		raise_max_pages(m, d.start_pfn + d.nr_pages);
	}
	GROW(m->device, m->nr_devices, m->cap);
	m->device[m->nr_devices++] = d;
}

void model_resize(struct model *m, const char *id, uint64_t requested_bytes, uint64_t plugged_bytes,
		  const uint32_t *block, size_t nr_blocks)
{
	struct model_device *d = model_device_find(m, id), was = *d;

	if (nr_blocks)
		begin_node(m, d->node);
	d->requested_bytes = requested_bytes;
	d->plugged_bytes = plugged_bytes;
	d->block = NULL;
	d->nr_blocks = 0;
	for (size_t i = 0, k = 0; i < nr_blocks; i++) {
		while (k < was.nr_blocks && was.block[k].id < block[i])
			k++;
		add_block(d, block[i]);
		if (k < was.nr_blocks && was.block[k].id == block[i])
			d->block[i] = was.block[k];
		raise_max_pages(m, ((uint64_t)block[i] + 1) * m->block_pages);
	}
	free(was.block);
}

void model_namespace_set(struct model *m, const struct model_namespace *ns)
{
	for (size_t i = 0; i < m->nr_namespaces; i++)
		if (!strcmp(m->namespace[i].id, ns->id)) {
			m->namespace[i] = *ns;
			return;
		}
	GROW(m->namespace, m->nr_namespaces, m->cap_namespaces);
	m->namespace[m->nr_namespaces++] = *ns;
}

const struct model_namespace *model_namespace_find(const struct model *m, const char *id)
{
	for (size_t i = 0; i < m->nr_namespaces; i++)
		if (!strcmp(m->namespace[i].id, id))
			return &m->namespace[i];
	return NULL;
}

void model_namespace_drop(struct model *m, const char *id)
{
	for (size_t i = 0; i < m->nr_namespaces; i++)
		if (!strcmp(m->namespace[i].id, id)) {
			m->nr_namespaces--;
			memmove(&m->namespace[i], &m->namespace[i + 1],
				(m->nr_namespaces - i) * sizeof(*m->namespace));
			return;
		}
}

void model_unplug(struct model *m, const char *id)
{
	struct model_device *d = model_device_find(m, id);
	size_t i = (size_t)(d - m->device);

	device_deinit(d);
	memmove(d, d + 1, (m->nr_devices - i - 1) * sizeof(*d));
	m->nr_devices--;
}

bool model_span(const struct model *m, unsigned int node, enum model_zone zone, uint64_t *start,
		uint64_t *end)
{
	const struct zone_count *boot = NULL;
	bool any;

	for (size_t i = 0; i < m->base->nr_nodes && !boot; i++)
		for (size_t k = 0; m->base->node[i].node == node && k < m->base->node[i].nr; k++)
			if (!strcmp(m->base->node[i].zone[k].name, zone_names[zone]))
				boot = &m->base->node[i].zone[k];
	if (!boot)
		boot = snapshot_zone(m->base, node, zone_names[zone]);
	any = boot && boot->spanned;
	*start = any ? boot->start_pfn : UINT64_MAX;
	*end = any ? boot->start_pfn + boot->spanned : 0;
	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		for (size_t k = 0; d->node == node && k < d->nr_blocks; k++) {
			uint64_t pfn = (uint64_t)d->block[k].id * m->block_pages;

			if (d->block[k].class != PAGE_ONLINE || d->block[k].zone != zone)
				continue;
			if (pfn < *start)
				*start = pfn;
			if (pfn + m->block_pages > *end)
				*end = pfn + m->block_pages;
			any = true;
		}
	}
	return any;
}

uint64_t model_online_pages(const struct model *m, unsigned int node, enum model_zone zone)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < m->nr_devices; i++)
		for (size_t k = 0; m->device[i].node == node && k < m->device[i].nr_blocks; k++)
			if (m->device[i].block[k].class == PAGE_ONLINE && m->device[i].block[k].zone == zone)
				pages += m->block_pages;
	return pages;
}

/* zone_intersects() on the spans as they are now */
static bool intersects(const struct model *m, unsigned int node, enum model_zone zone, uint32_t block)
{
	uint64_t start, end, pfn = (uint64_t)block * m->block_pages;

	return model_span(m, node, zone, &start, &end) && pfn < end && pfn + m->block_pages > start;
}

/* default_kernel_zone_for_pfn() */
static enum model_zone kernel_zone_for(const struct model *m, uint32_t block, unsigned int node)
{
	for (enum model_zone z = MODEL_DMA; z < MODEL_NORMAL; z++)
		if (intersects(m, node, z, block))
			return z;
	return MODEL_NORMAL;
}

/* zone_for_pfn_range() with online_policy=contig-zones and without movable_node */
enum model_zone model_zone_for(const struct model *m, uint32_t block, unsigned int node,
			       enum online_zone how)
{
	enum model_zone kernel = kernel_zone_for(m, block, node);
	bool in_kernel, in_movable;

	if (how == ZONE_MOVABLE)
		return MODEL_MOVABLE;
	if (how == ZONE_KERNEL)
		return kernel;
	in_kernel = intersects(m, node, kernel, block);
	in_movable = intersects(m, node, MODEL_MOVABLE, block);
	return in_movable && !in_kernel ? MODEL_MOVABLE : kernel;
}

const char *model_valid_zones(const struct model *m, uint32_t id, char *buf)
{
	struct model_device *d = NULL;
	const struct model_block *b = model_block_find(m, id, &d);
	enum model_zone first, kernel;

	if (b->class == PAGE_ONLINE) {
		snprintf(buf, 64, "%s", zone_names[b->zone]);
		return buf;
	}
	first = model_zone_for(m, id, d->node, ZONE_AUTO);
	kernel = model_zone_for(m, id, d->node, ZONE_KERNEL);
	snprintf(buf, 64, "%s%s%s%s", zone_names[first], kernel != first ? " " : "",
		 kernel != first ? zone_names[kernel] : "", first != MODEL_MOVABLE ? " Movable" : "");
	return buf;
}

enum model_zone model_online(struct model *m, uint32_t id, enum online_zone how)
{
	struct model_device *d = NULL;
	struct model_block *b = model_block_find(m, id, &d);

	b->zone = model_zone_for(m, id, d->node, how);
	b->class = PAGE_ONLINE;
	if (d->node < ARRAY_SIZE(m->nr_zones) && m->nr_zones[d->node] < (uint64_t)b->zone + 1)
		m->nr_zones[d->node] = (uint64_t)b->zone + 1;
	return b->zone;
}

void model_veto(struct model *m, uint32_t id, enum online_zone how)
{
	struct model_device *d = NULL;
	struct model_block *b = model_block_find(m, id, &d);

	b->zone = model_zone_for(m, id, d->node, how);
	b->class = PAGE_VETOED;
	/* init_currently_empty_zone() has run */
	if (d->node < ARRAY_SIZE(m->nr_zones) && m->nr_zones[d->node] < (uint64_t)b->zone + 1)
		m->nr_zones[d->node] = (uint64_t)b->zone + 1;
}

void model_offline(struct model *m, uint32_t id)
{
	model_block_find(m, id, NULL)->class = PAGE_OFFLINED;
}
