// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/snapshot.h"

static int bad(struct rig_err *err, const char *what)
{
	return rig_err_set(err, RIG_AGENT, EBADMSG, "the agent's answer is malformed: %s", what);
}

static bool number(const json_t *o, const char *key, uint64_t max, uint64_t *ret)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0 || (uint64_t)json_integer_value(v) > max)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

static bool text(const json_t *o, const char *key, char *ret, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (!s || strlen(s) >= size)
		return false;
	strcpy(ret, s);
	ret[strcspn(ret, "\n")] = '\0';
	return true;
}

/* Copies the next line of *p without its end; false behind the last. */
static bool next_line(const char **p, char *line, size_t size)
{
	size_t len = strcspn(*p, "\n");

	if (!**p)
		return false;
	snprintf(line, size, "%.*s", (int)(len < size ? len : size - 1), *p);
	*p += len + ((*p)[len] == '\n');
	return true;
}

static int parse_zoneinfo(const char *p, struct snapshot *s, struct rig_err *err)
{
	struct zone_count *z = NULL;
	size_t cap = 0;
	char line[256], name[16], word[32];
	unsigned int node;
	uint64_t v;

	while (next_line(&p, line, sizeof(line))) {
		if (sscanf(line, "Node %u, zone %15s", &node, name) == 2) {
			if (s->nr_zones >= 1024)
				return bad(err, "too many zones");
			GROW(s->zone, s->nr_zones, cap);
			z = &s->zone[s->nr_zones++];
			*z = (struct zone_count){ .node = node };
			strcpy(z->name, name);
		} else if (!z) {
			continue;
		} else if (sscanf(line, " pages free %" SCNu64, &v) == 1) {
			z->free = v;
		} else if (sscanf(line, " start_pfn: %" SCNu64, &v) == 1) {
			z->start_pfn = v;
		} else if (sscanf(line, " %31s %" SCNu64, word, &v) == 2) {
			if (!strcmp(word, "spanned"))
				z->spanned = v;
			else if (!strcmp(word, "present"))
				z->present = v;
			else if (!strcmp(word, "managed"))
				z->managed = v;
			else if (!strcmp(word, "count:"))
				z->pcp += v;
		}
	}
	return s->nr_zones ? 0 : bad(err, "zoneinfo has no zone");
}

static int parse_iomem(const char *p, struct snapshot *s, struct rig_err *err)
{
	char line[256];
	size_t cap = 0;

	while (next_line(&p, line, sizeof(line))) {
		struct range_entry e = { 0 };
		int at = 0;

		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &e.start, &e.end, &at) != 2 || !at)
			return bad(err, "a line of iomem");
		if (s->nr_iomem >= 65536)
			return bad(err, "too many lines in iomem");
		e.depth = (unsigned int)strspn(line, " ") / 2;
		snprintf(e.name, sizeof(e.name), "%.79s", line + at);
		GROW(s->iomem, s->nr_iomem, cap);
		s->iomem[s->nr_iomem++] = e;
	}
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range_entry *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start ? 1 :
	       x->end < y->end ? -1 : x->end > y->end;
}

static int parse_firmware(const json_t *list, struct snapshot *s, struct rig_err *err)
{
	const json_t *entry;
	size_t i, cap = 0;

	json_array_foreach(list, i, entry) {
		struct range_entry e = { 0 };
		char start[32], end[32];

		if (!text(entry, "start", start, sizeof(start)) || !text(entry, "end", end, sizeof(end)) ||
		    !text(entry, "type", e.name, sizeof(e.name)))
			return bad(err, "firmware map");
		e.start = strtoull(start, NULL, 16);
		e.end = strtoull(end, NULL, 16);
		GROW(s->firmware, s->nr_firmware, cap);
		s->firmware[s->nr_firmware++] = e;
	}
	if (s->nr_firmware)
		qsort(s->firmware, s->nr_firmware, sizeof(*s->firmware), by_start);
	return 0;
}

static int by_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int parse_links(const json_t *list, struct snapshot *s, struct rig_err *err)
{
	const json_t *node, *id;
	size_t i, k, cap = 0;

	json_array_foreach(list, i, node) {
		const json_t *blocks = json_object_get(node, "blocks");
		struct node_links l = { 0 };
		uint64_t nid;

		if (!number(node, "node", 65535, &nid) || json_array_size(blocks) > SNAPSHOT_MAX_BLOCKS)
			return bad(err, "node links");
		l.node = (unsigned int)nid;
		l.block = xcalloc(json_array_size(blocks), sizeof(*l.block));
		json_array_foreach(blocks, k, id)
			l.block[l.nr++] = (uint32_t)json_integer_value(id);
		qsort(l.block, l.nr, sizeof(*l.block), by_u32);
		GROW(s->links, s->nr_links, cap);
		s->links[s->nr_links++] = l;
	}
	return 0;
}

static bool text_number(const char *file, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *p = file; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (!strncmp(p, key, len))
			return sscanf(p + len, " %" SCNu64, ret) == 1;
	return false;
}

int snapshot_parse_counters(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const char *zoneinfo = json_string_value(json_object_get(answer, "zoneinfo"));
	const char *meminfo = json_string_value(json_object_get(answer, "meminfo"));
	const char *vmstat = json_string_value(json_object_get(answer, "vmstat"));
	const char *iomem = json_string_value(json_object_get(answer, "iomem"));
	int r;

	if (!zoneinfo || !meminfo || !vmstat || !iomem ||
	    !text_number(meminfo, "MemTotal:", &s->mem_total_kib) ||
	    !number(answer, "kpageflags-length", SNAPSHOT_MAX_PFN, &s->kpageflags_pages))
		return bad(err, "counters");
	if ((r = parse_zoneinfo(zoneinfo, s, err)) < 0 || (r = parse_iomem(iomem, s, err)) < 0 ||
	    (r = parse_firmware(json_object_get(answer, "firmware-map"), s, err)) < 0 ||
	    (r = parse_links(json_object_get(answer, "nodes"), s, err)) < 0)
		return r;
	/* 15995a352474 ("mm: report per-page metadata information") (in v6.12) */
	s->has_memmap_pages = text_number(vmstat, "nr_memmap_pages ", &s->memmap_pages);
	if (!text(answer, "node-online", s->node_online, sizeof(s->node_online)) ||
	    !text(answer, "has-memory", s->has_memory, sizeof(s->has_memory)))
		return bad(err, "lists of nodes");
	text(answer, "auto-online", s->auto_online, sizeof(s->auto_online));
	return 0;
}

static int by_block_id(const void *a, const void *b)
{
	const struct block_info *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int snapshot_parse_blocks(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "blocks"), *o, *nid;
	size_t i, k;

	if (!json_is_array(list) || json_array_size(list) > SNAPSHOT_MAX_BLOCKS)
		return bad(err, "memory blocks");
	s->block = xcalloc(json_array_size(list), sizeof(*s->block));
	json_array_foreach(list, i, o) {
		struct block_info *b = &s->block[s->nr_blocks++];
		uint64_t id;

		if (!number(o, "id", UINT32_MAX, &id) || !text(o, "state", b->state, sizeof(b->state)) ||
		    !text(o, "phys-index", b->phys_index, sizeof(b->phys_index)))
			return bad(err, "a memory block");
		b->id = (uint32_t)id;
		text(o, "valid-zones", b->zones, sizeof(b->zones));
		text(o, "phys-device", b->phys_device, sizeof(b->phys_device));
		text(o, "removable", b->removable, sizeof(b->removable));
		json_array_foreach(json_object_get(o, "nodes"), k, nid)
			if (b->nr_nodes < ARRAY_SIZE(b->node))
				b->node[b->nr_nodes++] = (unsigned int)json_integer_value(nid);
	}
	qsort(s->block, s->nr_blocks, sizeof(*s->block), by_block_id);
	return 0;
}

int snapshot_parse_nodes_raw(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "nodes"), *o, *z;
	size_t i, k, cap = 0;

	json_array_foreach(list, i, o) {
		struct node_count n = { 0 };
		uint64_t nid;

		if (!number(o, "node", 65535, &nid) || !number(o, "start", UINT64_MAX / 2, &n.start_pfn) ||
		    !number(o, "spanned", UINT64_MAX / 2, &n.spanned) ||
		    !number(o, "present", UINT64_MAX / 2, &n.present) ||
		    !number(o, "nr-zones", UINT64_MAX / 2, &n.nr_zones))
			return bad(err, "a node");
		n.node = (unsigned int)nid;
		json_array_foreach(json_object_get(o, "zones"), k, z) {
			struct zone_count *c = &n.zone[n.nr];

			/* a counter that went below zero is evidence, not a malformed answer */
			if (n.nr == ARRAY_SIZE(n.zone) || !text(z, "zone", c->name, sizeof(c->name)))
				return bad(err, "a zone");
			c->node = n.node;
			c->start_pfn = (uint64_t)json_integer_value(json_object_get(z, "start"));
			c->spanned = (uint64_t)json_integer_value(json_object_get(z, "spanned"));
			c->present = (uint64_t)json_integer_value(json_object_get(z, "present"));
			c->managed = (uint64_t)json_integer_value(json_object_get(z, "managed"));
			n.nr++;
		}
		GROW(s->node, s->nr_nodes, cap);
		s->node[s->nr_nodes++] = n;
	}
	return 0;
}

int snapshot_parse_sections(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "sections"), *o;
	size_t i, cap = 0;
	uint64_t behind = 0;

	if (!json_is_array(list))
		return bad(err, "sections");
	json_array_foreach(list, i, o) {
		struct section_run r = { 0 };
		const char *map = json_string_value(json_array_get(o, 3));

		if (json_array_size(o) != 4 || !map || json_integer_value(json_array_get(o, 0)) < 0 ||
		    json_integer_value(json_array_get(o, 1)) <= 0)
			return bad(err, "a section");
		r.first = (uint64_t)json_integer_value(json_array_get(o, 0));
		r.nr = (uint64_t)json_integer_value(json_array_get(o, 1));
		r.marks = (uint64_t)json_integer_value(json_array_get(o, 2));
		r.subsections = strtoull(map, NULL, 16);
		if (r.first < behind || r.first > SNAPSHOT_MAX_PFN || r.nr > SNAPSHOT_MAX_PFN)
			return bad(err, "sections out of order");
		behind = r.first + r.nr;
		GROW(s->section, s->nr_sections, cap);
		s->section[s->nr_sections++] = r;
	}
	return 0;
}

int snapshot_parse_devices(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *o;
	size_t i, cap = 0;

	json_array_foreach(answer, i, o) {
		const json_t *data = json_object_get(o, "data");
		struct host_device d = { .slot = -1, .node = -1 };

		if (!text(data, "id", d.id, sizeof(d.id)) || !number(data, "addr", INT64_MAX, &d.addr) ||
		    !number(data, "size", INT64_MAX, &d.size_bytes))
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

/* [pfn, nr, flags, type word, refcount, zone, node, order, head, fill, kpageflags] */
#define RUN_NUMBERS 11

static bool run_numbers(const json_t *o, int64_t v[RUN_NUMBERS])
{
	if (json_array_size(o) != RUN_NUMBERS)
		return false;
	for (size_t i = 0; i < RUN_NUMBERS; i++) {
		const json_t *n = json_array_get(o, i);

		if (!json_is_integer(n))
			return false;
		v[i] = json_integer_value(n);
	}
	return v[0] >= 0 && v[1] > 0 && v[2] >= 0 && v[3] >= 0 && v[3] <= UINT32_MAX &&
	       v[4] >= INT32_MIN && v[4] <= INT32_MAX && v[5] >= 0 && v[5] < 256 && v[6] >= 0 &&
	       v[6] < 65536 && v[7] >= -1 && v[7] < 128 && v[9] >= 0 && v[9] < 4 && v[10] >= -1;
}

int snapshot_parse_pages(const struct page_layout *l, const json_t *answer, uint64_t start, uint64_t end,
			 struct snapshot *s, uint64_t *next, struct rig_err *err)
{
	const json_t *runs = json_object_get(answer, "runs"), *faults = json_object_get(answer, "faults");
	uint64_t behind = start, go_on;
	const json_t *o;
	size_t i;

	if (!json_is_array(runs) || !json_is_array(faults) ||
	    !number(answer, "next", SNAPSHOT_MAX_PFN, &go_on) || go_on <= start || go_on > end)
		return bad(err, "page states");
	json_array_foreach(runs, i, o) {
		struct page_run r = { 0 };
		int64_t v[RUN_NUMBERS];

		if (!run_numbers(o, v) || (uint64_t)v[0] < behind || (uint64_t)v[0] > end ||
		    (uint64_t)v[1] > end - (uint64_t)v[0])
			return bad(err, "a run of pages");
		r.pfn = (uint64_t)v[0];
		r.nr = (uint64_t)v[1];
		behind = r.pfn + r.nr;
		r.state = (struct page_state){
			.flags = (uint64_t)v[2], .type_word = (uint32_t)v[3], .refcount = (int32_t)v[4],
			.zone = (uint8_t)v[5], .node = (uint16_t)v[6], .order = (int16_t)v[7],
			.head_pfn = v[8], .all_zero = v[9] & 1, .all_ones = v[9] >> 1 & 1,
		};
		page_decode_type(l, &r.state);
		r.has_kpageflags = v[10] >= 0;
		r.kpageflags = r.has_kpageflags ? (uint64_t)v[10] : 0;
		page_map_append(&s->pages, &r);
	}
	json_array_foreach(faults, i, o) {
		struct page_run r = { 0 };

		r.pfn = (uint64_t)json_integer_value(json_array_get(o, 0));
		r.nr = (uint64_t)json_integer_value(json_array_get(o, 1));
		if (r.pfn < start || r.pfn >= end || !r.nr || r.nr > end - r.pfn)
			return bad(err, "a run of faults");
		page_map_append(&s->faults, &r);
	}
	*next = go_on;
	return 0;
}

int layout_parse(const json_t *answer, struct page_layout *ret, bool *raw, char why[256],
		 struct rig_err *err)
{
	const char *reader = json_string_value(json_object_get(answer, "reader"));
	const json_t *signs = json_object_get(answer, "signs"), *o;
	const json_t *bits = json_object_get(answer, "section-bits");
	struct page_layout l = { 0 };
	char encoding[16];
	uint64_t v[8];
	size_t i;

	why[0] = '\0';
	if (reader && !strcmp(reader, "kpageflags")) {
		text(answer, "why", why, 256);
		*ret = l;
		*raw = false;
		return 0;
	}
	if (!reader || strcmp(reader, "bpf") || !text(answer, "encoding", encoding, sizeof(encoding)) ||
	    !number(answer, "page-bytes", 256, &v[0]) || !number(answer, "type-base", UINT32_MAX, &v[1]) ||
	    !number(answer, "pages-per-section", 1u << 24, &v[2]) || !v[2] ||
	    !number(answer, "pages-per-subsection", 1u << 24, &v[3]) || !v[3])
		return bad(err, "layout");
	l.page_bytes = (uint32_t)v[0];
	l.type_base = (uint32_t)v[1];
	l.pages_per_section = (uint32_t)v[2];
	l.pages_per_subsection = (uint32_t)v[3];
	l.type_encoding = strcmp(encoding, "top-byte") ? TYPE_INVERTED_BITS : TYPE_TOP_BYTE;
	json_array_foreach(json_object_get(answer, "flags"), i, o) {
		if (i >= LAYOUT_MAX_FLAGS || json_string_length(o) >= LAYOUT_NAME_LEN)
			return bad(err, "flag names");
		snprintf(l.flag_name[i], LAYOUT_NAME_LEN, "%s", json_string_value(o));
		l.nr_flags++;
	}
	json_array_foreach(json_object_get(answer, "types"), i, o) {
		if (i >= LAYOUT_MAX_TYPES || !text(o, "name", l.type[i].name, LAYOUT_NAME_LEN) ||
		    !number(o, "value", UINT32_MAX, &v[0]))
			return bad(err, "page types");
		l.type[i].value = (uint32_t)v[0];
		l.nr_types++;
	}
	json_array_foreach(json_object_get(answer, "zones"), i, o) {
		if (i >= LAYOUT_MAX_ZONES || json_string_length(o) >= LAYOUT_NAME_LEN)
			return bad(err, "zone names");
		snprintf(l.zone_name[i], LAYOUT_NAME_LEN, "%s", json_string_value(o));
		l.nr_zones++;
	}
	if (!number(bits, "present", 31, &v[0]) || !number(bits, "has-mem-map", 31, &v[1]) ||
	    !number(bits, "online", 31, &v[2]) || !number(bits, "early", 31, &v[3]) ||
	    !number(bits, "taint-zone-device", 31, &v[4]))
		return bad(err, "section marks");
	l.section_bits = (struct layout_section_bits){
		.present = (uint8_t)v[0], .has_mem_map = (uint8_t)v[1], .online = (uint8_t)v[2],
		.early = (uint8_t)v[3], .taint_zone_device = (uint8_t)v[4],
		.has_taint = json_is_true(json_object_get(bits, "has-taint")),
	};
	l.has_sign_free_pages_core = json_object_get(signs, "free-pages-core");
	l.sign_free_pages_core = json_is_true(json_object_get(signs, "free-pages-core"));
	l.has_sign_offline = json_object_get(signs, "offline-counts-managed");
	l.sign_offline_returns_managed = json_is_true(json_object_get(signs, "offline-counts-managed"));
	*ret = l;
	*raw = true;
	return 0;
}

const struct zone_count *snapshot_zone(const struct snapshot *s, unsigned int node, const char *name)
{
	for (size_t i = 0; i < s->nr_zones; i++)
		if (s->zone[i].node == node && !strcmp(s->zone[i].name, name))
			return &s->zone[i];
	return NULL;
}

const struct block_info *snapshot_block(const struct snapshot *s, uint32_t id)
{
	const struct block_info key = { .id = id };

	return s->nr_blocks ? bsearch(&key, s->block, s->nr_blocks, sizeof(key), by_block_id) : NULL;
}

void snapshot_deinit(struct snapshot *s)
{
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
	*s = (struct snapshot){ 0 };
}
