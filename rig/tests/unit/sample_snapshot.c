// SPDX-License-Identifier: GPL-2.0-or-later
/* sample_right(): pages, sections, blocks, zones, resources of a right kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_counters.h"
#include "sample_scene.h"

static void put_boot(struct page_writer *w)
{
	w->zone = "DMA";
	w->online = true;
	page_writer_put_plain(w, SAMPLE_BOOT_DMA, 1, "reserved", NULL);
	page_writer_put_chunks(w, 0x1000 - SAMPLE_BOOT_DMA);
	w->zone = "DMA32";
	page_writer_put_plain(w, SAMPLE_BOOT_FREE - SAMPLE_BOOT_RESERVED, 1, "reserved", NULL);
	page_writer_put_chunks(w, SAMPLE_BOOT_PCP - SAMPLE_BOOT_FREE);
	page_writer_put_plain(w, 8, 0, "", NULL);
	page_writer_put_used(w, SAMPLE_BOOT_HOLE - SAMPLE_BOOT_PCP - 8);
	page_writer_put_plain(w, 32, 1, "reserved", NULL);
}

void sample_put_online(struct page_writer *w)
{
	struct page_state tail = page_writer_state(w, 0, "", NULL);

	tail.head_pfn = (int64_t)w->pfn;
	page_writer_put_plain(w, 1, 1, "head|uptodate", NULL);
	page_writer_put(w, 3, &tail);
	page_writer_put_used(w, 2);
	page_writer_put_plain(w, 2, 0, "", NULL);
	page_writer_put_chunks(w, SAMPLE_BLOCK_PAGES - 8);
}

static void put_block(struct page_writer *w, const struct sample *s, const struct model_block *b)
{
	bool reserved = s->kernel == SAMPLE_6_1;

	w->online = b->class == PAGE_ONLINE;
	w->zone = model_zone_name(b->zone);
	if (b->class == PAGE_ONLINE)
		sample_put_online(w);
	else if (b->class == PAGE_ADDED)
		page_writer_put_fill(w, SAMPLE_BLOCK_PAGES, 0);
	else if (b->class == PAGE_VETOED)
		page_writer_put_plain(w, SAMPLE_BLOCK_PAGES, 1, reserved ? "reserved" : "", reserved ? NULL : "offline");
	else
		page_writer_put_plain(w, SAMPLE_BLOCK_PAGES, 0, "", NULL);
}

static void pages_and_sections(const struct sample *s, struct snapshot *r)
{
	struct page_writer w = { .l = &s->layout, .map = &r->pages, .raw = s->model.raw };

	put_boot(&w);
	r->section = xcalloc(8, sizeof(*r->section));
	r->section[r->nr_sections++] = (struct section_run){ 0, 16, 0xf, UINT64_MAX };
	for (size_t i = 0; i < s->model.nr_devices; i++)
		for (size_t k = 0; k < s->model.device[i].nr_blocks; k++) {
			const struct model_block *b = &s->model.device[i].block[k];

			w.pfn = b->id * SAMPLE_BLOCK_PAGES;
			w.node = s->model.device[i].node;
			put_block(&w, s, b);
			r->section[r->nr_sections++] = (struct section_run){
				b->id,
				1,
				b->class == PAGE_ONLINE ? 0x7 : 0x3,
				UINT64_MAX,
			};
		}
}

void sample_add_block(struct snapshot *r, uint32_t id, const char *state, const char *zones, unsigned int node)
{
	struct block_info *b = &r->block[r->nr_blocks++];

	*b = (struct block_info){ .id = id, .node = { node }, .nr_nodes = 1 };
	strcpy(b->state, state);
	strcpy(b->zones, zones);
	strcpy(b->removable, "1");
	snprintf(b->phys_index, sizeof(b->phys_index), "%08x", id);
	r->links[node].block[r->links[node].nr++] = id;
}

/* valid_zones as the kernel's rules say for the states that a sample can be in */
static const char *zones_of(const struct sample *s, const struct model_block *b)
{
	struct model_device *d = model_device_find(&s->model, "d1");

	if (b->class == PAGE_ONLINE)
		return model_zone_name(b->zone);
	/* inside of Movable, with nothing in Normal */
	if (b->id == 33 && d && !d->node)
		return "Movable Normal";
	/* both zones are empty there, or end where the block begins: Normal is the default */
	return "Normal Movable";
}

static void blocks(const struct sample *s, struct snapshot *r)
{
	r->block = xcalloc(20, sizeof(*r->block));
	r->links = xcalloc(2, sizeof(*r->links));
	for (unsigned int n = 0; n < 2; n++) {
		r->links[n].node = n;
		r->links[n].block = xcalloc(20, sizeof(*r->links[n].block));
	}
	for (uint32_t id = 0; id < 16; id++)
		sample_add_block(r, id, "online", id ? "DMA32" : "none", 0);
	for (size_t i = 0; i < s->model.nr_devices; i++) {
		const struct model_device *d = &s->model.device[i];

		for (size_t k = 0; k < d->nr_blocks; k++)
			sample_add_block(r, d->block[k].id,
				  d->block[k].class == PAGE_ONLINE ? "online" : "offline",
				  zones_of(s, &d->block[k]), d->node);
	}
	/* node 1 exists in sysfs only while it has memory: it has no CPU */
	r->nr_links = r->links[1].nr ? 2 : 1;
	if (r->nr_links == 1)
		free(r->links[1].block);
}

/* Boot's share of a zone, and what the blocks add: worked out from the blocks alone. */
static struct zone_count zone_of(const struct sample *s, unsigned int node, const char *name)
{
	struct zone_count z = { .node = node, .quiet = true };
	uint64_t start = UINT64_MAX, end = 0;

	strcpy(z.name, name);
	if (!node && !strcmp(name, "DMA"))
		z = (struct zone_count){ .name = "DMA",
					 .start_pfn = 1,
					 .spanned = 4095,
					 .present = 4095,
					 .managed = 3840,
					 .free = 3840,
					 .quiet = true };
	if (!node && !strcmp(name, "DMA32"))
		z = (struct zone_count){ .name = "DMA32",
					 .start_pfn = 0x1000,
					 .spanned = 520160,
					 .present = 520160,
					 .managed = 486368,
					 .free = SAMPLE_BOOT_PCP - SAMPLE_BOOT_FREE,
					 .pcp = 8,
					 .quiet = true };
	for (size_t i = 0; i < s->model.nr_devices; i++)
		for (size_t k = 0; k < s->model.device[i].nr_blocks; k++) {
			const struct model_block *b = &s->model.device[i].block[k];
			uint64_t pfn = b->id * SAMPLE_BLOCK_PAGES;

			if (s->model.device[i].node != node || b->class != PAGE_ONLINE ||
			    strcmp(model_zone_name(b->zone), name))
				continue;
			start = pfn < start ? pfn : start;
			end = pfn + SAMPLE_BLOCK_PAGES > end ? pfn + SAMPLE_BLOCK_PAGES : end;
			z.present += SAMPLE_BLOCK_PAGES;
			z.managed += SAMPLE_BLOCK_PAGES;
			z.free += SAMPLE_BLOCK_PAGES - 8;
			z.pcp += 2;
		}
	if (end) { /* no boot zone ever gets a block here */
		z.start_pfn = start;
		z.spanned = end - start;
	}
	return z;
}

static void node(const struct sample *s, struct snapshot *r, unsigned int id)
{
	struct node_count *n = &r->node[r->nr_nodes++];
	uint64_t start = UINT64_MAX, end = 0;

	*n = (struct node_count){ .node = id, .nr_zones = s->model.nr_zones[id] };
	if (!s->base.nr_nodes) /* at boot: DMA and DMA32 of node 0 */
		n->nr_zones = id ? 0 : 2;
	for (size_t i = 0; i < s->layout.nr_zones; i++) {
		struct zone_count z = zone_of(s, id, s->layout.zone_name[i]);

		if (!id || r->nr_links == 2)
			r->zone[r->nr_zones++] = z;
		z.free = z.pcp = 0;
		n->zone[n->nr++] = z;
		n->present += z.present;
		if (z.spanned && z.start_pfn < start)
			start = z.start_pfn;
		if (z.spanned && z.start_pfn + z.spanned > end)
			end = z.start_pfn + z.spanned;
	}
	n->start_pfn = end ? start : 0;
	n->spanned = end ? end - start : 0;
}

static void host(const struct sample *s, struct snapshot *r)
{
	struct range_entry ram = { .name = "System RAM" };

	r->iomem = xcalloc(s->base.nr_iomem + 8, sizeof(*r->iomem));
	r->firmware = xcalloc(s->base.nr_firmware + 8, sizeof(*r->firmware));
	r->device = xcalloc(2, sizeof(*r->device));
	memcpy(r->iomem, s->base.iomem, s->base.nr_iomem * sizeof(*r->iomem));
	memcpy(r->firmware, s->base.firmware, s->base.nr_firmware * sizeof(*r->firmware));
	r->nr_iomem = s->base.nr_iomem;
	r->nr_firmware = s->base.nr_firmware;
	for (size_t i = 0; i < s->model.nr_devices; i++) {
		const struct model_device *d = &s->model.device[i];
		struct host_device *h = &r->device[r->nr_devices++];

		strcpy(h->id, d->id);
		h->addr = d->start_pfn * 4096;
		h->size_bytes = d->nr_pages * 4096;
		h->slot = h->node = d->node;
		r->memfd_bytes += h->size_bytes;
		ram.start = h->addr;
		ram.end = h->addr + h->size_bytes - 1;
		if (!d->refused)
			r->iomem[r->nr_iomem++] = r->firmware[r->nr_firmware++] = ram;
	}
}

static void right_by_devices(const struct sample *s, struct snapshot *ret)
{
	struct snapshot r = { .raw = s->model.raw,
			      .whole = true,
			      .kpageflags_pages = s->model.max_pages,
			      .mem_total_kib = s->base.mem_total_kib,
			      .has_memmap_pages = s->base.has_memmap_pages };
	uint64_t memory = 1;

	pages_and_sections(s, &r);
	blocks(s, &r);
	r.zone = xcalloc(2 * LAYOUT_MAX_ZONES, sizeof(*r.zone));
	r.node = xcalloc(2, sizeof(*r.node));
	node(s, &r, 0);
	node(s, &r, 1);
	if (!r.raw)
		r.nr_nodes = r.nr_sections = 0;
	host(s, &r);
	for (size_t i = 0; i < s->model.nr_devices; i++)
		for (size_t k = 0; k < s->model.device[i].nr_blocks; k++) {
			bool on = s->model.device[i].block[k].class == PAGE_ONLINE;

			r.mem_total_kib += on ? SAMPLE_BLOCK_PAGES * 4 : 0;
			r.memmap_pages += r.has_memmap_pages ? 512 : 0;
			memory |= on ? 1ull << s->model.device[i].node : 0;
		}
	strcpy(r.node_online, r.nr_links == 2 ? "0-1" : "0");
	strcpy(r.has_memory, memory == 3 ? "0-1" : "0");
	strcpy(r.auto_online, "offline");
	sample_counters(s, &r);
	*ret = r;
}

void sample_right(const struct sample *s, struct snapshot *ret)
{
	if (s->scene) {
		sample_boot(s, s->model.raw, ret);
		sample_scene_show(s->scene, s, ret);
	} else {
		right_by_devices(s, ret);
	}
	sample_add_memory_blocks(s, ret);
	sample_add_resources(s, ret);
	sample_add_zones(s, ret);
	sample_add_mappings(s, ret);
}
