// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_scene.h"

static void put_pages(struct page_writer *w, const struct scene_pages *p, enum sample_kernel kernel)
{
	bool old = kernel == SAMPLE_6_1;
	uint64_t end = p->pfn + p->nr;

	w->pfn = p->pfn;
	w->zone = p->zone;
	switch (p->look) {
	case LOOK_ONLINE:
		sample_put_online(w);
		break;
	case LOOK_FREE:
		page_writer_put_chunks(w, p->nr);
		break;
	case LOOK_ADDED:
		page_writer_put_fill(w, p->nr, 0);
		break;
	case LOOK_A5:
		page_writer_put_fill(w, p->nr, 0xa5);
		break;
	case LOOK_GARBAGE:
		page_writer_put_fill(w, p->nr, 0x55);
		break;
	case LOOK_OFFLINED:
		page_writer_put_plain(w, p->nr, 0, "", NULL);
		break;
	case LOOK_NEVER_ONLINE:
		page_writer_put_plain(w, p->nr, 1, "dirty", "offline");
		break;
	case LOOK_UNPLUGGED:
		page_writer_put_plain(w, p->nr, 1, "", "offline");
		break;
	case LOOK_NEVER_ONLINED:
		page_writer_put_plain(w, p->nr, 0, "dirty", "offline");
		break;
	case LOOK_HOSTS:
	case LOOK_HOSTED:
		page_writer_put_plain(w, p->nr, 1, old ? "reserved|owner_priv_1" : "owner_priv_1", NULL);
		break;
	case LOOK_DEVICE:
		page_writer_put_plain(w, p->nr, 1, "reserved", NULL);
		break;
	case LOOK_POISONED:
	case LOOK_POISONED_OFFLINE:
		page_writer_put_plain(w, p->nr, 1, p->look == LOOK_POISONED ? "hwpoison" : "hwpoison|dirty", NULL);
		break;
	case LOOK_GONE:
		break;
	case LOOK_COMPOUND:
		while (w->pfn < end)
			page_writer_put_compound(w, 9, !old);
		break;
	}
}

static bool is_online(enum scene_look look)
{
	return look == LOOK_ONLINE || look == LOOK_FREE || look == LOOK_NEVER_ONLINE || look == LOOK_UNPLUGGED ||
	       look == LOOK_HOSTS || look == LOOK_POISONED;
}

static uint64_t end_of(const struct sample_scene *scene, enum sample_kernel kernel)
{
	return scene->device_end && kernel == SAMPLE_6_1 ? scene->device_end : scene->end;
}

/* What lies behind the end of /proc/kpageflags is not in it. */
static void show_pages(const struct sample_scene *scene, const struct sample *s, struct snapshot *r)
{
	struct page_writer w = page_writer_begin(&s->layout, &r->pages, 0, "");
	struct page_map boot;
	size_t i = 0;

	for (const struct scene_pages *p = scene->pages; p->nr; p++)
		sample_page_remove(r, p->pfn, p->nr);
	boot = r->pages;
	r->pages = (struct page_map){ 0 };
	w.raw = r->raw;
	for (const struct scene_pages *p = scene->pages; p->nr; p++) {
		size_t from;

		for (; i < boot.nr && boot.run[i].pfn < p->pfn; i++)
			page_map_append(&r->pages, &boot.run[i]);
		if (!w.raw && p->pfn >= end_of(scene, s->kernel))
			continue;
		from = r->pages.nr;
		w.online = is_online(p->look);
		put_pages(&w, p, s->kernel);
		for (; p->pfn >= end_of(scene, s->kernel) && from < r->pages.nr; from++)
			r->pages.run[from].has_kpageflags = false;
	}
	for (; i < boot.nr; i++)
		page_map_append(&r->pages, &boot.run[i]);
	page_map_deinit(&boot);
}

static void show_blocks(const struct sample_scene *scene, struct snapshot *r)
{
	for (const struct scene_block *b = scene->block; b->id; b++)
		sample_add_block(r, b->id, b->state, b->zones, 0);
}

static void set_zone(struct zone_count *z, const struct scene_zone *is)
{
	z->start_pfn = is->start;
	z->spanned = is->spanned;
	z->present = is->present;
	z->managed = is->managed;
}

static void show_zones(const struct sample_scene *scene, struct snapshot *r)
{
	struct node_count *n = r->node;
	uint64_t end = 0;

	for (const struct scene_zone *is = scene->zone; is->name; is++) {
		struct zone_count *z = sample_zone(r, 0, is->name);

		r->mem_total_kib += (is->managed - z->managed) * 4;
		set_zone(z, is);
		z->free = is->free;
		z->pcp = is->pcp;
		z->start_pfn = is->present ? is->start : 0;
		if (r->nr_nodes)
			set_zone(sample_node_zone(r, 0, is->name), is);
	}
	n->present = 0;
	for (size_t i = 0; i < n->nr; i++) {
		n->present += n->zone[i].present;
		if (n->zone[i].spanned && n->zone[i].start_pfn + n->zone[i].spanned > end)
			end = n->zone[i].start_pfn + n->zone[i].spanned;
	}
	n->start_pfn = 1;	/* boot memory begins there */
	n->spanned = end - 1;
	n->nr_zones = scene->nr_zones;
}

static void show_ranges(const struct sample_scene *scene, struct snapshot *r)
{
	for (const struct range_entry *e = scene->iomem; e->end; e++)
		r->iomem[r->nr_iomem++] = *e;
	for (const struct range_entry *e = scene->firmware; e->end; e++)
		r->firmware[r->nr_firmware++] = *e;
}

/* What the kernel prints of its zones was not read here: samples by devices are about that. */
static void forget_texts(struct snapshot *r)
{
	counters_deinit(&r->counters);
	r->counters = (struct counters){ 0 };
	r->nr_kcore = 0;
}

void sample_scene_show(const struct sample_scene *scene, const struct sample *s, struct snapshot *r)
{
	forget_texts(r);
	show_pages(scene, s, r);
	for (r->nr_sections = 0; r->raw && scene->section[r->nr_sections].nr; r->nr_sections++)
		r->section[r->nr_sections] = scene->section[r->nr_sections];
	show_blocks(scene, r);
	show_zones(scene, r);
	show_ranges(scene, r);
	if (*scene->device[0].id)
		r->device[r->nr_devices++] = scene->device[0];
	r->memfd_bytes = scene->memfd_bytes;
	r->memmap_pages = r->has_memmap_pages ? scene->memmap_pages : 0;
	r->kpageflags_pages = end_of(scene, s->kernel);
}

const struct sample_scene *sample_scene(enum sample_state state)
{
	if (state >= SAMPLE_NAMESPACE)
		return &scenes_namespace[state - SAMPLE_NAMESPACE];
	if (state >= SAMPLE_POISONED)
		return &scenes_poisoned[state - SAMPLE_POISONED];
	if (state >= SAMPLE_HOSTED)
		return &scenes_hosted[state - SAMPLE_HOSTED];
	if (state >= SAMPLE_VMEM)
		return &scenes_virtio_mem[state - SAMPLE_VMEM];
	return NULL;
}
