// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/memory_block.h"
#include "page/xarray.h"

static bool is_word(const struct layout_field *f)
{
	return f->has && f->size == 8;
}

bool memory_block_known(const struct page_layout *l)
{
	const struct layout_block *b = &l->block;

	return xarray_known(l) && is_word(&b->section) && b->online_type.has && b->online_type.size == 4 && b->node.has &&
	       b->node.size == 4 && l->zone_struct_bytes && l->nr_zones;
}

struct reader {
	const struct kernel_memory *memory;
	const struct layout_block *layout;
	struct zone_places places;
	struct memory_block *block;
	size_t nr, cap;
};

/* What the layout does not know, or as another number of bytes, is 0. */
static int read_field(const struct reader *r, uint64_t at, const struct layout_field *f, size_t bytes, void *ret)
{
	return f->has && f->size == bytes ? kernel_memory_copy(r->memory, at + f->offset, ret, bytes) : 0;
}

static int read_zone(const struct reader *r, uint64_t at, struct memory_block *b)
{
	uint64_t zone = 0;
	int e = read_field(r, at, &r->layout->zone, sizeof(zone), &zone);

	b->zoned = zone;
	b->zone = zone_place_of(&r->places, zone);
	return e;
}

/* What leads nowhere is told, and the rest goes on. */
static int unless_lost(int e, bool *lost)
{
	if (e != -EFAULT)
		return e;
	*lost = true;
	return 0;
}

static int read_altmap(const struct reader *r, uint64_t altmap, struct memory_block *b)
{
	int e = read_field(r, altmap, &r->layout->altmap_pages, sizeof(b->hosted), &b->hosted);

	return e < 0 ? e : read_field(r, altmap, &r->layout->altmap_used, sizeof(b->used), &b->used);
}

static int read_memmap(const struct reader *r, uint64_t at, struct memory_block *b)
{
	uint64_t altmap = 0;
	int e = read_field(r, at, &r->layout->altmap, sizeof(altmap), &altmap);

	if (e == 0)
		e = read_field(r, at, &r->layout->hosted, sizeof(b->hosted), &b->hosted);
	if (e == 0 && altmap)
		e = unless_lost(read_altmap(r, altmap, b), &b->memmap_lost);
	b->hosting = altmap || b->hosted;
	return e;
}

static int read_numbers(const struct reader *r, struct memory_block *b)
{
	const struct layout_block *l = r->layout;
	uint8_t dynamic = 0;
	int e;

	if ((e = read_field(r, b->group, &l->group_node, sizeof(b->group_node), &b->group_node)) == 0 &&
	    (e = read_field(r, b->group, &l->group_kernel, sizeof(b->group_kernel), &b->group_kernel)) == 0 &&
	    (e = read_field(r, b->group, &l->group_movable, sizeof(b->group_movable), &b->group_movable)) == 0 &&
	    (e = read_field(r, b->group, &l->group_dynamic, sizeof(dynamic), &dynamic)) == 0)
		e = read_field(r, b->group, &l->group_whole, sizeof(b->group_whole), &b->group_whole);
	b->group_dynamic = dynamic;
	return e;
}

static int read_group(const struct reader *r, uint64_t at, struct memory_block *b)
{
	int e = read_field(r, at, &r->layout->group, sizeof(b->group), &b->group);

	return e < 0 || !b->group ? e : unless_lost(read_numbers(r, b), &b->group_lost);
}

static int read_all(const struct reader *r, uint64_t at, struct memory_block *b)
{
	const struct layout_block *l = r->layout;
	int e;

	if ((e = read_field(r, at, &l->section, sizeof(b->section), &b->section)) < 0 ||
	    (e = read_field(r, at, &l->online_type, sizeof(b->online_type), &b->online_type)) < 0 ||
	    (e = read_field(r, at, &l->node, sizeof(b->node), &b->node)) < 0 ||
	    (e = read_field(r, at, &l->poisoned, sizeof(b->poisoned), &b->poisoned)) < 0 ||
	    (e = read_zone(r, at, b)) < 0 || (e = read_memmap(r, at, b)) < 0)
		return e;
	return read_group(r, at, b);
}

/* Nodes of an xarray that share what they lead to would tell it again and again. */
static int read_block(void *arg, uint64_t id, uint64_t at)
{
	struct reader *r = arg;
	struct memory_block b = { .id = id };
	int e;

	if (id >= MEMORY_BLOCK_MAX_ID || (r->nr && id <= r->block[r->nr - 1].id))
		return -EFAULT;
	e = unless_lost(read_all(r, at, &b), &b.lost);
	if (e < 0)
		return e;
	GROW(r->block, r->nr, r->cap);
	r->block[r->nr++] = b;
	return 0;
}

static bool has_zones(const struct zone_places *p)
{
	for (unsigned int nid = 0; nid < ZONE_PLACE_MAX_NODES; nid++)
		if (p->zones[nid])
			return true;
	return false;
}

int memory_blocks_read(const struct kernel_memory *memory, const struct page_layout *l, const struct node_table *nodes,
		       uint64_t xarray, struct memory_block **ret, size_t *ret_nr)
{
	struct reader r = { .memory = memory, .layout = &l->block };
	int e = zone_places_find(memory, l, nodes, &r.places);

	if (e == 0)
		e = has_zones(&r.places) ? 0 : -EFAULT;
	if (e == 0)
		e = xarray_each(memory, l, xarray, read_block, &r);
	if (e < 0) {
		free(r.block);
		return e;
	}
	*ret = r.block;
	*ret_nr = r.nr;
	return 0;
}
