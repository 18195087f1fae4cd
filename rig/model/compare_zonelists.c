// SPDX-License-Identifier: GPL-2.0-or-later
/* Zonelists name the zones that have memory, and the order of nodes is all that the kernel may choose. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"

static bool populated(const struct model *m, unsigned int node, uint32_t zone)
{
	enum model_zone z = model_zone_by_name(m->layout->zone_name[zone]);

	return z < MODEL_NR_ZONES && model_present_pages(m, node, z);
}

static void put_zone(FILE *out, const struct page_layout *l, int node, int zone)
{
	fprintf(out, "%s%d:%s", ftell(out) ? " " : "", node, l->zone_name[zone]);
}

static void put_node(FILE *out, const struct model *m, unsigned int node)
{
	for (uint32_t zone = m->layout->nr_zones; zone--; )
		if (populated(m, node, zone))
			put_zone(out, m->layout, (int)node, (int)zone);
}

/* Its own node first, then the others as the list has them, then those that it has not; the highest zone first. */
static char *text_that_must_be(const struct model *m, unsigned int node, const struct zonelist *seen, bool alone)
{
	uint64_t left = alone ? 1ull << node : model_nodes_with_memory(m) | 1ull << node;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	put_node(out, m, node);
	left &= ~(1ull << node);
	for (uint32_t i = 0; i < seen->nr; i++) {
		int other = seen->ref[i].node;

		if (other < 0 || !(left >> other & 1))
			continue;
		put_node(out, m, (unsigned int)other);
		left &= ~(1ull << other);
	}
	for (unsigned int other = 0; other < ZONELIST_MAX_NODES; other++)
		if (left >> other & 1)
			put_node(out, m, other);
	fclose(out);
	return text;
}

static char *text_seen(const struct page_layout *l, const struct zonelist *list)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (uint32_t i = 0; i < list->nr; i++) {
		const struct zonelist_ref *ref = &list->ref[i];

		if (ref->zone < 0 || ref->zone >= (int)l->nr_zones) {
			fprintf(out, "%sno zone", ftell(out) ? " " : "");
			continue;
		}
		put_zone(out, l, ref->node, ref->zone);
		if (ref->index != ref->zone)
			fprintf(out, "(index %d)", ref->index);
	}
	fputs(list->endless ? " and so on without end" : "", out);
	fclose(out);
	return text;
}

static void compare_list(const struct check *c, unsigned int node, const struct zonelist *list, bool alone)
{
	AUTO_FREE char *must_be = text_that_must_be(c->m, node, list, alone);
	AUTO_FREE char *seen = text_seen(c->m->layout, list);
	char expected[256];

	if (!strcmp(must_be, seen))
		return;
	snprintf(expected, sizeof(expected), "node %u zonelist %s: '%.200s'", node,
		 alone ? "of its own zones" : "with fallback", must_be);
	finding_addf(c->out, c->step, "node.zonelists", expected, "'%.400s'", seen);
}

/* Without NUMA there is one list, and no other node. */
void compare_zonelists(const struct check *c)
{
	uint64_t online = model_nodes_online(c->m);

	for (size_t i = 0; i < c->s->nr_nodes; i++) {
		const struct node_count *n = &c->s->node[i];

		for (size_t k = 0; k < ARRAY_SIZE(n->list); k++)
			if (n->node < ZONELIST_MAX_NODES && online >> n->node & 1 && n->list[k].there)
				compare_list(c, n->node, &n->list[k], k);
	}
}
