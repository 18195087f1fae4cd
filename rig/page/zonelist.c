// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "page/zonelist.h"

#define MAX_REF_BYTES 64u

static bool within(const struct layout_field *f, uint32_t size, uint32_t bytes)
{
	return f->has && f->size == size && f->offset <= bytes - size;
}

bool zonelist_known(const struct page_layout *l)
{
	return l->pgdat_zonelists.has && l->zonelist_refs.has && l->zone_struct_bytes && l->nr_zones &&
	       l->zoneref_bytes >= 16 && l->zoneref_bytes <= MAX_REF_BYTES &&
	       within(&l->zoneref_zone, 8, l->zoneref_bytes) && within(&l->zoneref_index, 4, l->zoneref_bytes) &&
	       l->zonelist_refs.size >= l->zoneref_bytes && l->zonelist_bytes >= l->zonelist_refs.size;
}

/* Where the zones of each node are; 0: no such node. */
struct places {
	const struct page_layout *layout;
	uint64_t zones[ZONELIST_MAX_NODES];
};

static int find_places(const struct kernel_memory *memory, const struct node_table *table, struct places *p)
{
	unsigned int end = node_table_end(memory, table, ZONELIST_MAX_NODES);

	for (unsigned int nid = 0; nid < end; nid++) {
		uint64_t pgdat;
		int r = node_address(memory, table, nid, &pgdat);

		if (r < 0 && r != -ENOENT)
			return r;
		p->zones[nid] = r < 0 ? 0 : pgdat + p->layout->pgdat_zones_offset;
	}
	return 0;
}

static struct zonelist_ref ref_of(const struct places *p, uint64_t zone, int32_t index)
{
	struct zonelist_ref ref = { -1, -1, index };
	uint32_t bytes = p->layout->zone_struct_bytes;

	for (int16_t nid = 0; nid < (int16_t)ZONELIST_MAX_NODES; nid++) {
		uint64_t offset = zone - p->zones[nid];

		if (p->zones[nid] && zone >= p->zones[nid] && offset % bytes == 0 &&
		    offset / bytes < p->layout->nr_zones)
			return (struct zonelist_ref){ nid, (int16_t)(offset / bytes), index };
	}
	return ref;
}

static int read_list(const struct kernel_memory *memory, const struct places *p, uint64_t addr, struct zonelist *ret)
{
	const struct page_layout *l = p->layout;
	uint32_t max = l->zonelist_refs.size / l->zoneref_bytes;

	*ret = (struct zonelist){ .there = true };
	for (uint32_t i = 0; i < max; i++) {
		unsigned char raw[MAX_REF_BYTES];
		int r = kernel_memory_copy(memory, addr + (uint64_t)i * l->zoneref_bytes, raw, l->zoneref_bytes);
		uint64_t zone;
		int32_t index;

		if (r < 0)
			return r;
		memcpy(&zone, raw + l->zoneref_zone.offset, sizeof(zone));
		memcpy(&index, raw + l->zoneref_index.offset, sizeof(index));
		if (!zone)
			return 0;
		if (ret->nr == ARRAY_SIZE(ret->ref))
			break;
		ret->ref[ret->nr++] = ref_of(p, zone, index);
	}
	ret->endless = true;
	return 0;
}

int zonelist_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		  unsigned int nid, struct zonelist ret[ZONELISTS_PER_NODE])
{
	struct places p = { .layout = l };
	uint32_t nr = l->pgdat_zonelists.size / l->zonelist_bytes;
	uint64_t pgdat;
	int r;

	memset(ret, 0, ZONELISTS_PER_NODE * sizeof(*ret));
	if ((r = node_address(memory, table, nid, &pgdat)) < 0 || (r = find_places(memory, table, &p)) < 0)
		return r;
	for (uint32_t i = 0; i < nr && i < ZONELISTS_PER_NODE && !r; i++)
		r = read_list(memory, &p, pgdat + l->pgdat_zonelists.offset + (uint64_t)i * l->zonelist_bytes +
					  l->zonelist_refs.offset, &ret[i]);
	return r == -EFAULT ? -ENOENT : r;
}
