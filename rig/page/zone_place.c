// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "page/zone_place.h"

int zone_places_find(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *table,
		     struct zone_places *ret)
{
	unsigned int end = node_table_end(memory, table, ZONE_PLACE_MAX_NODES);

	*ret = (struct zone_places){ .layout = l };
	for (unsigned int nid = 0; nid < end; nid++) {
		uint64_t pgdat;
		int r = node_address(memory, table, nid, &pgdat);

		if (r < 0 && r != -ENOENT)
			return r;
		ret->zones[nid] = r < 0 ? 0 : pgdat + l->pgdat_zones_offset;
	}
	return 0;
}

struct zone_place zone_place_of(const struct zone_places *p, uint64_t zone)
{
	uint32_t bytes = p->layout->zone_struct_bytes;

	for (int16_t nid = 0; nid < (int16_t)ZONE_PLACE_MAX_NODES; nid++) {
		uint64_t offset = zone - p->zones[nid];

		if (p->zones[nid] && zone >= p->zones[nid] && offset % bytes == 0 &&
		    offset / bytes < p->layout->nr_zones)
			return (struct zone_place){ nid, (int16_t)(offset / bytes) };
	}
	return (struct zone_place){ -1, -1 };
}
