// SPDX-License-Identifier: GPL-2.0-or-later
/* model_compare(): memory blocks and their links; the rest is beside. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"

void check_differ(const struct check *c, const char *invariant, const char *what, uint64_t expected,
		  uint64_t seen)
{
	AUTO_FREE char *text = NULL;

	if (expected == seen)
		return;
	text = xasprintf("%s: %" PRIu64, what, expected);
	finding_addf(c->out, c->step, invariant, text, "%" PRIu64 " (%+" PRId64 ")", seen,
		     (int64_t)(seen - expected));
}

void check_pages(const struct check *c, const char *invariant, uint64_t pfn, uint64_t nr, const char *expected,
		 const char *seen)
{
	struct finding f = {
		.kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = pfn, .nr_pfns = nr,
	};

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s", expected);
	snprintf(f.seen, sizeof(f.seen), "%s", seen);
	finding_add(c->out, &f);
}

/* What is the same for all blocks of a kernel. */
static void compare_fixed(const struct check *c, const struct block_info *seen)
{
	const struct block_info *boot = c->m->base->nr_blocks ? &c->m->base->block[0] : seen;
	char expected[160];

	if (!strcmp(seen->removable, boot->removable) && !strcmp(seen->phys_device, boot->phys_device))
		return;
	snprintf(expected, sizeof(expected), "memory%u: removable %s, phys_device %s, as all blocks", seen->id,
		 boot->removable, boot->phys_device);
	finding_addf(c->out, c->step, "block.fixed", expected, "removable %s, phys_device %s", seen->removable,
		     seen->phys_device);
}

static void compare_block(const struct check *c, const struct block_info *seen,
			  const struct model_block *b, const struct model_device *d)
{
	const char *state = b->class == PAGE_ONLINE ? "online" : "offline";
	char expected[160], zones[64];

	if (strcmp(seen->state, state)) {
		snprintf(expected, sizeof(expected), "memory%u: %s", b->id, state);
		finding_addf(c->out, c->step, "block.state", expected, "%s", seen->state);
	}
	model_valid_zones(c->m, b->id, zones);
	if (strcmp(seen->zones, zones)) {
		snprintf(expected, sizeof(expected), "memory%u: valid_zones '%s'", b->id, zones);
		finding_addf(c->out, c->step, "block.zones", expected, "'%s'", seen->zones);
	}
	if (seen->nr_nodes != 1 || seen->node[0] != d->node) {
		snprintf(expected, sizeof(expected), "memory%u: a link to node %u", b->id, d->node);
		finding_addf(c->out, c->step, "block.links", expected,
			     "%zu links, the first to node %u", seen->nr_nodes,
			     seen->nr_nodes ? seen->node[0] : 0);
	}
	if (strtoul(seen->phys_index, NULL, 16) != b->id) {
		snprintf(expected, sizeof(expected), "memory%u: phys_index %08x", b->id, b->id);
		finding_addf(c->out, c->step, "block.set", expected, "'%s'", seen->phys_index);
	}
	compare_fixed(c, seen);
}

/* A block of boot RAM: nothing here may change it. */
static void compare_boot_block(const struct check *c, const struct block_info *seen,
			       const struct block_info *was)
{
	char expected[160];

	compare_fixed(c, seen);
	if (strcmp(was->state, seen->state)) {
		snprintf(expected, sizeof(expected), "memory%u as at boot: %s", seen->id,
			 was->state);
		finding_addf(c->out, c->step, "block.state", expected, "%s", seen->state);
	}
	if (strcmp(was->zones, seen->zones)) {
		snprintf(expected, sizeof(expected), "memory%u as at boot: valid_zones '%s'",
			 seen->id, was->zones);
		finding_addf(c->out, c->step, "block.zones", expected, "'%s'", seen->zones);
	}
	if (was->nr_nodes != seen->nr_nodes ||
	    memcmp(was->node, seen->node, was->nr_nodes * sizeof(*was->node))) {
		snprintf(expected, sizeof(expected),
			 "memory%u as at boot: %zu links, the first to node %u", seen->id,
			 was->nr_nodes, was->nr_nodes ? was->node[0] : 0);
		finding_addf(c->out, c->step, "block.links", expected,
			     "%zu links, the first to node %u", seen->nr_nodes,
			     seen->nr_nodes ? seen->node[0] : 0);
	}
}

static void compare_blocks(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_blocks; i++) {
		const struct block_info *seen = &c->s->block[i];
		const struct block_info *was = snapshot_block(c->m->base, seen->id);
		struct model_device *d;
		const struct model_block *b = model_block_find(c->m, seen->id, &d);

		if (b)
			compare_block(c, seen, b, d);
		else if (was)
			compare_boot_block(c, seen, was);
		else
			finding_addf(c->out, c->step, "block.set",
				     "no memory block without a device", "memory%u", seen->id);
	}
	for (size_t i = 0; i < c->m->base->nr_blocks; i++)
		if (!snapshot_block(c->s, c->m->base->block[i].id))
			finding_addf(c->out, c->step, "block.set", "every memory block of boot RAM",
				     "memory%u is missing", c->m->base->block[i].id);
	for (size_t i = 0; i < c->m->nr_devices; i++)
		for (size_t k = 0; k < c->m->device[i].nr_blocks; k++)
			if (!snapshot_block(c->s, c->m->device[i].block[k].id))
				finding_addf(c->out, c->step, "block.set",
					     "a memory block for each block of a device",
					     "memory%u of '%s' is missing",
					     c->m->device[i].block[k].id, c->m->device[i].id);
}

static bool linked(const struct snapshot *s, unsigned int node, uint32_t block)
{
	for (size_t i = 0; i < s->nr_links; i++)
		for (size_t k = 0; s->links[i].node == node && k < s->links[i].nr; k++)
			if (s->links[i].block[k] == block)
				return true;
	return false;
}

static void want_link(const struct check *c, unsigned int node, uint32_t block)
{
	if (!linked(c->s, node, block))
		finding_addf(c->out, c->step, "block.links", "a link from the node to each block",
			     "node%u/memory%u is missing", node, block);
}

/* nodeN/memoryM: the union of what boot and the devices put there. */
static void compare_links(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_links; i++) {
		const struct node_links *l = &c->s->links[i];

		for (size_t k = 0; k < l->nr; k++) {
			struct model_device *d = NULL;

			if (model_block_find(c->m, l->block[k], &d) ?
				    d->node != l->node :
				    !linked(c->m->base, l->node, l->block[k]))
				finding_addf(c->out, c->step, "block.links",
					     "links only to a node's own blocks", "node%u/memory%u",
					     l->node, l->block[k]);
		}
	}
	for (size_t i = 0; i < c->m->base->nr_links; i++)
		for (size_t k = 0; k < c->m->base->links[i].nr; k++)
			want_link(c, c->m->base->links[i].node, c->m->base->links[i].block[k]);
	for (size_t i = 0; i < c->m->nr_devices; i++)
		for (size_t k = 0; k < c->m->device[i].nr_blocks; k++)
			want_link(c, c->m->device[i].node, c->m->device[i].block[k].id);
}

void model_compare(struct model *m, const struct snapshot *s, const char *step,
		   struct findings *out)
{
	const struct check c = { m, s, step, out };

	compare_pages(m, &s->pages, true, step, out);
	compare_pgmaps(m, &s->pages, step, out);
	if (m->raw)
		compare_sections(&c);
	compare_mappings(&c);
	compare_memmaps(&c);
	compare_holders(&c);
	compare_blocks(&c);
	compare_links(&c);
	compare_memory_blocks(&c);
	compare_zones(&c);
	compare_marks(&c);
	compare_gauges(&c);
	compare_zonelists(&c);
	compare_fallback(&c);
	compare_pageblocks(&c);
	compare_nodes(&c);
	compare_node_lists(&c);
	compare_totals(&c);
	compare_kernel(&c);
	compare_tiers(&c);
	compare_folders(&c);
	compare_ranges(&c);
	compare_resources(&c);
	compare_host(&c);
	compare_drivers(&c);
	compare_counters(&c);
	compare_constants(&c);
	compare_derived(&c);
	compare_kcore(m, &c);
}
