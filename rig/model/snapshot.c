// SPDX-License-Identifier: GPL-2.0-or-later
/* What the parsers share, and memory blocks, sections and devices; the rest is beside. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/snapshot_parse.h"

/* 4 PiB in sections of 128 MiB: no kernel has more, and nobody has to count further */
#define MAX_SECTIONS (1u << 25)

int snapshot_refuse(struct rig_err *err, const char *what)
{
	return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: %s", what);
}

bool snapshot_take_integer(const json_t *v, uint64_t max, uint64_t *ret)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

bool snapshot_take_number(const json_t *o, const char *key, uint64_t max, uint64_t *ret)
{
	return snapshot_take_integer(json_object_get(o, key), max, ret);
}

bool snapshot_take_text(const json_t *o, const char *key, char *ret, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (!s || strlen(s) >= size)
		return false;
	strcpy(ret, s);
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}

bool snapshot_take_option(const json_t *o, const char *key, char *ret, size_t size)
{
	if (json_object_get(o, key))
		return snapshot_take_text(o, key, ret, size);
	*ret = '\0';
	return true;
}

bool snapshot_take_hex(const char *text, uint64_t *ret)
{
	size_t digits;
	uint64_t v;

	text += strncmp(text, "0x", 2) ? 0 : 2;
	digits = strspn(text, "0123456789abcdef");
	if (!digits || text[digits])
		return false;
	errno = 0;
	v = strtoull(text, NULL, 16);
	if (errno)
		return false;
	*ret = v;
	return true;
}

static int by_block_id(const void *a, const void *b)
{
	const struct block_info *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool block_nodes(const json_t *list, struct block_info *b)
{
	const json_t *o;
	uint64_t nid;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, o) {
		if (!snapshot_take_integer(o, SNAPSHOT_MAX_NODE, &nid))
			return false;
		/* a kernel may link a block to every node: wrong, but not the agent's fault */
		if (b->nr_nodes < ARRAY_SIZE(b->node))
			b->node[b->nr_nodes++] = (unsigned int)nid;
	}
	return true;
}

static bool one_block(const json_t *o, struct block_info *b)
{
	uint64_t id, index;

	if (!snapshot_take_number(o, "id", UINT32_MAX, &id))
		return false;
	b->id = (uint32_t)id;
	return snapshot_take_text(o, "state", b->state, sizeof(b->state)) &&
	       snapshot_take_text(o, "phys-index", b->phys_index, sizeof(b->phys_index)) &&
	       snapshot_take_hex(b->phys_index, &index) &&
	       snapshot_take_option(o, "valid-zones", b->zones, sizeof(b->zones)) &&
	       snapshot_take_option(o, "phys-device", b->phys_device, sizeof(b->phys_device)) &&
	       snapshot_take_option(o, "removable", b->removable, sizeof(b->removable)) &&
	       block_nodes(json_object_get(o, "nodes"), b);
}

int snapshot_parse_blocks(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "blocks"), *o;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > SNAPSHOT_MAX_BLOCKS)
		return snapshot_refuse(err, "memory blocks");
	s->block = xcalloc(json_array_size(list), sizeof(*s->block));
	json_array_foreach(list, i, o)
		if (!one_block(o, &s->block[s->nr_blocks++]))
			return snapshot_refuse(err, "a memory block");
	qsort(s->block, s->nr_blocks, sizeof(*s->block), by_block_id);
	/* each is a folder of its own, so none comes twice */
	for (i = 1; i < s->nr_blocks; i++)
		if (s->block[i].id == s->block[i - 1].id)
			return snapshot_refuse(err, "a memory block comes twice");
	return 0;
}

int snapshot_parse_sections(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "sections"), *o;
	size_t i, cap = 0;
	uint64_t behind = 0;

	if (!json_is_array(list))
		return snapshot_refuse(err, "sections");
	json_array_foreach(list, i, o) {
		const char *map = json_string_value(json_array_get(o, 3));
		struct section_run r = { 0 };

		if (json_array_size(o) != 4 || !map ||
		    !snapshot_take_integer(json_array_get(o, 0), MAX_SECTIONS, &r.first) ||
		    !snapshot_take_integer(json_array_get(o, 1), MAX_SECTIONS - r.first, &r.nr) ||
		    !r.nr || !snapshot_take_integer(json_array_get(o, 2), INT64_MAX, &r.marks) ||
		    !snapshot_take_hex(map, &r.subsections))
			return snapshot_refuse(err, "a section");
		if (r.first < behind)
			return snapshot_refuse(err, "sections out of order");
		behind = r.first + r.nr;
		GROW(s->section, s->nr_sections, cap);
		s->section[s->nr_sections++] = r;
	}
	return 0;
}

/* Of a virtio-mem device; the other kinds have neither. */
static bool take_sizes(const json_t *data, struct host_device *d)
{
	return snapshot_take_number(data, "requested-size", INT64_MAX, &d->requested_bytes) &&
	       snapshot_take_number(data, "max-size", INT64_MAX, &d->max_bytes) &&
	       snapshot_take_number(data, "block-size", INT64_MAX, &d->unit_bytes);
}

int snapshot_parse_devices(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *o;
	size_t i, cap = 0;

	json_array_foreach(answer, i, o) {
		const json_t *data = json_object_get(o, "data");
		const char *type = json_string_value(json_object_get(o, "type"));
		bool virtio = type && !strncmp(type, "virtio-", 7);
		struct host_device d = { .slot = -1, .node = -1 };

		if (!snapshot_take_text(data, "id", d.id, sizeof(d.id)) ||
		    !snapshot_take_number(data, virtio ? "memaddr" : "addr", INT64_MAX, &d.addr) ||
		    !snapshot_take_number(data, "size", INT64_MAX, &d.size_bytes) ||
		    (virtio && !strcmp(type, "virtio-mem") && !take_sizes(data, &d)))
			return rig_err_set(err, RIG_QEMU, EBADMSG, "query-memory-devices: unknown shape");
		if (json_is_integer(json_object_get(data, "slot")))
			d.slot = json_integer_value(json_object_get(data, "slot"));
		if (json_is_integer(json_object_get(data, "node")))
			d.node = json_integer_value(json_object_get(data, "node"));
		GROW(s->device, s->nr_devices, cap);
		s->device[s->nr_devices++] = d;
	}
	return 0;
}

const struct zone_count *snapshot_zone(const struct snapshot *s, unsigned int node, const char *name)
{
	for (size_t i = 0; i < s->nr_zones; i++)
		if (s->zone[i].node == node && !strcmp(s->zone[i].name, name))
			return &s->zone[i];
	return NULL;
}

const struct zone_count *snapshot_node_zone(const struct snapshot *s, unsigned int node, const char *name)
{
	for (size_t i = 0; i < s->nr_nodes; i++)
		for (size_t k = 0; s->node[i].node == node && k < s->node[i].nr; k++)
			if (!strcmp(s->node[i].zone[k].name, name))
				return &s->node[i].zone[k];
	return NULL;
}

bool snapshot_covers(const struct snapshot *s, const struct snapshot *base, const struct zone_count *z)
{
	const struct zone_count *boot = s->whole ? NULL : snapshot_zone(base, z->node, z->name);

	return !boot || !boot->present;
}

const struct block_info *snapshot_block(const struct snapshot *s, uint32_t id)
{
	const struct block_info key = { .id = id };

	return s->nr_blocks ? bsearch(&key, s->block, s->nr_blocks, sizeof(key), by_block_id) : NULL;
}

static int by_memory_block_id(const void *a, const void *b)
{
	const struct memory_block *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

const struct memory_block *snapshot_memory_block(const struct snapshot *s, uint64_t id)
{
	const struct memory_block key = { .id = id };

	return s->nr_memory_blocks ? bsearch(&key, s->memory_block, s->nr_memory_blocks, sizeof(key),
					     by_memory_block_id) : NULL;
}

#define KERNEL_TEXT	0xffffffff80000000ull
#define NO_ADDRESS	UINT64_MAX	/* of segments that are no linear map */
#define VMALLOC_AT_LEAST (1ull << 43)	/* no memmap is as large */

bool snapshot_kcore_is_ram(const struct kcore_segment *k)
{
	return k->paddr != NO_ADDRESS && k->vaddr < KERNEL_TEXT;
}

bool snapshot_kcore_is_memmap(const struct kcore_segment *k)
{
	return k->paddr == NO_ADDRESS && k->vaddr < KERNEL_TEXT && k->size_bytes < VMALLOC_AT_LEAST;
}

const struct page_map *snapshot_moment(const struct snapshot *s)
{
	return s->outside.there ? &s->outside.pages : &s->pages;
}

const struct node_count *snapshot_moment_nodes(const struct snapshot *s, size_t *nr)
{
	*nr = s->outside.there ? s->outside.nr_nodes : s->nr_nodes;
	return s->outside.there ? s->outside.node : s->node;
}

static const struct zone_count *counted_zone(const struct outside_view *o, const struct zone_count *z)
{
	for (size_t i = 0; i < o->nr_nodes; i++)
		for (size_t k = 0; o->node[i].node == z->node && k < o->node[i].nr; k++)
			if (!strcmp(o->node[i].zone[k].name, z->name))
				return o->node[i].zone[k].counted ? &o->node[i].zone[k] : NULL;
	return NULL;
}

bool snapshot_count_outside(struct snapshot *s)
{
	bool all = s->outside.there;

	for (size_t i = 0; i < s->nr_zones && all; i++)
		all = counted_zone(&s->outside, &s->zone[i]);
	for (size_t i = 0; i < s->nr_zones && all; i++) {
		const struct zone_count *z = counted_zone(&s->outside, &s->zone[i]);

		s->zone[i].free = z->free;
		s->zone[i].pcp = z->pcp;
		s->zone[i].quiet = true;
	}
	return all;
}

static void outside_deinit(struct outside_view *o)
{
	page_map_deinit(&o->pages);
	page_map_deinit(&o->faults);
	pageblock_map_deinit(&o->pageblocks);
	free(o->section);
	free(o->node);
	*o = (struct outside_view){ 0 };
}

void snapshot_adopt_outside(struct snapshot *s)
{
	struct outside_view o = s->outside;

	free(s->section);
	free(s->node);
	page_map_deinit(&s->pages);
	page_map_deinit(&s->faults);
	pageblock_map_deinit(&s->pageblocks);
	s->pages = o.pages;
	s->faults = o.faults;
	s->pageblocks = o.pageblocks;
	s->section = o.section;
	s->nr_sections = o.nr_sections;
	s->node = o.node;
	s->nr_nodes = o.nr_nodes;
	s->outside = (struct outside_view){ 0 };
	s->raw = s->from_outside = true;
}

void snapshot_deinit(struct snapshot *s)
{
	outside_deinit(&s->outside);
	for (size_t i = 0; i < s->nr_links; i++)
		free(s->links[i].block);
	free(s->zone);
	free(s->node);
	free(s->iomem);
	free(s->firmware);
	free(s->links);
	free(s->block);
	free(s->section);
	free(s->device);
	page_map_deinit(&s->pages);
	page_map_deinit(&s->faults);
	for (size_t i = 0; i < s->nr_holders; i++)
		page_map_deinit(&s->holders[i].pages);
	free(s->holders);
	free(s->memory_block);
	free(s->resource);
	mapping_list_deinit(&s->direct_map);
	mapping_list_deinit(&s->memmap_map);
	pageblock_map_deinit(&s->pageblocks);
	counters_deinit(&s->counters);
	free(s->kcore);
	free(s->kcore_page);
	*s = (struct snapshot){ 0 };
}
