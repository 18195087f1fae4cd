// SPDX-License-Identifier: GPL-2.0-or-later
/* Free lists: what their zone counts, what is on them, and what struct pages say of it. */
#include <inttypes.h>
#include <stdio.h>

#include "model/balance.h"

struct area_check {
	const char *step;
	struct findings *out;
};

/*
 * The texts say how much is amiss and not the two counts: those change from look to look on a guest
 * that runs, a true error does not.
 */
static void differ(const struct area_check *c, const struct zone_count *z, const char *what, unsigned int order,
		   uint64_t seen, uint64_t heads)
{
	char text[128];

	if (seen == heads)
		return;
	snprintf(text, sizeof(text), "node %u zone %s: %s as many chunks of order %u as there are", z->node, z->name, what,
		 order);
	finding_addf(c->out, c->step, "zone.orders", text, "%+" PRId64, (int64_t)(seen - heads));
}

static void balance_order(const struct area_check *c, const struct zone_count *z, unsigned int order, uint64_t heads)
{
	const struct free_area *a = &z->areas.order[order];
	char text[128];

	differ(c, z, "counts", order, a->counted, heads);
	/* what is in an endless list cannot be said */
	if (!a->endless)
		differ(c, z, "lists", order, a->listed, heads);
	snprintf(text, sizeof(text), "node %u zone %s: nothing on the lists of order %u but its chunks", z->node, z->name,
		 order);
	if (a->endless)
		finding_addf(c->out, c->step, "zone.orders", text, "no end");
	else if (a->strangers)
		finding_addf(c->out, c->step, "zone.orders", text, "%" PRIu64 " that are none", a->strangers);
}

/* @t: NULL when there is not a page */
static void balance_zone(const struct area_check *c, const struct zone_count *z, const struct tally *t)
{
	char text[128];

	for (unsigned int order = 0; order < FREE_AREA_ORDERS; order++)
		balance_order(c, z, order, t ? t->heads[order] : 0);
	snprintf(text, sizeof(text), "node %u zone %s: no free chunk is isolated", z->node, z->name);
	if (z->areas.isolated)
		finding_addf(c->out, c->step, "zone.isolated", text, "%" PRIu64, z->areas.isolated);
}

void balance_areas(const struct model *m, const struct snapshot *s, const struct tally *t, size_t nr_tallies,
		   const char *step, struct findings *out)
{
	const struct area_check c = { step, out };
	size_t nr;
	const struct node_count *node = snapshot_moment_nodes(s, &nr);

	for (size_t i = 0; m->raw && i < nr; i++)
		for (size_t k = 0; k < node[i].nr; k++)
			if (node[i].zone[k].areas.known && snapshot_covers(s, m->base, &node[i].zone[k]))
				balance_zone(&c, &node[i].zone[k], tally_find(t, nr_tallies, node[i].node, k));
}
