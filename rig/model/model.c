// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/model.h"

#define PAGE_BYTES	4096u
#define PAGES_PER_HUGE	512u

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
		.self_hosting = config->self_hosting,
	};
	if (!m->block_pages || (config->raw && m->block_pages % config->layout->pages_per_section))
		return rig_err_set(err, RIG_AGENT, EPROTO, "a memory block of %llu bytes is no whole section",
				   (unsigned long long)config->block_bytes);
	snprintf(m->policy, sizeof(m->policy), "%s", config->policy);
	policy_parse(config->cmdline ? config->cmdline : "", &m->zone_policy);
	for (size_t i = 0; i < base->nr_nodes; i++)
		if (base->node[i].node < ARRAY_SIZE(m->nr_zones))
			m->nr_zones[base->node[i].node] = base->node[i].nr_zones;
	model_judged(m, base);
	tiers_follow(&m->tiers, model_nodes_with_memory(m));
	return 0;
}

static void device_deinit(struct model_device *d)
{
	for (size_t i = 0; i < d->nr_blocks; i++)
		free(d->block[i].unit);
	free(d->block);
}

void model_deinit(struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		device_deinit(&m->device[i]);
	free(m->device);
	free(m->namespace);
	free(m->tainted);
	free(m->kcore.ram);
	free(m->poisoned);
	*m = (struct model){ 0 };
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

bool model_node_in_use(const struct model *m, unsigned int node)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].node == node && m->device[i].nr_blocks)
			return true;
	return node < ARRAY_SIZE(m->device_span) && m->device_span[node].end;
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
	if (!model_node_in_use(m, node) && !node_at_boot(m, node) && node < ARRAY_SIZE(m->nr_zones))
		m->nr_zones[node] = 0;
}

/* mhp_supports_memmap_on_memory(): a memmap of whole huge pages */
static uint64_t memmap_pages(const struct model *m)
{
	uint64_t pages = m->raw ? m->block_pages * m->layout->page_bytes / PAGE_BYTES : m->block_pages / 64;

	return pages % PAGES_PER_HUGE ? 0 : pages;
}

void model_host_memmaps(struct model *m, struct model_device *d)
{
	bool hosts = d->self_hosted && (d->nr_blocks == 1 || m->hosting_each == SIGHT_YES);

	for (size_t i = 0; i < d->nr_blocks; i++)
		d->block[i].hosted_pages = hosts ? memmap_pages(m) : 0;
}

static void add_all_blocks(struct model *m, struct model_device *d)
{
	begin_node(m, d->node);
	for (uint64_t i = 0; i < d->nr_pages / m->block_pages; i++)
		add_block(d, (uint32_t)(d->start_pfn / m->block_pages + i));
	model_host_memmaps(m, d);
	raise_max_pages(m, d->start_pfn + d->nr_pages);
}

void model_plug(struct model *m, const struct model_plug *plug)
{
	bool on_host = plug->kind != MODEL_E820_PMEM && plug->kind != MODEL_KMEM;
	struct model_device d = {
		.kind = plug->kind, .start_pfn = plug->addr / PAGE_BYTES,
		.nr_pages = plug->size_bytes / PAGE_BYTES, .node = plug->node, .refused = plug->refused,
		.unit_pages = plug->unit_bytes / PAGE_BYTES, .size_bytes = plug->size_bytes, .slot = plug->slot,
		.backend_bytes = plug->backend_bytes || !on_host ? plug->backend_bytes : plug->size_bytes,
		.fill = plug->fill,
		.self_hosted = m->self_hosting && (plug->kind == MODEL_DIMM || plug->self_hosted),
	};

	snprintf(d.id, sizeof(d.id), "%s", plug->id);
	if ((plug->kind == MODEL_DIMM || plug->kind == MODEL_KMEM) && !plug->refused)
		add_all_blocks(m, &d);
	GROW(m->device, m->nr_devices, m->cap);
	m->device[m->nr_devices++] = d;
	if (plug->kind == MODEL_KMEM)
		tiers_take_device(&m->tiers, d.node);
	if (plug->kind == MODEL_NVDIMM || plug->kind == MODEL_E820_PMEM || plug->kind == MODEL_VIRTIO_PMEM)
		model_begin_namespace(m, &m->device[m->nr_devices - 1]);
}

/* It was offlined on its way out, if it was online. */
static void lose_block(struct model *m, const struct model_block *b)
{
	m->changes += b->class == PAGE_ONLINE;
	model_forget_poisoned(m, b->id);
	free(b->unit);
}

/* Both lists ascend: blocks that stay keep what is known of them. */
static void replace_blocks(struct model *m, struct model_device *d, const uint32_t *id, size_t nr)
{
	struct model_block *was = d->block;
	size_t nr_was = d->nr_blocks, k = 0;

	d->block = NULL;
	d->nr_blocks = 0;
	for (size_t i = 0; i < nr; i++) {
		add_block(d, id[i]);
		for (; k < nr_was && was[k].id < id[i]; k++)
			lose_block(m, &was[k]);
		if (k < nr_was && was[k].id == id[i])
			d->block[i] = was[k++];
	}
	for (; k < nr_was; k++)
		lose_block(m, &was[k]);
	free(was);
}

void model_resize(struct model *m, const char *id, uint64_t requested_bytes, uint64_t plugged_bytes,
		  const uint32_t *block, size_t nr_blocks)
{
	struct model_device *d = model_device_find(m, id);

	/* its driver offlines and onlines as it likes, and takes back what it cannot finish */
	m->kcore.unsure = true;
	/* a device that has not come to what was asked of it may try anything */
	d->grew |= plugged_bytes > d->plugged_bytes || requested_bytes != plugged_bytes;
	d->shrank |= plugged_bytes < d->plugged_bytes || requested_bytes != plugged_bytes;
	if (nr_blocks)
		begin_node(m, d->node);
	d->requested_bytes = requested_bytes;
	d->plugged_bytes = plugged_bytes;
	replace_blocks(m, d, block, nr_blocks);
	tiers_follow(&m->tiers, model_nodes_with_memory(m));
	if (nr_blocks)
		raise_max_pages(m, ((uint64_t)block[nr_blocks - 1] + 1) * m->block_pages);
}

void model_unplug(struct model *m, const char *id)
{
	struct model_device *d = model_device_find(m, id);
	bool was_kmem = d->kind == MODEL_KMEM;
	size_t i = (size_t)(d - m->device);
	unsigned int node = d->node;

	/* whoever unplugs what is online has it offlined first */
	for (size_t k = 0; k < d->nr_blocks; k++)
		lose_block(m, &d->block[k]);
	free(d->block);
	memmove(d, d + 1, (m->nr_devices - i - 1) * sizeof(*d));
	m->nr_devices--;
	tiers_follow(&m->tiers, model_nodes_with_memory(m));
	if (was_kmem)
		tiers_drop_device(&m->tiers, node);
}

/* init_currently_empty_zone(), which no error takes back */
static void use_zone(struct model *m, unsigned int node, enum model_zone zone)
{
	if (node < ARRAY_SIZE(m->nr_zones) && m->nr_zones[node] < (uint64_t)zone + 1)
		m->nr_zones[node] = (uint64_t)zone + 1;
}

/* What is plugged of a block of virtio-mem shows when it is looked at. */
static void begin_units(const struct model *m, const struct model_device *d, struct model_block *b)
{
	if (d->kind != MODEL_VIRTIO_MEM || !d->unit_pages || d->unit_pages >= m->block_pages)
		return;
	free(b->unit);
	b->nr_units = m->block_pages / d->unit_pages;
	b->unit = xcalloc(b->nr_units, sizeof(*b->unit));	/* all UNIT_FRESH */
}

enum model_zone model_online(struct model *m, uint32_t id, enum online_zone how)
{
	struct model_device *d = NULL;
	struct model_block *b = model_block_find(m, id, &d);

	b->type_left = 0;
	b->zone = model_zone_for(m, id, d->node, how);
	b->class = PAGE_ONLINE;
	b->had_kernel |= b->zone != MODEL_MOVABLE;
	m->changes++;
	begin_units(m, d, b);
	use_zone(m, d->node, b->zone);
	tiers_follow(&m->tiers, model_nodes_with_memory(m));
	return b->zone;
}

void model_veto(struct model *m, uint32_t id, enum online_zone how)
{
	struct model_device *d = NULL;
	struct model_block *b = model_block_find(m, id, &d);

	b->type_left = 0;
	b->zone = model_zone_for(m, id, d->node, how);
	b->class = PAGE_VETOED;
	use_zone(m, d->node, b->zone);
}

void model_offline(struct model *m, uint32_t id)
{
	model_block_find(m, id, NULL)->class = PAGE_OFFLINED;
	m->changes++;
	tiers_follow(&m->tiers, model_nodes_with_memory(m));
}
