// SPDX-License-Identifier: GPL-2.0-or-later
/* sample_right(): pages, sections, blocks, zones, resources of a right kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_machine.h"

enum { KPF_COPIED = 9, KPF_BUDDY = 10, KPF_NOPAGE = 20, KPF_OFFLINE = 23 };

static const struct {
	const char *name;
	int bit;
} kpf_copied[KPF_COPIED] = {
	{ "locked", 0 },       { "referenced", 2 }, { "dirty", 4 },
	{ "lru", 5 },          { "active", 6 },     { "writeback", 8 },
	{ "unevictable", 18 }, { "reserved", 32 },  { "mlocked", 33 },
};

uint64_t sample_kpageflags(const struct page_layout *l, const struct page_state *p, bool online,
			   bool free)
{
	uint64_t k = 0;

	if (!online)
		return 1ull << KPF_NOPAGE;
	for (size_t i = 0; i < KPF_COPIED; i++)
		if (p->flags & layout_flag_mask(l, kpf_copied[i].name))
			k |= 1ull << kpf_copied[i].bit;
	if (free || (p->type >= 0 && p->type == layout_type_index(l, "buddy")))
		k |= 1ull << KPF_BUDDY;
	if (p->type >= 0 && p->type == layout_type_index(l, "offline"))
		k |= 1ull << KPF_OFFLINE;
	return k;
}

/* Puts pages one behind the other into a map. */
struct writer {
	const struct page_layout *l;
	struct page_map *map;
	uint64_t pfn;
	const char *zone;
	unsigned int node;
	bool online, raw;
};

static struct page_state plain(const struct writer *w, int refcount)
{
	return (struct page_state){
		.head_pfn = PAGE_NO_HEAD,
		.order = PAGE_NO_ORDER,
		.type = PAGE_TYPE_NONE,
		.type_word = UINT32_MAX,
		.refcount = refcount,
		.node = (uint16_t)w->node,
		.zone = (uint8_t)layout_zone_index(w->l, w->zone),
	};
}

static void put(struct writer *w, uint64_t nr, struct page_state state, bool free)
{
	struct page_run run = { .pfn = w->pfn, .nr = nr, .state = state, .has_kpageflags = true };

	run.kpageflags = sample_kpageflags(w->l, &state, w->online, free);
	/* an uninitialised page has no link that could be told */
	if (!w->raw)
		run.state = (struct page_state){ 0 };
	page_map_append(w->map, &run);
	w->pfn += nr;
}

static void put_type(struct writer *w, struct page_state *state, const char *name)
{
	int type = layout_type_index(w->l, name);

	state->type = (int16_t)type;
	state->type_word = w->l->type_encoding == TYPE_TOP_BYTE ? w->l->type[type].value << 24
								: ~w->l->type[type].value;
}

static void put_chunk(struct writer *w, int order)
{
	struct page_state head = plain(w, 0);

	put_type(w, &head, "buddy");
	head.order = (int16_t)order;
	put(w, 1, head, true);
	if (order)
		put(w, (1ull << order) - 1, plain(w, 0), true);
}

static void put_used(struct writer *w, uint64_t nr)
{
	struct page_state used = plain(w, 1);

	used.flags = layout_flag_mask(w->l, "uptodate") | layout_flag_mask(w->l, "lru");
	used.type_word = 0;
	used.mapcount = 1;
	put(w, nr, used, false);
}

static void put_reserved(struct writer *w, uint64_t nr)
{
	struct page_state reserved = plain(w, 1);

	reserved.flags = layout_flag_mask(w->l, "reserved");
	put(w, nr, reserved, false);
}

static void put_boot(struct writer *w)
{
	*w = (struct writer){
		.l = w->l, .map = w->map, .zone = "DMA", .online = true, .raw = w->raw
	};
	put_reserved(w, SAMPLE_BOOT_DMA);
	put_chunk(w, 8);
	put_chunk(w, 9);
	for (int i = 0; i < 3; i++)
		put_chunk(w, 10);
	w->zone = "DMA32";
	put_reserved(w, SAMPLE_BOOT_FREE - SAMPLE_BOOT_RESERVED);
	while (w->pfn < SAMPLE_BOOT_PCP)
		put_chunk(w, 10);
	put(w, 8, plain(w, 0), false);
	put_used(w, SAMPLE_BOOT_HOLE - SAMPLE_BOOT_PCP - 8);
	put_reserved(w, 32);
}

static void put_online(struct writer *w)
{
	uint64_t start = w->pfn;
	struct page_state head = plain(w, 1), tail = plain(w, 0);

	head.flags = layout_flag_mask(w->l, "head") | layout_flag_mask(w->l, "uptodate");
	tail.head_pfn = (int64_t)w->pfn;
	put(w, 1, head, false);
	put(w, 3, tail, false);
	put_used(w, 2);
	put(w, 2, plain(w, 0), false);
	for (int order = 3; order < 10; order++)
		put_chunk(w, order);
	while (w->pfn < start + SAMPLE_BLOCK_PAGES)
		put_chunk(w, 10);
}

static void put_block(struct writer *w, const struct sample *s, const struct model_block *b)
{
	struct page_state state;

	w->online = b->class == PAGE_ONLINE;
	w->zone = model_zone_name(b->zone);
	state = plain(w, 0);
	if (b->class == PAGE_ONLINE) {
		put_online(w);
		return;
	}
	if (b->class == PAGE_ADDED)
		state = (struct page_state){ .head_pfn = PAGE_NO_HEAD,
					     .order = PAGE_NO_ORDER,
					     .type = PAGE_TYPE_NONE,
					     .mapcount = 1,
					     .all_zero = true };
	if (b->class == PAGE_VETOED) {
		state.refcount = 1;
		if (s->kernel == SAMPLE_6_1)
			state.flags = layout_flag_mask(w->l, "reserved");
		else
			put_type(w, &state, "offline");
	}
	put(w, SAMPLE_BLOCK_PAGES, state, false);
}

static void pages_and_sections(const struct sample *s, struct snapshot *r)
{
	struct writer w = { .l = &s->layout, .map = &r->pages, .raw = s->model.raw };

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

static void add_block(struct snapshot *r, uint32_t id, const char *state, const char *zones,
		      unsigned int node)
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
static const char *zones_of(const struct model_block *b)
{
	if (b->class == PAGE_ONLINE)
		return model_zone_name(b->zone);
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
		add_block(r, id, "online", id ? "DMA32" : "none", 0);
	for (size_t i = 0; i < s->model.nr_devices; i++) {
		const struct model_device *d = &s->model.device[i];

		for (size_t k = 0; k < d->nr_blocks; k++)
			add_block(r, d->block[k].id,
				  d->block[k].class == PAGE_ONLINE ? "online" : "offline",
				  zones_of(&d->block[k]), d->node);
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

	r->iomem = xcalloc(s->base.nr_iomem + 4, sizeof(*r->iomem));
	r->firmware = xcalloc(s->base.nr_firmware + 4, sizeof(*r->firmware));
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

void sample_right(const struct sample *s, struct snapshot *ret)
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
	*ret = r;
}
