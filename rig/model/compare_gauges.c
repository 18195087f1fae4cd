// SPDX-License-Identifier: GPL-2.0-or-later
/* What is counted of zones and nodes in their vm_stat[], with the shares that CPUs keep. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/coverage.h"

/* All other counts are of something that is in memory of the zone or node now. */
static const struct {
	const char *names, *why;
} others[] = {
	{ "NR_ISOLATED_*", "node.isolated tells of them, in nodes that have memory too" },
	{ "WORKINGSET_REFAULT_* WORKINGSET_ACTIVATE_* WORKINGSET_RESTORE_* WORKINGSET_NODERECLAIM",
	  "pages that came back, and shadows that were reclaimed, since boot" },
	{ "NR_VMSCAN_* NR_THROTTLED_WRITTEN", "what reclaim wrote, or found in the way, since boot" },
	{ "NR_DIRTIED NR_WRITTEN", "pages that were dirtied and written since boot" },
	{ "NR_FOLL_PIN_*", "pins that were taken and given back since boot, each where its page was then" },
	{ "PG*", "pages that were promoted, demoted and scanned since boot" },
};

static bool is_other(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (coverage_fits(others[i].names, name, 0))
			return true;
	return !*name;
}

static void want_none(const struct check *c, const char *invariant, const char *where, const struct layout_stats *l,
		      const struct vm_stats *v)
{
	char expected[128];

	for (uint32_t i = 0; v->known && i < l->nr; i++) {
		if (!v->nr[i] || is_other(l->name[i]))
			continue;
		snprintf(expected, sizeof(expected), "%s: %s 0, as it has no pages", where, l->name[i]);
		finding_addf(c->out, c->step, invariant, expected, "%" PRId64, v->nr[i]);
	}
}

/*
 * At the end nothing moves pages any more, and whoever isolated one has put it back.  The per-cpu shares of a node that
 * has gone are in no sum of the kernel's own, hence not /proc/vmstat.
 */
static void compare_isolated(const struct check *c, const struct node_count *n)
{
	static const struct { const char *name, *what; } counts[] = {
		{ "NR_ISOLATED_ANON", "anonymous pages" }, { "NR_ISOLATED_FILE", "pages of files" },
	};
	const struct layout_stats *l = &c->m->layout->node_counts;
	char expected[96];

	for (uint32_t i = 0; n->counts.known && i < l->nr; i++)
		for (size_t k = 0; k < ARRAY_SIZE(counts); k++) {
			if (!n->counts.nr[i] || strcmp(l->name[i], counts[k].name))
				continue;
			snprintf(expected, sizeof(expected), "node %u: %s isolated from LRU lists: 0", n->node, counts[k].what);
			finding_addf(c->out, c->step, "node.isolated", expected, "%" PRId64, n->counts.nr[i]);
		}
}

static void compare_node(const struct check *c, const struct node_count *n)
{
	const struct page_layout *l = c->m->layout;
	char where[64];

	for (size_t i = 0; i < n->nr; i++) {
		snprintf(where, sizeof(where), "node %u zone %s", n->node, n->zone[i].name);
		if (!n->zone[i].present)
			want_none(c, "zone.gauges", where, &l->zone_counts, &n->zone[i].counts);
	}
	snprintf(where, sizeof(where), "node %u", n->node);
	if (!n->present)
		want_none(c, "node.gauges", where, &l->node_counts, &n->counts);
	if (c->s->whole)
		compare_isolated(c, n);
}

static void want_sums(const struct check *c, const char *of, const struct layout_stats *l, const int64_t *sum,
		      const int64_t *total)
{
	char expected[128];

	for (uint32_t i = 0; i < l->nr; i++) {
		if (sum[i] == total[i])
			continue;
		/* neither of the two stays as it is, the difference does */
		snprintf(expected, sizeof(expected), "%s of all %s: their sum", l->name[i], of);
		finding_addf(c->out, c->step, "vmstat.sums", expected, "%+" PRId64, total[i] - sum[i]);
	}
}

static void add(int64_t *sum, const struct vm_stats *v)
{
	for (size_t i = 0; i < LAYOUT_MAX_STATS; i++)
		sum[i] += v->folded[i];
}

/* Of possible nodes too: what one counts stays with it when it goes. */
static void compare_sums(const struct check *c, const struct node_count *node, size_t nr)
{
	const struct vm_totals *t = &c->s->totals;
	struct vm_totals sum = { .known = t->known && nr };

	for (; nr; node++, nr--) {
		sum.known &= node->counts.known;
		add(sum.nodes, &node->counts);
		for (size_t i = 0; i < node->nr; i++) {
			sum.known &= node->zone[i].counts.known;
			add(sum.zones, &node->zone[i].counts);
		}
	}
	if (!sum.known)
		return;
	want_sums(c, "zones", &c->m->layout->zone_counts, sum.zones, t->zones);
	want_sums(c, "nodes", &c->m->layout->node_counts, sum.nodes, t->nodes);
}

void compare_gauges(const struct check *c)
{
	size_t nr;
	const struct node_count *node = snapshot_moment_nodes(c->s, &nr);

	compare_sums(c, node, nr);
	for (size_t i = 0; i < nr; i++)
		compare_node(c, &node[i]);
}
