// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says as text: zoneinfo, iomem, meminfo, vmstat, lists of nodes, firmware map. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/snapshot_parse.h"

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

/*
 * A number of base @base at *p, which moves behind it.  scanf() would take a sign, and the nearest
 * number for one that is too large: the kernel prints unsigned words.
 */
static bool take_digits(const char **p, int base, uint64_t *ret)
{
	const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
	size_t len = strspn(*p, digits);
	uint64_t v;

	errno = 0;
	v = strtoull(*p, NULL, base);
	if (!len || errno)
		return false;
	*p += len;
	*ret = v;
	return true;
}

/* "   word   123": moves *line behind the word when it is this one. */
static bool has_word(const char **line, const char *word)
{
	const char *p = *line + strspn(*line, " ");
	size_t len = strlen(word);

	if (strncmp(p, word, len) || (p[len] && p[len] != ' '))
		return false;
	*line = p + len + strspn(p + len, " ");
	return true;
}

static bool zone_line(const char *line, struct zone_count *z)
{
	const struct { const char *word; uint64_t *value; } words[] = {
		{ "pages free", &z->free },  { "start_pfn:", &z->start_pfn },
		{ "spanned", &z->spanned },  { "present", &z->present },
		{ "managed", &z->managed },
	};
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(&line, words[i].word))
			return take_digits(&line, 10, words[i].value) && !*line;
	if (!has_word(&line, "count:"))
		return true;
	/* the one that is printed with a sign: what a list has below zero is evidence */
	if (*line == '-') {
		line++;
		if (!take_digits(&line, 10, &v))
			return false;
		v = -v;
	} else if (!take_digits(&line, 10, &v)) {
		return false;
	}
	z->pcp += v;
	return !*line;
}

static int parse_zoneinfo(const char *p, struct snapshot *s, struct rig_err *err)
{
	struct zone_count *z = NULL;
	size_t cap = 0;
	char line[256], name[16];
	unsigned int node;

	while (next_line(&p, line, sizeof(line))) {
		if (sscanf(line, "Node %u, zone %15s", &node, name) == 2) {
			if (s->nr_zones >= 1024)
				return snapshot_refuse(err, "too many zones");
			GROW(s->zone, s->nr_zones, cap);
			z = &s->zone[s->nr_zones++];
			*z = (struct zone_count){ .node = node };
			strcpy(z->name, name);
		} else if (z && !zone_line(line, z)) {
			return snapshot_refuse(err, "a line of zoneinfo");
		}
	}
	return s->nr_zones ? 0 : snapshot_refuse(err, "zoneinfo has no zone");
}

/*
 * A resource that outlived its owner may point at a name that is something else by now, an end of line
 * in it: what is no range of its own belongs to the name before.
 */
static void append_name(struct range_entry *e, const char *line)
{
	size_t len = strlen(e->name);

	snprintf(e->name + len, sizeof(e->name) - len, " %s", line);
}

static int parse_iomem(const char *p, struct snapshot *s, struct rig_err *err)
{
	char line[256];
	size_t cap = 0;

	while (next_line(&p, line, sizeof(line))) {
		size_t indent = strspn(line, " ");
		const char *at = line + indent;
		struct range_entry e = { .depth = (unsigned int)indent / 2 };

		/* an end below the start is what the kernel prints of a broken resource: evidence */
		if (!take_digits(&at, 16, &e.start) || *at++ != '-' || !take_digits(&at, 16, &e.end) ||
		    strncmp(at, " : ", 3)) {
			if (!s->nr_iomem)
				return snapshot_refuse(err, "a line of iomem");
			append_name(&s->iomem[s->nr_iomem - 1], line);
			continue;
		}
		if (s->nr_iomem >= 65536)
			return snapshot_refuse(err, "too many lines in iomem");
		at += 3;
		snprintf(e.name, sizeof(e.name), "%.79s", at + strspn(at, " "));
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

	if (!json_is_array(list))
		return snapshot_refuse(err, "firmware map");
	json_array_foreach(list, i, entry) {
		struct range_entry e = { 0 };
		char start[32], end[32];

		if (!snapshot_take_text(entry, "start", start, sizeof(start)) ||
		    !snapshot_take_text(entry, "end", end, sizeof(end)) ||
		    !snapshot_take_text(entry, "type", e.name, sizeof(e.name)) ||
		    !snapshot_take_hex(start, &e.start) || !snapshot_take_hex(end, &e.end))
			return snapshot_refuse(err, "an entry of the firmware map");
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

static bool one_node(const json_t *o, struct node_links *l)
{
	const json_t *blocks = json_object_get(o, "blocks"), *v;
	AUTO_FREE uint32_t *block = NULL;
	uint64_t nid, id;
	size_t i;

	if (!snapshot_take_number(o, "node", SNAPSHOT_MAX_NODE, &nid) || !json_is_array(blocks) ||
	    json_array_size(blocks) > SNAPSHOT_MAX_BLOCKS)
		return false;
	block = xcalloc(json_array_size(blocks), sizeof(*block));
	json_array_foreach(blocks, i, v) {
		if (!snapshot_take_integer(v, UINT32_MAX, &id))
			return false;
		block[i] = (uint32_t)id;
	}
	*l = (struct node_links){ .node = (unsigned int)nid, .nr = json_array_size(blocks) };
	l->block = TAKE_PTR(block);
	qsort(l->block, l->nr, sizeof(*l->block), by_u32);
	return true;
}

static int parse_links(const json_t *list, struct snapshot *s, struct rig_err *err)
{
	const json_t *o;
	size_t i, cap = 0;

	if (!json_is_array(list))
		return snapshot_refuse(err, "nodes");
	json_array_foreach(list, i, o) {
		struct node_links l;

		if (!one_node(o, &l))
			return snapshot_refuse(err, "node links");
		GROW(s->links, s->nr_links, cap);
		s->links[s->nr_links++] = l;
	}
	return 0;
}

/* The number behind @key at the start of a line: 1, 0 without such a line, -1 when it is none. */
static int text_number(const char *file, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *p = file; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		if (strncmp(p, key, len))
			continue;
		p += len;
		p += strspn(p, " ");
		return take_digits(&p, 10, ret) && (!*p || *p == ' ' || *p == '\n') ? 1 : -1;
	}
	return 0;
}

/* "0-1,3" as the kernel prints a mask: ascending; "" when it is empty. */
static bool is_node_list(const char *p)
{
	uint64_t first, last, free = 0;

	while (*p) {
		if (!take_digits(&p, 10, &first) || first < free)
			return false;
		last = first;
		if (*p == '-' && (p++, !take_digits(&p, 10, &last) || last <= first))
			return false;
		if (last > SNAPSHOT_MAX_NODE || (*p && (*p++ != ',' || !*p)))
			return false;
		free = last + 1;
	}
	return true;
}

static bool node_list(const json_t *answer, const char *key, char *ret, size_t size)
{
	return snapshot_take_text(answer, key, ret, size) && is_node_list(ret);
}

int snapshot_parse_counters(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const char *zoneinfo = json_string_value(json_object_get(answer, "zoneinfo"));
	const char *meminfo = json_string_value(json_object_get(answer, "meminfo"));
	const char *vmstat = json_string_value(json_object_get(answer, "vmstat"));
	const char *iomem = json_string_value(json_object_get(answer, "iomem"));
	int r, memmap;

	if (!zoneinfo || !meminfo || !vmstat || !iomem ||
	    text_number(meminfo, "MemTotal:", &s->mem_total_kib) <= 0 ||
	    !snapshot_take_number(answer, "kpageflags-length", SNAPSHOT_MAX_PFN, &s->kpageflags_pages))
		return snapshot_refuse(err, "counters");
	if ((r = parse_zoneinfo(zoneinfo, s, err)) < 0 || (r = parse_iomem(iomem, s, err)) < 0 ||
	    (r = parse_firmware(json_object_get(answer, "firmware-map"), s, err)) < 0 ||
	    (r = parse_links(json_object_get(answer, "nodes"), s, err)) < 0)
		return r;
	/* 15995a352474 ("mm: report per-page metadata information") (in v6.12) */
	memmap = text_number(vmstat, "nr_memmap_pages ", &s->memmap_pages);
	if (memmap < 0)
		return snapshot_refuse(err, "vmstat");
	s->has_memmap_pages = memmap;
	if (!node_list(answer, "node-online", s->node_online, sizeof(s->node_online)) ||
	    !node_list(answer, "has-memory", s->has_memory, sizeof(s->has_memory)))
		return snapshot_refuse(err, "lists of nodes");
	if (!snapshot_take_option(answer, "auto-online", s->auto_online, sizeof(s->auto_online)))
		return snapshot_refuse(err, "auto_online_blocks");
	if ((r = counters_add(&s->counters, "/proc/zoneinfo", zoneinfo, err)) < 0 ||
	    (r = counters_add(&s->counters, "/proc/meminfo", meminfo, err)) < 0 ||
	    (r = counters_add(&s->counters, "/proc/vmstat", vmstat, err)) < 0)
		return r;
	counters_sort(&s->counters);
	return 0;
}
