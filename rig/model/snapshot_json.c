// SPDX-License-Identifier: GPL-2.0-or-later
/* What a record keeps of a snapshot: lossless, names instead of bit numbers. */
#include <inttypes.h>
#include <string.h>

#include "base/clean.h"
#include "model/snapshot.h"

static json_t *hex(uint64_t v)
{
	return json_sprintf("0x%" PRIx64, v);
}

/* Which of the owners of ZONE_DEVICE pages, counted by place: an address tells nothing to who reads a record. */
static int owner_number(const struct snapshot *s, size_t i)
{
	uint64_t known[64];
	int nr = 0, at = 0;

	for (size_t k = 0; k <= i && nr < (int)ARRAY_SIZE(known); k++) {
		uint64_t pgmap = s->pages.run[k].state.pgmap;

		if (pgmap == PAGE_PGMAP_UNKNOWN || pgmap == PAGE_PGMAP_NONE)
			continue;
		for (at = 0; at < nr && known[at] != pgmap; at++)
			;
		if (at == nr)
			known[nr++] = pgmap;
	}
	return s->pages.run[i].state.pgmap == PAGE_PGMAP_NONE ? 0 : at + 1;
}

json_t *snapshot_run_json(const struct page_layout *l, const struct snapshot *s, size_t i)
{
	const struct page_run *r = &s->pages.run[i];
	const struct page_state *p = &r->state;
	json_t *o = json_pack("{sosI}", "pfn", hex(r->pfn), "nr", (json_int_t)r->nr);
	char flags[512];

	if (s->raw) {
		json_object_set_new(o, "flags", json_string(page_flags_text(l, p->flags, flags, sizeof(flags))));
		json_object_set_new(o, "type", json_string(page_type_name(l, p->type)));
		json_object_set_new(o, "type_word", hex(p->type_word));
		json_object_set_new(o, "refcount", json_integer(p->refcount));
		json_object_set_new(o, "mapcount", json_integer(p->mapcount));
		json_object_set_new(o, "zone", json_string(p->zone < l->nr_zones ? l->zone_name[p->zone] : "?"));
		json_object_set_new(o, "node", json_integer(p->node));
		if (p->order != PAGE_NO_ORDER)
			json_object_set_new(o, "order", json_integer(p->order));
		if (p->head_pfn != PAGE_NO_HEAD)
			json_object_set_new(o, "head", hex((uint64_t)p->head_pfn));
		if (p->all_zero || p->all_ones)
			json_object_set_new(o, "bytes", json_string(p->all_zero ? "0x00" : "0xff"));
		if (p->pgmap != PAGE_PGMAP_UNKNOWN)
			json_object_set_new(o, "pgmap", json_integer(owner_number(s, i)));
	}
	if (r->has_kpageflags)
		json_object_set_new(o, "kpageflags", hex(r->kpageflags));
	if (r->counted)
		json_object_set_new(o, "counted", json_true());
	return o;
}

static json_t *zone_json(const struct zone_count *z)
{
	return json_pack("{si ss sI sI sI sI sI sI sb}", "node", (int)z->node, "zone", z->name, "start",
			 (json_int_t)z->start_pfn, "spanned", (json_int_t)z->spanned, "present",
			 (json_int_t)z->present, "managed", (json_int_t)z->managed, "free",
			 (json_int_t)z->free, "pcp", (json_int_t)z->pcp, "quiet", z->quiet);
}

/* As the kernel keeps it. */
static json_t *raw_zone_json(const struct zone_count *z)
{
	return json_pack("{si ss sI sI sI sI sI sI sI sb sb}", "node", (int)z->node, "zone", z->name, "start",
			 (json_int_t)z->start_pfn, "spanned", (json_int_t)z->spanned, "present",
			 (json_int_t)z->present, "managed", (json_int_t)z->managed, "early",
			 (json_int_t)z->present_early, "cma", (json_int_t)z->cma, "isolated",
			 (json_int_t)z->isolated, "contiguous", z->contiguous, "initialized", z->initialized);
}

/* Each zone as its node and its place there. */
static json_t *zonelists_json(const struct node_count *n)
{
	json_t *lists = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(n->list) && n->list[i].there; i++) {
		json_t *list = json_array();

		for (uint32_t k = 0; k < n->list[i].nr; k++)
			json_array_append_new(list, json_pack("[ii]", n->list[i].ref[k].node,
							      n->list[i].ref[k].zone));
		json_array_append_new(lists, list);
	}
	return lists;
}

static json_t *pageblocks_json(const struct pageblock_map *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->nr; i++)
		json_array_append_new(list, json_pack("{sosIss}", "pfn", hex(m->run[i].pfn), "nr",
						      (json_int_t)m->run[i].nr, "type",
						      pageblock_type_name(m->run[i].type)));
	return list;
}

static json_t *ranges(const struct range_entry *e, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{sososiss*}", "start", hex(e[i].start), "end",
						      hex(e[i].end), "depth", (int)e[i].depth, "name",
						      e[i].name));
	return list;
}

/* Where pages are; what they are stands elsewhere, or nowhere. */
static void add_places(json_t *list, const struct page_map *m)
{
	for (size_t i = 0; i < m->nr; i++)
		json_array_append_new(list, json_pack("{sosI}", "pfn", hex(m->run[i].pfn), "nr",
						      (json_int_t)m->run[i].nr));
}

static json_t *places(const struct page_map *m)
{
	json_t *list = json_array();

	add_places(list, m);
	return list;
}

static json_t *holders(const struct snapshot *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nr_holders; i++)
		add_places(list, &s->holders[i].pages);
	return list;
}

/* Who saw the pages: both, where they agree or a finding says that they do not. */
static json_t *seen_by(const struct snapshot *s)
{
	json_t *list = json_array();

	if (!s->from_outside)
		json_array_append_new(list, json_string("agent"));
	if (s->from_outside || s->outside.there)
		json_array_append_new(list, json_string("outside"));
	return list;
}

json_t *snapshot_rest_json(const struct snapshot *s)
{
	json_t *zones = json_array(), *nodes = json_array(), *blocks = json_array();
	json_t *sections = json_array(), *devices = json_array();

	for (size_t i = 0; i < s->nr_zones; i++)
		json_array_append_new(zones, zone_json(&s->zone[i]));
	for (size_t i = 0; i < s->nr_nodes; i++) {
		const struct node_count *n = &s->node[i];
		json_t *list = json_array();

		for (size_t k = 0; k < n->nr; k++)
			json_array_append_new(list, raw_zone_json(&n->zone[k]));
		json_array_append_new(nodes, json_pack("{sisIsIsIsIsoso}", "node", (int)n->node, "start",
						       (json_int_t)n->start_pfn, "spanned",
						       (json_int_t)n->spanned, "present",
						       (json_int_t)n->present, "nr_zones",
						       (json_int_t)n->nr_zones, "zones", list, "zonelists",
						       zonelists_json(n)));
	}
	for (size_t i = 0; i < s->nr_blocks; i++) {
		const struct block_info *b = &s->block[i];
		json_t *on = json_array();

		for (size_t k = 0; k < b->nr_nodes; k++)
			json_array_append_new(on, json_integer(b->node[k]));
		json_array_append_new(blocks, json_pack("{si ss ss ss so}", "id", (int)b->id, "state",
							b->state, "zones", b->zones, "removable",
							b->removable, "nodes", on));
	}
	for (size_t i = 0; i < s->nr_sections; i++)
		json_array_append_new(sections, json_pack("{sIsIsoso}", "first",
							  (json_int_t)s->section[i].first, "nr",
							  (json_int_t)s->section[i].nr, "marks",
							  hex(s->section[i].marks), "subsections",
							  hex(s->section[i].subsections)));
	for (size_t i = 0; i < s->nr_devices; i++)
		json_array_append_new(devices, json_pack("{sssosIsIsI}", "id", s->device[i].id, "addr",
							 hex(s->device[i].addr), "bytes",
							 (json_int_t)s->device[i].size_bytes, "slot",
							 (json_int_t)s->device[i].slot, "node",
							 (json_int_t)s->device[i].node));
	return json_pack("{so so so so so so so so so so so so sI sI sI ss ss ss sb}",
			 "seen_by", seen_by(s), "faults", places(&s->faults), "holders", holders(s),
			 "pageblocks", pageblocks_json(&s->pageblocks), "sections", sections, "blocks", blocks,
			 "zones", zones, "nodes", nodes, "iomem", ranges(s->iomem, s->nr_iomem),
			 "firmware", ranges(s->firmware, s->nr_firmware), "devices", devices,
			 "memmap_pages", s->has_memmap_pages ? json_integer((json_int_t)s->memmap_pages) :
							      json_null(),
			 "mem_total_kib", (json_int_t)s->mem_total_kib, "kpageflags_pages",
			 (json_int_t)s->kpageflags_pages, "memfd_bytes", (json_int_t)s->memfd_bytes,
			 "node_online", s->node_online, "has_memory", s->has_memory, "auto_online",
			 s->auto_online, "whole", s->whole);
}

json_t *snapshot_json(const struct page_layout *l, const struct snapshot *s)
{
	json_t *o = json_object(), *pages = json_array();
	json_auto_t *rest = snapshot_rest_json(s);

	for (size_t i = 0; i < s->pages.nr; i++)
		json_array_append_new(pages, snapshot_run_json(l, s, i));
	json_object_set_new(o, "pages", pages);
	json_object_update(o, rest);
	return o;
}
