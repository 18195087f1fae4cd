// SPDX-License-Identifier: GPL-2.0-or-later
/* Which zone memory is in or would go to, and what each zone must count. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/span.h"

#define PAGE_BYTES 4096u

static const char *const zone_names[MODEL_NR_ZONES] = { "DMA", "DMA32", "Normal", "Movable", "Device" };

const char *model_zone_name(enum model_zone zone)
{
	return zone_names[zone];
}

enum model_zone model_zone_by_name(const char *name)
{
	enum model_zone z = MODEL_DMA;

	while (z < MODEL_NR_ZONES && strcmp(zone_names[z], name))
		z++;
	return z;
}

static const struct zone_count *boot_zone(const struct model *m, unsigned int node, const char *name)
{
	const struct zone_count *z = snapshot_node_zone(m->base, node, name);

	return z ? z : snapshot_zone(m->base, node, name);
}

static void widen(uint64_t *start, uint64_t *end, uint64_t from, uint64_t to)
{
	if (from < *start)
		*start = from;
	if (to > *end)
		*end = to;
}

bool model_span(const struct model *m, unsigned int node, enum model_zone zone, uint64_t *start,
		uint64_t *end)
{
	const struct zone_count *boot = boot_zone(m, node, zone_names[zone]);

	*start = UINT64_MAX;
	*end = 0;
	/* zoneinfo does not say where zone Device begins; what of it is there at boot is told like all others */
	if (boot && boot->spanned && (zone != MODEL_DEVICE || boot->start_pfn))
		widen(start, end, boot->start_pfn, boot->start_pfn + boot->spanned);
	if (zone == MODEL_DEVICE && node < ARRAY_SIZE(m->device_span) && m->device_span[node].end)
		widen(start, end, m->device_span[node].start, m->device_span[node].end);
	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_device *d = &m->device[i];

		for (size_t k = 0; d->node == node && k < d->nr_blocks; k++) {
			uint64_t pfn = (uint64_t)d->block[k].id * m->block_pages;

			if (d->block[k].class == PAGE_ONLINE && d->block[k].zone == zone)
				widen(start, end, pfn, pfn + m->block_pages);
		}
	}
	return *end;
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

uint64_t model_present_pages(const struct model *m, unsigned int node, enum model_zone zone)
{
	const struct zone_count *boot = boot_zone(m, node, zone_names[zone]);

	return (boot ? boot->present : 0) + model_online_pages(m, node, zone);
}

uint64_t model_managed_pages(const struct model *m, unsigned int node, enum model_zone zone)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr = model_spans(m, &span);
	uint64_t pages = 0;

	for (size_t i = 0; i < nr; i++)
		if (span_is_managed(&span[i]) && span[i].node == node && span[i].zone == zone)
			pages += span[i].end - span[i].start;
	return pages;
}

/*
 * Each stretch of a section has its memmap populated by itself, but that of an early section is there
 * from boot.  Tails that are all alike share theirs: vmemmap_can_optimize(), section_nr_vmemmap_pages().
 */
uint64_t model_memmap_pages(const struct model *m)
{
	AUTO_FREE struct model_span *span = NULL;
	uint64_t section = m->layout->pages_per_section, pages = 0, stop;
	size_t nr = model_spans(m, &span);

	for (size_t i = 0; i < nr; i++)
		for (uint64_t pfn = span[i].start; pfn < span[i].end; pfn = stop) {
			uint64_t size = span[i].compound_pages;

			stop = (pfn / section + 1) * section < span[i].end ? (pfn / section + 1) * section : span[i].end;
			if (model_early_section(m, pfn / section))
				continue;
			if (m->shared_tails_counted != SIGHT_YES || size * m->layout->page_bytes <= 2 * PAGE_BYTES ||
			    span[i].namespace->map_dev)
				pages += (stop - pfn) * m->layout->page_bytes;
			else if (size <= section)
				pages += (stop - pfn) / size * 2 * PAGE_BYTES;
			else if (pfn % size == 0)
				pages += 2 * PAGE_BYTES;
		}
	return pages / PAGE_BYTES;
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

static bool in_kernel_zone(const struct model_block *b)
{
	return b->class == PAGE_ONLINE && b->zone < MODEL_MOVABLE;
}

static bool in_movable_zone(const struct model_block *b)
{
	return b->class == PAGE_ONLINE && b->zone == MODEL_MOVABLE;
}

struct policy_group model_group(const struct model *m, const struct model_device *d)
{
	struct policy_group g = { .dynamic = d->kind == MODEL_VIRTIO_MEM, .node = d->node, .whole_pages = d->nr_pages };

	if (g.dynamic)
		g.whole_pages = policy_unit_pages(&m->zone_policy, d->unit_pages, m->block_pages);
	for (size_t i = 0; i < d->nr_blocks; i++) {
		g.kernel_pages += in_kernel_zone(&d->block[i]) ? m->block_pages : 0;
		g.movable_pages += in_movable_zone(&d->block[i]) ? m->block_pages : 0;
	}
	return g;
}

/* present_early_pages and what is in ZONE_MOVABLE, as auto_movable_stats_account_zone() adds them up. */
static void count_nodes(const struct model *m, struct policy_node *node, size_t nr)
{
	for (size_t i = 0; i < m->base->nr_zones; i++) {
		const struct zone_count *z = &m->base->zone[i];

		if (z->node >= nr)
			continue;
		if (!strcmp(z->name, zone_names[MODEL_MOVABLE]))
			node[z->node].movable_pages += z->present;
		else
			node[z->node].kernel_early_pages += z->present;
	}
	for (size_t i = 0; i < nr; i++)
		node[i].movable_pages += model_online_pages(m, (unsigned int)i, MODEL_MOVABLE);
}

/* What is online of the unit of virtio-mem that @block is in. */
static void count_unit(const struct model *m, const struct model_device *d, uint32_t block, struct policy_range *range)
{
	uint64_t unit = range->group->whole_pages / m->block_pages;

	for (size_t i = 0; range->group->dynamic && i < d->nr_blocks; i++) {
		if (d->block[i].id / unit != block / unit)
			continue;
		range->unit_kernel_pages += in_kernel_zone(&d->block[i]) ? m->block_pages : 0;
		range->unit_movable_pages += in_movable_zone(&d->block[i]) ? m->block_pages : 0;
	}
}

/* zone_for_pfn_range() */
enum model_zone model_zone_for(const struct model *m, uint32_t block, unsigned int node,
			       enum online_zone how)
{
	enum model_zone kernel = kernel_zone_for(m, block, node);
	AUTO_FREE struct policy_group *group = NULL;
	struct policy_node nodes[64] = { { 0 } };
	struct policy_memory memory = { nodes, ARRAY_SIZE(nodes), NULL, m->nr_devices };
	struct policy_range range = {
		.node = node, .nr_pages = m->block_pages, .in_kernel_zone = intersects(m, node, kernel, block),
		.in_movable_zone = intersects(m, node, MODEL_MOVABLE, block),
	};
	struct model_device *d = NULL;

	if (how != ZONE_AUTO)
		return how == ZONE_MOVABLE ? MODEL_MOVABLE : kernel;
	memory.group = group = xcalloc(m->nr_devices + 1, sizeof(*group));
	for (size_t i = 0; i < m->nr_devices; i++)
		group[i] = model_group(m, &m->device[i]);
	if (model_block_find(m, block, &d)) {
		range.group = &group[d - m->device];
		count_unit(m, d, block, &range);
	}
	count_nodes(m, nodes, ARRAY_SIZE(nodes));
	return policy_is_movable(&m->zone_policy, &memory, &range) ? MODEL_MOVABLE : kernel;
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

