// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "page/btf_types.h"

struct wanted {
	const char *name;
	struct layout_field *field;
	bool optional;
};

static int find_members(const struct btf *btf, const char *struct_name, const struct wanted *wanted,
			size_t nr, __u32 *ret_size, struct rig_err *err)
{
	const struct btf_type *t = btf_struct(btf, struct_name);

	if (!t)
		return rig_err_set(err, RIG_AGENT, ENOENT, "no struct %s in the kernel's BTF",
				   struct_name);
	for (size_t i = 0; i < nr; i++)
		if (!btf_member(btf, t, wanted[i].name, 0, wanted[i].field) && !wanted[i].optional)
			return rig_err_set(err, RIG_AGENT, ENOENT,
					   "no member %s in struct %s of the kernel's BTF",
					   wanted[i].name, struct_name);
	*ret_size = t->size;
	return 0;
}

static void lower_copy(char *to, const char *from)
{
	size_t i;

	for (i = 0; from[i] && i < LAYOUT_NAME_LEN - 1; i++)
		to[i] = (char)tolower((unsigned char)from[i]);
	to[i] = '\0';
}

/* Bits that are aliases of another name keep the first one: it is what the bit mainly means. */
static int read_flags(const struct btf *btf, struct page_layout *l, struct rig_err *err)
{
	__s32 id = btf__find_by_name_kind(btf, "pageflags", BTF_KIND_ENUM);
	const struct btf_type *t;
	const struct btf_enum *e;

	if (id < 0)
		return rig_err_set(err, RIG_AGENT, ENOENT, "no enum pageflags in the kernel's BTF");
	t = btf__type_by_id(btf, (__u32)id);
	e = btf_enum(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);
		__u32 bit = (__u32)e[i].val;

		if (!strcmp(name, "__NR_PAGEFLAGS"))
			l->nr_flags = bit;
		else if (!strncmp(name, "PG_", 3) && bit < LAYOUT_MAX_FLAGS && !*l->flag_name[bit])
			lower_copy(l->flag_name[bit], name + 3);
	}
	if (!l->nr_flags || l->nr_flags > LAYOUT_MAX_FLAGS)
		return rig_err_set(err, RIG_AGENT, ENOENT, "enum pageflags has %u flags", l->nr_flags);
	return 0;
}

/* Before enum pagetype (v6.10) the values are macros, which layout_name_types() is told. */
static void read_types(const struct btf *btf, struct page_layout *l)
{
	__s32 id = btf__find_by_name_kind(btf, "pagetype", BTF_KIND_ENUM);
	const struct btf_type *t;
	const struct btf_enum *e;

	l->type_encoding = TYPE_INVERTED_BITS;
	l->type_base = 0xf0000000;
	if (id < 0)
		return;
	t = btf__type_by_id(btf, (__u32)id);
	e = btf_enum(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);
		uint32_t value = (uint32_t)e[i].val;

		if (!strcmp(name, "PAGE_TYPE_BASE"))
			l->type_base = value;
		else if (!strncmp(name, "PGTY_", 5))
			layout_add_type(l, name + 5, value << 24);
		else if (!strncmp(name, "PG_", 3))
			layout_add_type(l, name + 3, ~value);
	}
}

static int read_zones(const struct btf *btf, struct page_layout *l, struct rig_err *err)
{
	static const struct { const char *btf, *shown; } names[] = {
		{ "ZONE_DMA", "DMA" },		{ "ZONE_DMA32", "DMA32" },
		{ "ZONE_NORMAL", "Normal" },	{ "ZONE_HIGHMEM", "HighMem" },
		{ "ZONE_MOVABLE", "Movable" },	{ "ZONE_DEVICE", "Device" },
	};
	__s32 id = btf__find_by_name_kind(btf, "zone_type", BTF_KIND_ENUM);
	const struct btf_type *t, *zonelist, *array;
	struct layout_field refs;
	uint32_t max_nodes, node_bits;

	if (id < 0)
		return rig_err_set(err, RIG_AGENT, ENOENT, "no enum zone_type in the kernel's BTF");
	t = btf__type_by_id(btf, (__u32)id);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_enum(t)[i].name_off);
		__u32 index = (__u32)btf_enum(t)[i].val;

		if (!strcmp(name, "__MAX_NR_ZONES"))
			l->nr_zones = index;
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (!strcmp(name, names[k].btf) && index < LAYOUT_MAX_ZONES)
				strcpy(l->zone_name[index], names[k].shown);
	}
	if (!l->nr_zones || l->nr_zones > LAYOUT_MAX_ZONES)
		return rig_err_set(err, RIG_AGENT, ENOENT, "enum zone_type has %u zones", l->nr_zones);
	/* struct zonelist holds MAX_NUMNODES * MAX_NR_ZONES + 1 zonerefs: the one exact trace of NODES_SHIFT */
	zonelist = btf_struct(btf, "zonelist");
	if (!zonelist || !btf_member(btf, zonelist, "_zonerefs", 0, &refs))
		return rig_err_set(err, RIG_AGENT, ENOENT, "no zonelist._zonerefs in the kernel's BTF");
	array = btf_peel(btf, btf_members(zonelist)->type);
	if (!array || !btf_is_array(array) || !btf_array(array)->nelems)
		return rig_err_set(err, RIG_AGENT, ENOENT, "zonelist._zonerefs is no array");
	max_nodes = (btf_array(array)->nelems - 1) / l->nr_zones;
	if (max_nodes > 1u << LAYOUT_MAX_NODE_BITS)
		return rig_err_set(err, RIG_AGENT, ERANGE, "zonelist._zonerefs is for %u nodes", max_nodes);
	for (node_bits = 0; 1u << node_bits < max_nodes; node_bits++)
		;
	layout_place_links(l, node_bits);
	return 0;
}

/* An anonymous enum has the section marks since v6.0; before they are macros with fixed values. */
static void read_section_bits(const struct btf *btf, struct page_layout *l)
{
	struct layout_section_bits b = { .present = 0, .has_mem_map = 1, .online = 2, .early = 3,
					 .taint_zone_device = 4, .last = 5, .has_taint = true,
					 .by_convention = true };
	__u32 n = btf__type_cnt(btf);

	for (__u32 id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);
		const struct btf_enum *e;

		if (!btf_is_enum(t) || t->name_off || !btf_vlen(t))
			continue;
		e = btf_enum(t);
		if (strcmp(btf__name_by_offset(btf, e[0].name_off), "SECTION_MARKED_PRESENT_BIT"))
			continue;
		b.has_taint = b.by_convention = false;
		for (int i = 0; i < btf_vlen(t); i++) {
			const char *name = btf__name_by_offset(btf, e[i].name_off);
			uint8_t bit = (uint8_t)e[i].val;

			if (!strcmp(name, "SECTION_MARKED_PRESENT_BIT"))
				b.present = bit;
			else if (!strcmp(name, "SECTION_HAS_MEM_MAP_BIT"))
				b.has_mem_map = bit;
			else if (!strcmp(name, "SECTION_IS_ONLINE_BIT"))
				b.online = bit;
			else if (!strcmp(name, "SECTION_IS_EARLY_BIT"))
				b.early = bit;
			else if (!strcmp(name, "SECTION_TAINT_ZONE_DEVICE_BIT")) {
				b.taint_zone_device = bit;
				b.has_taint = true;
			} else if (!strcmp(name, "SECTION_MAP_LAST_BIT"))
				b.last = bit;
		}
		break;
	}
	l->section_bits = b;
}

static const struct btf_type *func_proto(const struct btf *btf, const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	return id < 0 ? NULL : btf__type_by_id(btf, btf__type_by_id(btf, (__u32)id)->type);
}

static void read_era_signs(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *t = func_proto(btf, "__free_pages_core");

	l->has_sign_free_pages_core = t;
	l->sign_free_pages_core = t && btf_vlen(t) >= 3;
	t = func_proto(btf, "__offline_isolated_pages");
	l->has_sign_offline = t;
	l->sign_offline_returns_managed = t && t->type != 0;
}

void btf_element(struct layout_field *f, uint32_t bytes, uint32_t index)
{
	f->has = f->has && f->size >= (index + 1) * bytes;
	f->offset += index * bytes;
	f->size = bytes;
}

/* Who does not know these counts free pages otherwise. */
static void read_free_counters(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *zone = btf_struct(btf, "zone"), *pcp = btf_struct(btf, "per_cpu_pages");
	const struct btf_type *stats = btf_struct(btf, "per_cpu_zonestat");
	uint32_t index;

	if (!zone || !pcp || !stats || !btf_enum_value(btf, "zone_stat_item", "NR_FREE_PAGES", &index) || index > 64)
		return;
	if (btf_member(btf, zone, "vm_stat", 0, &l->zone_free))
		btf_element(&l->zone_free, 8, index);
	if (btf_member(btf, stats, "vm_stat_diff", 0, &l->stats_free_diff))
		btf_element(&l->stats_free_diff, 1, index);
	btf_member(btf, zone, "per_cpu_pageset", 0, &l->zone_pageset);
	btf_member(btf, zone, "per_cpu_zonestats", 0, &l->zone_stats);
	btf_member(btf, pcp, "count", 0, &l->pcp_count);
}

/* Later kernels have it in struct folio alone, whose first words are those of its head. */
static void read_pgmap(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *page = btf_struct(btf, "page"), *folio = btf_struct(btf, "folio");
	struct layout_field f = { 0 };

	if ((btf_member(btf, page, "pgmap", 0, &f) || (folio && btf_member(btf, folio, "pgmap", 0, &f))) &&
	    f.offset == l->compound_head.offset && f.size == l->compound_head.size)
		l->pgmap = f;
}

static void read_device_word(const struct btf *btf, const char *name, struct page_layout *l, struct layout_field *ret)
{
	struct layout_field f = { 0 };

	if (l->pgmap.has && btf_member(btf, btf_struct(btf, "page"), name, 0, &f) && f.size == sizeof(uint64_t) &&
	    f.offset <= l->page_bytes - sizeof(uint64_t))
		*ret = f;
}

/*
 * A byte of the first tail, which struct folio shows behind its head; since ebc1baf5c9b4 ("mm: free up a word in the
 * first tail page", v6.6) the lowest of its flags.
 */
static void read_tail_order(const struct btf *btf, struct page_layout *l)
{
	const struct btf_type *page = btf_struct(btf, "page"), *folio = btf_struct(btf, "folio");
	struct layout_field f = { 0 };

	if (btf_member(btf, page, "compound_order", 0, &f)) {
		l->tail_order = f;
	} else if (folio && (btf_member(btf, folio, "_folio_order", 0, &f) || btf_member(btf, folio, "_flags_1", 0, &f))) {
		l->tail_order = f;
		l->tail_order.offset -= l->page_bytes;
	}
	l->tail_order.size = 1;
	l->tail_order.has &= l->tail_order.offset < l->page_bytes;
}

static int read_structs(const struct btf *btf, struct page_layout *l, struct rig_err *err)
{
	struct layout_field zones;
	uint32_t pgdat_bytes, usage_bytes;
	const struct wanted page[] = {
		{ "flags", &l->flags, false },		 { "_refcount", &l->refcount, false },
		{ "_mapcount", &l->mapcount, false },	 { "private", &l->private_, false },
		{ "compound_head", &l->compound_head, false },
	}, section[] = {
		{ "section_mem_map", &l->section_mem_map, false }, { "usage", &l->section_usage, false },
	}, usage[] = {
		{ "subsection_map", &l->usage_subsection_map, false },
	}, zone[] = {
		{ "zone_start_pfn", &l->zone_start_pfn, false }, { "spanned_pages", &l->zone_spanned, false },
		{ "present_pages", &l->zone_present, false }, { "managed_pages", &l->zone_managed, false },
	}, pgdat[] = {
		{ "node_zones", &zones, false },	{ "nr_zones", &l->pgdat_nr_zones, false },
		{ "node_start_pfn", &l->pgdat_start_pfn, false },
		{ "node_present_pages", &l->pgdat_present, false },
		{ "node_spanned_pages", &l->pgdat_spanned, false },
	};
	const struct { const char *name; const struct layout_field *field; uint32_t size; } words[] = {
		{ "flags", &l->flags, 8 },	 { "compound_head", &l->compound_head, 8 },
		{ "private", &l->private_, 8 },	 { "_refcount", &l->refcount, 4 },
		{ "_mapcount", &l->mapcount, 4 },
	};
	int r;

	if ((r = find_members(btf, "page", page, ARRAY_SIZE(page), &l->page_bytes, err)) < 0 ||
	    (r = find_members(btf, "mem_section", section, ARRAY_SIZE(section), &l->section_bytes, err)) < 0 ||
	    (r = find_members(btf, "mem_section_usage", usage, ARRAY_SIZE(usage), &usage_bytes, err)) < 0 ||
	    (r = find_members(btf, "zone", zone, ARRAY_SIZE(zone), &l->zone_struct_bytes, err)) < 0 ||
	    (r = find_members(btf, "pglist_data", pgdat, ARRAY_SIZE(pgdat), &pgdat_bytes, err)) < 0)
		return r;
	if (l->page_bytes < 32 || l->page_bytes > 256)
		return rig_err_set(err, RIG_AGENT, ERANGE, "struct page has %u bytes", l->page_bytes);
	/* the decoder copies these words without looking: their sizes are part of what it knows */
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].field->size != words[i].size ||
		    words[i].field->offset > l->page_bytes - words[i].size)
			return rig_err_set(err, RIG_AGENT, ERANGE, "struct page has %s with %u bytes at %u",
					   words[i].name, words[i].field->size, words[i].field->offset);
	read_pgmap(btf, l);
	read_device_word(btf, "zone_device_data", l, &l->device_data);
	read_device_word(btf, "mapping", l, &l->mapping);
	read_device_word(btf, "index", l, &l->index);
	read_tail_order(btf, l);
	l->pgdat_zones_offset = zones.offset;
	l->pages_per_subsection = 1u << (LAYOUT_SUBSECTION_SHIFT - LAYOUT_PAGE_SHIFT);
	l->pages_per_section = l->usage_subsection_map.size * 8 * l->pages_per_subsection;
	if (!l->pages_per_section)
		return rig_err_set(err, RIG_AGENT, ERANGE, "mem_section_usage.subsection_map has no size");
	return 0;
}

int layout_from_btf(const void *data, size_t len, uint32_t buddy_value, uint32_t offline_value,
		    struct page_layout *ret, struct rig_err *err)
{
	struct page_layout l = { 0 };
	struct btf *btf = btf__new(data, (__u32)len);
	int r;

	if (!btf)
		return rig_err_set(err, RIG_AGENT, errno, "the kernel's BTF cannot be parsed: %s",
				   strerror(errno));
	if ((r = read_structs(btf, &l, err)) == 0 && (r = read_flags(btf, &l, err)) == 0 &&
	    (r = read_zones(btf, &l, err)) == 0) {
		read_types(btf, &l);
		layout_name_types(&l, buddy_value, offline_value);
		read_section_bits(btf, &l);
		read_free_counters(btf, &l);
		layout_btf_zones(btf, &l);
		layout_btf_pageblocks(btf, &l);
		layout_btf_blocks(btf, &l);
		read_era_signs(btf, &l);
		*ret = l;
	}
	btf__free(btf);
	return r;
}
