// SPDX-License-Identifier: GPL-2.0-or-later
/* What vmcoreinfo and the config name of a layout: sizes, offsets, a few flags, types, zones. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "page/layout.h"
#include "page/vmcoreinfo.h"

#define MAX_STRUCT_BYTES	(1u << 24)	/* pglist_data has zones for all nodes in it */

static int nonsense(const char *key, int64_t value, struct rig_err *err)
{
	return rig_err_set(err, RIG_HOST, ERANGE, "vmcoreinfo says %s=%" PRId64, key, value);
}

static int need(const char *note, const char *key, int64_t min, int64_t max, uint32_t *ret,
		struct rig_err *err)
{
	int64_t value;

	if (!vmcoreinfo_number(note, key, &value))
		return rig_err_set(err, RIG_MISSING, ENOENT, "vmcoreinfo does not name %s", key);
	if (value < min || value > max)
		return nonsense(key, value, err);
	*ret = (uint32_t)value;
	return 0;
}

struct wanted {
	const char *key;
	uint32_t bytes;
	struct layout_field *field;
};

/* Fields of a struct of @struct_bytes; the ones that are not named stay as they are. */
static int read_fields(const char *note, const struct wanted *wanted, size_t nr,
		       uint32_t struct_bytes, struct rig_err *err)
{
	for (size_t i = 0; i < nr; i++) {
		const struct wanted *w = &wanted[i];
		int64_t offset;

		if (!vmcoreinfo_number(note, w->key, &offset))
			continue;
		if (offset < 0 || offset > (int64_t)struct_bytes - w->bytes)
			return nonsense(w->key, offset, err);
		*w->field = (struct layout_field){ (uint32_t)offset, w->bytes, true };
	}
	return 0;
}

static int read_page(const char *note, struct page_layout *l, struct rig_err *err)
{
	const struct wanted page[] = {
		{ "OFFSET(page.flags)", 8, &l->flags },
		{ "OFFSET(page._refcount)", 4, &l->refcount },
		{ "OFFSET(page._mapcount)", 4, &l->mapcount },
		{ "OFFSET(page.private)", 8, &l->private_ },
		{ "OFFSET(page.compound_head)", 8, &l->compound_head },
	};
	int r = need(note, "SIZE(page)", 32, 256, &l->page_bytes, err);

	if (!r && l->page_bytes % 8)
		r = nonsense("SIZE(page)", l->page_bytes, err);
	if (!r)
		r = read_fields(note, page, ARRAY_SIZE(page), l->page_bytes, err);
	if (!r && !l->flags.has)
		r = rig_err_set(err, RIG_MISSING, ENOENT, "vmcoreinfo does not name OFFSET(page.flags)");
	return r;
}

static int read_section(const char *note, struct page_layout *l, struct rig_err *err)
{
	const struct wanted section[] = {
		{ "OFFSET(mem_section.section_mem_map)", 8, &l->section_mem_map },
	};
	uint32_t shift = 0;
	int r = need(note, "SIZE(mem_section)", 8, 64, &l->section_bytes, err);

	if (!r)
		r = read_fields(note, section, ARRAY_SIZE(section), l->section_bytes, err);
	if (!r && !l->section_mem_map.has)
		r = rig_err_set(err, RIG_MISSING, ENOENT,
				"vmcoreinfo does not name OFFSET(mem_section.section_mem_map)");
	if (!r)
		r = need(note, "NUMBER(SECTION_SIZE_BITS)", LAYOUT_SUBSECTION_SHIFT, 34, &shift, err);
	if (r < 0)
		return r;
	l->pages_per_subsection = 1u << (LAYOUT_SUBSECTION_SHIFT - LAYOUT_PAGE_SHIFT);
	l->pages_per_section = 1u << (shift - LAYOUT_PAGE_SHIFT);
	/* memmaps start on a page, and all marks are below that: the encoder's BUILD_BUG_ON */
	l->section_bits = (struct layout_section_bits){ .present = 0, .has_mem_map = 1, .online = 2,
							.early = 3, .last = LAYOUT_PAGE_SHIFT,
							.by_convention = true };
	return 0;
}

static int read_nodes(const char *note, struct page_layout *l, struct rig_err *err)
{
	struct layout_field zones = { 0 };
	int64_t pgdat_bytes, zone_bytes;
	const struct wanted pgdat[] = {
		{ "OFFSET(pglist_data.node_zones)", 0, &zones },
		{ "OFFSET(pglist_data.nr_zones)", 4, &l->pgdat_nr_zones },
		{ "OFFSET(pglist_data.node_start_pfn)", 8, &l->pgdat_start_pfn },
		{ "OFFSET(pglist_data.node_present_pages)", 8, &l->pgdat_present },
		{ "OFFSET(pglist_data.node_spanned_pages)", 8, &l->pgdat_spanned },
	}, zone[] = {
		{ "OFFSET(zone.zone_start_pfn)", 8, &l->zone_start_pfn },
		{ "OFFSET(zone.spanned_pages)", 8, &l->zone_spanned },
		{ "OFFSET(zone.present_pages)", 8, &l->zone_present },
		{ "OFFSET(zone.managed_pages)", 8, &l->zone_managed },
	};
	int r;

	if (!vmcoreinfo_number(note, "SIZE(pglist_data)", &pgdat_bytes) ||
	    !vmcoreinfo_number(note, "SIZE(zone)", &zone_bytes))
		return 0;
	if (pgdat_bytes < 0 || pgdat_bytes > MAX_STRUCT_BYTES)
		return nonsense("SIZE(pglist_data)", pgdat_bytes, err);
	if (zone_bytes < 0 || zone_bytes > pgdat_bytes)
		return nonsense("SIZE(zone)", zone_bytes, err);
	r = read_fields(note, pgdat, ARRAY_SIZE(pgdat), (uint32_t)pgdat_bytes, err);
	if (!r)
		r = read_fields(note, zone, ARRAY_SIZE(zone), (uint32_t)zone_bytes, err);
	if (!r && zones.has) {
		l->pgdat_zones_offset = zones.offset;
		l->zone_struct_bytes = (uint32_t)zone_bytes;
	}
	return r;
}

static void add_flag(struct page_layout *l, const char *name, int64_t bit)
{
	/* the first name of a bit stays, as in a layout from BTF */
	if (bit < 0 || bit >= LAYOUT_MAX_FLAGS || *l->flag_name[bit])
		return;
	snprintf(l->flag_name[bit], LAYOUT_NAME_LEN, "%s", name);
	if (l->nr_flags <= bit)
		l->nr_flags = (uint32_t)bit + 1;
}

static void read_flags(const char *note, struct page_layout *l)
{
	static const char *const names[] = {
		"lru", "private", "swapcache", "swapbacked", "slab", "hwpoison", "reserved",
	};
	int64_t bit, mask;
	char key[48];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(key, sizeof(key), "NUMBER(PG_%s)", names[i]);
		if (vmcoreinfo_number(note, key, &bit))
			add_flag(l, names[i], bit);
	}
	if (vmcoreinfo_number(note, "NUMBER(PG_head_mask)", &mask) && mask > 0 && !(mask & (mask - 1)))
		add_flag(l, "head", __builtin_ctzll((uint64_t)mask));
}

/* The kernel prints the word as a long, made of an int or of an unsigned. */
static uint32_t type_word(const char *note, const char *name)
{
	char key[64];
	int64_t value;

	snprintf(key, sizeof(key), "NUMBER(PAGE_%s_MAPCOUNT_VALUE)", name);
	return vmcoreinfo_number(note, key, &value) && value >= INT32_MIN && value <= UINT32_MAX ?
		       (uint32_t)value : 0;
}

static void read_types(const char *note, struct page_layout *l)
{
	static const struct { const char *key, *name; } others[] = {
		{ "HUGETLB", "hugetlb" }, { "SLAB", "slab" }, { "UNACCEPTED", "unaccepted" },
	};

	/* the base may have more bits, but some kernels keep types there: the sign it always has */
	l->type_encoding = TYPE_INVERTED_BITS;
	l->type_base = 0x80000000u;
	layout_name_types(l, type_word(note, "BUDDY"), type_word(note, "OFFLINE"));
	for (size_t i = 0; l->nr_types && i < ARRAY_SIZE(others); i++)
		layout_add_type(l, others[i].name, type_word(note, others[i].key));
}

/* What follows "CONFIG_@name=", or NULL.  The last one counts, as it does for Kconfig. */
static const char *config_value(const char *config, const char *name)
{
	const char *found = NULL;
	char set[64], off[64];

	snprintf(set, sizeof(set), "CONFIG_%s=", name);
	snprintf(off, sizeof(off), "# CONFIG_%s is not set", name);
	for (const char *line = config; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, set, strlen(set)))
			found = line + strlen(set);
		else if (!strncmp(line, off, strlen(off)))
			found = NULL;
	}
	return found;
}

static bool config_is_set(const char *config, const char *name)
{
	const char *value = config_value(config, name);

	return value && *value == 'y';
}

/*
 * enum zone_type and the width of the links, as mmzone.h and page-flags-layout.h make them.
 * Without SPARSEMEM_VMEMMAP the section's number is among the links, which is not for us.
 */
static void read_config(const char *config, struct page_layout *l)
{
	static const struct { const char *option, *name; } zones[] = {
		{ "ZONE_DMA", "DMA" },		{ "ZONE_DMA32", "DMA32" },
		{ NULL, "Normal" },		{ "HIGHMEM", "HighMem" },
		{ NULL, "Movable" },		{ "ZONE_DEVICE", "Device" },
	};
	const char *shift = config_value(config, "NODES_SHIFT");
	unsigned long node_bits = shift ? strtoul(shift, NULL, 10) : 0;

	if (!config_is_set(config, "SPARSEMEM_VMEMMAP") || node_bits > LAYOUT_MAX_NODE_BITS)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
		if (!zones[i].option || config_is_set(config, zones[i].option))
			strcpy(l->zone_name[l->nr_zones++], zones[i].name);
	layout_place_links(l, (uint32_t)node_bits);
}

int layout_from_notes(const char *vmcoreinfo, const char *config, struct page_layout *ret,
		      struct rig_err *err)
{
	struct page_layout l = { 0 };
	int r = read_page(vmcoreinfo, &l, err);

	if (!r)
		r = read_section(vmcoreinfo, &l, err);
	if (!r)
		r = read_nodes(vmcoreinfo, &l, err);
	if (r < 0)
		return r;
	read_flags(vmcoreinfo, &l);
	read_types(vmcoreinfo, &l);
	if (config)
		read_config(config, &l);
	*ret = l;
	return 0;
}
