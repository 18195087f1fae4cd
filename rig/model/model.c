// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

#define PAGE_BYTES 4096u

static const char *const zone_names[MODEL_NR_ZONES] = { "DMA", "DMA32", "Normal", "Movable" };

const char *model_zone_name(enum model_zone zone)
{
	return zone_names[zone];
}

const char *page_class_name(enum page_class class)
{
	static const char *const names[] = { "absent", "added", "vetoed", "online", "offlined", "boot" };

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

static bool node_has_device(const struct model *m, unsigned int node)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].node == node && !m->device[i].refused)
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

void model_plug(struct model *m, const char *id, uint64_t addr, uint64_t size_bytes, unsigned int node,
		int64_t slot, bool refused)
{
	struct model_device d = {
		.start_pfn = addr / PAGE_BYTES, .nr_pages = size_bytes / PAGE_BYTES, .node = node,
		.refused = refused, .size_bytes = size_bytes, .slot = slot,
	};
	uint64_t section = m->raw ? m->layout->pages_per_section : m->block_pages, end;

	snprintf(d.id, sizeof(d.id), "%s", id);
	if (!refused) {
		/* a node that comes online starts afresh: free_area_init_core_hotplug() */
		if (!node_has_device(m, node) && !node_at_boot(m, node) && node < ARRAY_SIZE(m->nr_zones))
			m->nr_zones[node] = 0;
		d.nr_blocks = d.nr_pages / m->block_pages;
		d.block = xcalloc(d.nr_blocks, sizeof(*d.block));
		for (size_t i = 0; i < d.nr_blocks; i++)
			d.block[i] = (struct model_block){
				.id = (uint32_t)(d.start_pfn / m->block_pages + i), .class = PAGE_ADDED,
			};
		end = (d.start_pfn + d.nr_pages + section - 1) / section * section;
		if (end > m->max_pages)
			m->max_pages = end;
	}
	GROW(m->device, m->nr_devices, m->cap);
	m->device[m->nr_devices++] = d;
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
