// SPDX-License-Identifier: GPL-2.0-or-later
/* What a right kernel keeps of its memory blocks: as sysfs has them, and figures worked out by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample_scene.h"

#define GROUP(id) ((id) < 32 ? 0 : (id) < 34 ? 0xffff888001000000ull : 0xffff888002000000ull)

static int zone_index(const struct page_layout *l, const struct block_info *b)
{
	return strcmp(b->state, "online") ? -1 : layout_zone_index(l, b->zones);
}

/* All online pages of a group are in Movable or in Normal. */
static uint64_t present(const struct snapshot *r, uint64_t group, bool movable)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < r->nr_blocks; i++)
		if (GROUP(r->block[i].id) == group && !strcmp(r->block[i].state, "online") &&
		    !strcmp(r->block[i].zones, "Movable") == movable)
			pages += SAMPLE_BLOCK_PAGES;
	return pages;
}

static uint64_t poisoned(const struct sample *s, uint32_t id)
{
	for (size_t i = 0; s->scene && s->layout.block.poisoned.has && s->scene->block[i].state; i++)
		if (s->scene->block[i].id == id)
			return s->scene->block[i].poisoned;
	return 0;
}

static const struct model_device *device_of(const struct sample *s, uint32_t id)
{
	struct model_device *d = NULL;

	model_block_find(&s->model, id, &d);
	return d;
}

static bool is_dynamic(const struct sample *s, uint32_t id)
{
	return device_of(s, id)->kind == MODEL_VIRTIO_MEM;
}

static uint64_t whole(const struct sample *s, uint32_t id)
{
	return is_dynamic(s, id) ? SAMPLE_BLOCK_PAGES : device_of(s, id)->nr_pages;
}

static struct memory_block right_block(const struct sample *s, const struct snapshot *r, const struct block_info *seen)
{
	uint64_t hosted = s->scene && seen->id >= 32 ? s->scene->hosted : 0, group = GROUP(seen->id);
	int zone = zone_index(&s->layout, seen), node = (int)seen->node[0];

	return (struct memory_block){
		.id = seen->id, .section = seen->id, .node = node,
		.zoned = zone >= 0, .zone = { zone < 0 ? -1 : (int16_t)node, (int16_t)zone },
		.hosting = hosted, .hosted = hosted, .used = s->layout.block.altmap.has ? hosted : 0,
		.poisoned = poisoned(s, seen->id),
		.group = group, .group_node = group ? node : 0,
		.group_kernel = group ? present(r, group, false) : 0,
		.group_movable = group ? present(r, group, true) : 0,
		.group_dynamic = group && is_dynamic(s, seen->id),
		.group_whole = group ? whole(s, seen->id) : 0,
	};
}

void sample_add_memory_blocks(const struct sample *s, struct snapshot *r)
{
	if (!s->model.raw)
		return;
	/* a scene is put over what boot shows */
	free(r->memory_block);
	r->nr_memory_blocks = 0;
	r->memory_block = xcalloc(r->nr_blocks + 1, sizeof(*r->memory_block));
	for (size_t i = 0; i < r->nr_blocks; i++)
		r->memory_block[r->nr_memory_blocks++] = right_block(s, r, &r->block[i]);
	r->memory_blocks_seen = true;
}
