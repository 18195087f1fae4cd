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

static int read_list(const struct kernel_memory *memory, const struct zone_places *p, uint64_t addr,
		     struct zonelist *ret)
{
	const struct page_layout *l = p->layout;
	uint32_t max = l->zonelist_refs.size / l->zoneref_bytes;

	*ret = (struct zonelist){ .there = true };
	for (uint32_t i = 0; i < max; i++) {
		unsigned char raw[MAX_REF_BYTES];
		int r = kernel_memory_copy(memory, addr + (uint64_t)i * l->zoneref_bytes, raw, l->zoneref_bytes);
		struct zone_place place;
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
		place = zone_place_of(p, zone);
		ret->ref[ret->nr++] = (struct zonelist_ref){ place.node, place.zone, index };
	}
	ret->endless = true;
	return 0;
}

int zonelist_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		  unsigned int nid, struct zonelist ret[ZONELISTS_PER_NODE])
{
	struct zone_places p;
	uint32_t nr = l->pgdat_zonelists.size / l->zonelist_bytes;
	uint64_t pgdat;
	int r;

	memset(ret, 0, ZONELISTS_PER_NODE * sizeof(*ret));
	if ((r = node_address(memory, table, nid, &pgdat)) < 0 || (r = zone_places_find(memory, l, table, &p)) < 0)
		return r;
	for (uint32_t i = 0; i < nr && i < ZONELISTS_PER_NODE && !r; i++)
		r = read_list(memory, &p, pgdat + l->pgdat_zonelists.offset + (uint64_t)i * l->zonelist_bytes +
					  l->zonelist_refs.offset, &ret[i]);
	return r == -EFAULT ? -ENOENT : r;
}
