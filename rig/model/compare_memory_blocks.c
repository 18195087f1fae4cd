// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel keeps of its memory blocks and their groups, and shows in no file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/compare.h"

#define TEXT 96
#define NO_ZONE (-1)

/* What is told of a block is text, so that what differs is shown in the same words. */
static void want(const struct check *c, const char *invariant, const struct memory_block *seen, const char *expected,
		 const char *text)
{
	char whole[TEXT + 32];

	if (!strcmp(expected, text))
		return;
	snprintf(whole, sizeof(whole), "memory%" PRIu64 ": %s", seen->id, expected);
	finding_addf(c->out, c->step, invariant, whole, "%s", text);
}

/* @zone: by the layout's index; NO_ZONE: none */
static const char *place_text(const struct check *c, int node, int zone_node, int zone, char buf[TEXT])
{
	if (!c->m->layout->block.zone.has)
		snprintf(buf, TEXT, "on node %d", node);
	else if (zone == NO_ZONE)
		snprintf(buf, TEXT, "on node %d, in no zone", node);
	else
		snprintf(buf, TEXT, "on node %d, in zone %s of node %d", node, c->m->layout->zone_name[zone], zone_node);
	return buf;
}

static const char *seen_place(const struct check *c, const struct memory_block *b, char buf[TEXT])
{
	if (b->zoned && b->zone.zone < 0)
		snprintf(buf, TEXT, "on node %d, in what is no zone", b->node);
	else
		place_text(c, b->node, b->zone.node, b->zoned ? b->zone.zone : NO_ZONE, buf);
	return buf;
}

/* register_memory_blocks_under_node() does nothing where there is no NUMA. */
static bool knows_nodes(const struct check *c)
{
	return !c->m->base->nr_memory_blocks || c->m->base->memory_block[0].node >= 0;
}

static void compare_place(const struct check *c, const struct memory_block *seen, const struct model_block *b, int node)
{
	int zone = b->class == PAGE_ONLINE ? layout_zone_index(c->m->layout, model_zone_name(b->zone)) : NO_ZONE;
	char expected[TEXT], text[TEXT];

	place_text(c, knows_nodes(c) ? node : -1, node, zone, expected);
	want(c, "block.place", seen, expected, seen_place(c, seen, text));
}

static const char *memmap_text(bool hosting, uint64_t hosted, uint64_t used, char buf[TEXT])
{
	if (hosting)
		snprintf(buf, TEXT, "its memmap in %" PRIu64 " pages of its own, %" PRIu64 " of them used", hosted, used);
	else
		snprintf(buf, TEXT, "its memmap elsewhere");
	return buf;
}

static void compare_memmap(const struct check *c, const struct memory_block *seen, uint64_t hosted)
{
	const struct layout_block *l = &c->m->layout->block;
	uint64_t memmap = c->m->block_pages * c->m->layout->page_bytes >> LAYOUT_PAGE_SHIFT;
	char expected[TEXT], text[TEXT];

	if (!l->hosted.has && !(l->altmap.has && l->altmap_pages.has && l->altmap_used.has))
		return;
	/* a mere number of pages says nothing of their use */
	memmap_text(hosted, hosted, l->altmap.has ? memmap : hosted, expected);
	memmap_text(seen->hosting, seen->hosted, l->altmap.has ? seen->used : seen->hosted, text);
	want(c, "block.memmap", seen, expected, seen->memmap_lost ? "its altmap is nowhere" : text);
}

static uint64_t poisoned_pages(const struct model *m, uint32_t block)
{
	uint64_t nr = 0, end = (block + 1) * m->block_pages;

	for (uint64_t pfn = model_next_poisoned(m, block * m->block_pages, end); pfn < end;
	     pfn = model_next_poisoned(m, pfn + 1, end))
		nr++;
	return nr;
}

static void compare_type(const struct check *c, const struct memory_block *seen, uint32_t expected)
{
	char what[TEXT];

	snprintf(what, sizeof(what), "online type of memory%" PRIu64, seen->id);
	check_differ(c, "block.online_type", what, expected, seen->online_type);
}

static void compare_numbers(const struct check *c, const struct memory_block *seen, uint64_t poisoned)
{
	char what[TEXT];

	snprintf(what, sizeof(what), "poisoned pages of memory%" PRIu64, seen->id);
	if (c->m->layout->block.poisoned.has)
		check_differ(c, "block.poisoned", what, poisoned, seen->poisoned);
	snprintf(what, sizeof(what), "first section of memory%" PRIu64, seen->id);
	check_differ(c, "block.set", what, seen->id * (c->m->block_pages / c->m->layout->pages_per_section),
		     seen->section);
}

/* Nothing that is plugged changes what a block of boot RAM is. */
static void compare_boot_block(const struct check *c, const struct memory_block *seen)
{
	const struct memory_block *was = snapshot_memory_block(c->m->base, seen->id);
	char expected[TEXT], text[TEXT];

	if (!was)
		return;		/* block.set says so */
	want(c, "block.place", seen, seen_place(c, was, expected), seen_place(c, seen, text));
	compare_memmap(c, seen, 0);
	compare_numbers(c, seen, 0);
	if (!c->m->boot_types_left)
		compare_type(c, seen, 0);
	want(c, "group.members", seen, "in no group", seen->group ? "in one" : "in no group");
}

static void compare_plugged(const struct check *c, const struct memory_block *seen, const struct model_block *b,
			    const struct model_device *d)
{
	compare_place(c, seen, b, (int)d->node);
	compare_memmap(c, seen, b->hosted_pages);
	compare_numbers(c, seen, poisoned_pages(c->m, b->id));
	compare_type(c, seen, b->type_left);
}

static bool is_in_use(const struct check *c, const struct model_device *except, uint64_t group)
{
	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];
		const struct memory_block *first = d != except && d->nr_blocks ? snapshot_memory_block(c->s, d->block[0].id) : NULL;

		if (first && first->group == group)
			return true;
	}
	return false;
}

static void compare_members(const struct check *c, const struct model_device *d, const struct memory_block *first)
{
	char expected[TEXT], text[TEXT];

	snprintf(expected, sizeof(expected), "in the group of '%s', of node %u", d->id, d->node);
	for (size_t k = 0; k < d->nr_blocks; k++) {
		const struct memory_block *b = snapshot_memory_block(c->s, d->block[k].id);

		if (!b || b->lost)
			continue;
		if (!b->group)
			snprintf(text, sizeof(text), "in no group");
		else if (b->group_lost)
			snprintf(text, sizeof(text), "in a group that is nowhere");
		else if (b->group != first->group || is_in_use(c, d, b->group))
			snprintf(text, sizeof(text), "in the group of others");
		else
			snprintf(text, sizeof(text), "in the group of '%s', of node %d", d->id, b->group_node);
		want(c, "group.members", b, expected, text);
	}
}

static const char *present_text(uint64_t kernel, uint64_t movable, char *text)
{
	snprintf(text, TEXT, "%" PRIu64 " pages for the kernel and %" PRIu64 " movable in its group", kernel, movable);
	return text;
}

static const char *size_text(bool dynamic, uint64_t pages, char *text)
{
	snprintf(text, TEXT, "in a %s group of %" PRIu64 " pages%s", dynamic ? "dynamic" : "static", pages,
		 dynamic ? " each" : "");
	return text;
}

/*
 * adjust_present_page_count() takes whole blocks, whatever of them is plugged or holds their memmap.  By the size the
 * policy "auto-movable" decides for a whole group.
 */
static void compare_group(const struct check *c, const struct model_device *d)
{
	const struct layout_block *l = &c->m->layout->block;
	const struct memory_block *first = d->nr_blocks ? snapshot_memory_block(c->s, d->block[0].id) : NULL;
	const struct policy_group g = model_group(c->m, d);
	char expected[TEXT], seen[TEXT];

	if (!first || first->lost || !l->group.has)
		return;
	compare_members(c, d, first);
	if (!first->group || first->group_lost)
		return;
	if (l->group_kernel.has && l->group_movable.has)
		want(c, "group.present", first, present_text(g.kernel_pages, g.movable_pages, expected),
		     present_text(first->group_kernel, first->group_movable, seen));
	if (l->group_dynamic.has && l->group_whole.has)
		want(c, "group.size", first, size_text(g.dynamic, g.whole_pages, expected),
		     size_text(first->group_dynamic, first->group_whole, seen));
}

static void compare_set(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_memory_blocks; i++)
		if (!snapshot_block(c->s, (uint32_t)c->s->memory_block[i].id))
			finding_addf(c->out, c->step, "block.set", "every memory block that the kernel has in sysfs",
				     "memory%" PRIu64 " is in memory_blocks alone", c->s->memory_block[i].id);
	for (size_t i = 0; i < c->s->nr_memory_blocks; i++)
		if (c->s->memory_block[i].lost)
			finding_addf(c->out, c->step, "block.set", "every memory block where memory_blocks says",
				     "memory%" PRIu64 " is nowhere", c->s->memory_block[i].id);
	for (size_t i = 0; i < c->s->nr_blocks; i++)
		if (!snapshot_memory_block(c->s, c->s->block[i].id))
			finding_addf(c->out, c->step, "block.set", "every memory block of sysfs in memory_blocks",
				     "memory%u is not", c->s->block[i].id);
}

void compare_memory_blocks(const struct check *c)
{
	if (!c->s->memory_blocks_seen) {
		if (c->m->base->memory_blocks_seen)
			finding_addf(c->out, c->step, "block.set", "memory blocks in memory_blocks, as at boot",
				     "what cannot be followed");
		return;
	}
	compare_set(c);
	for (size_t i = 0; i < c->s->nr_memory_blocks; i++) {
		const struct memory_block *seen = &c->s->memory_block[i];
		struct model_device *d = NULL;
		const struct model_block *b = model_block_find(c->m, (uint32_t)seen->id, &d);

		if (b && !seen->lost)
			compare_plugged(c, seen, b, d);
		else if (!seen->lost)
			compare_boot_block(c, seen);
	}
	for (size_t i = 0; i < c->m->nr_devices; i++)
		compare_group(c, &c->m->device[i]);
}
