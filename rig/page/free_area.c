// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "page/free_area.h"
#include "page/state.h"

#define MAX_AREA_BYTES 512u

/* struct list_head */
struct link {
	uint64_t next, prev;
};

struct reading {
	const struct kernel_memory *memory;
	const struct page_layout *l;
	const struct free_area_zone *zone;
	uint64_t *left;			/* chunks that may still come */
	struct free_areas *areas;
};

static bool is_known(const struct page_layout *l)
{
	const struct layout_free_area *f = &l->free_area;

	return f->zone.has && f->bytes && f->bytes <= MAX_AREA_BYTES && f->zone.size == f->bytes * FREE_AREA_ORDERS &&
	       f->nr.has && f->nr.size == 8 && f->nr.offset <= f->bytes - 8 && f->lists.has &&
	       f->lists.size % sizeof(struct link) == 0 && f->lists.size <= f->bytes &&
	       f->lists.offset <= f->bytes - f->lists.size && f->lru.has && f->lru.size == sizeof(struct link) &&
	       f->lru.offset <= l->page_bytes - sizeof(struct link);
}

/* The chunk whose place in a list is at @at; fills @place. */
static int read_chunk(const struct reading *r, uint64_t at, unsigned int order, struct link *place, bool *fits)
{
	uint64_t page = at - r->l->free_area.lru.offset;
	struct page_state s;
	const void *raw;
	int e = r->memory->view(r->memory->arg, page, r->l->page_bytes, &raw);

	if (e < 0)
		return e;
	memcpy(place, (const char *)raw + r->l->free_area.lru.offset, sizeof(*place));
	page_decode(r->l, raw, page, 0, &s);
	*fits = s.order == (int)order && s.node == r->zone->node && s.zone == r->zone->index;
	return 0;
}

static int walk_list(struct reading *r, uint64_t head, const struct link *first, unsigned int order, uint64_t *listed)
{
	struct free_area *area = &r->areas->order[order];
	uint64_t before = head, at = first->next;
	struct link place = *first;

	for (; at != head && *r->left; --*r->left) {
		bool fits;
		int e = read_chunk(r, at, order, &place, &fits);

		if (e == -EFAULT)
			break;
		if (e < 0)
			return e;
		++*listed;
		area->strangers += !fits || place.prev != before;
		before = at;
		at = place.next;
	}
	area->endless |= at != head;
	return 0;
}

static int read_area(struct reading *r, unsigned int order)
{
	const struct layout_free_area *f = &r->l->free_area;
	uint64_t addr = r->zone->addr + f->zone.offset + (uint64_t)order * f->bytes, head = addr + f->lists.offset;
	struct free_area *area = &r->areas->order[order];
	unsigned char raw[MAX_AREA_BYTES];
	int e = kernel_memory_copy(r->memory, addr, raw, f->bytes);

	if (e < 0)
		return e;
	memcpy(&area->counted, raw + f->nr.offset, sizeof(area->counted));
	for (uint32_t type = 0; type < f->lists.size / sizeof(struct link) && e == 0; type++) {
		uint64_t listed = 0;
		struct link first;

		memcpy(&first, raw + f->lists.offset + type * sizeof(first), sizeof(first));
		/* a zone that never had pages has none: zone_init_free_lists() */
		if (first.next)
			e = walk_list(r, head + type * sizeof(first), &first, order, &listed);
		area->listed += listed;
		r->areas->isolated += type == f->isolate ? listed : 0;
	}
	return e;
}

int free_areas_read(const struct kernel_memory *memory, const struct page_layout *l, const struct free_area_zone *zone,
		    uint64_t *left, struct free_areas *ret)
{
	struct free_areas areas = { .known = true };
	struct reading r = { memory, l, zone, left, &areas };
	int e = 0;

	*ret = (struct free_areas){ 0 };
	if (!is_known(l))
		return 0;
	for (unsigned int order = 0; order < FREE_AREA_ORDERS && e == 0; order++)
		e = read_area(&r, order);
	if (e == 0)
		*ret = areas;
	return e;
}
