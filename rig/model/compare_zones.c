// SPDX-License-Identifier: GPL-2.0-or-later
/* Zones, nodes and totals. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/span.h"

static void compare_zone(const struct check *c, const struct zone_count *seen,
			 const struct zone_count *was, bool from_kernel)
{
	const char *witness = from_kernel ? "struct zone" : "zoneinfo";
	enum model_zone z = model_zone_by_name(seen->name);
	uint64_t start = 0, end = 0, present = was ? was->present : 0, managed = was ? was->managed : 0;
	char what[96];

	if (z < MODEL_NR_ZONES && !model_span(c->m, seen->node, z, &start, &end))
		start = end = 0;
	if (z < MODEL_NR_ZONES) {
		present += model_online_pages(c->m, seen->node, z);
		managed += model_managed_pages(c->m, seen->node, z);
	}
	snprintf(what, sizeof(what), "node %u zone %s (%s)", seen->node, seen->name, witness);
	check_differ(c, "zone.present", what, present, seen->present);
	check_differ(c, "zone.managed", what, managed, seen->managed);
	check_differ(c, "zone.spanned", what, end - start, seen->spanned);
	/* zoneinfo prints the start of populated zones only, and Device never is */
	if (seen->spanned && (seen->present || (from_kernel && z == MODEL_DEVICE)))
		check_differ(c, "zone.start", what, start, seen->start_pfn);
}

/* A zone that holds memory is shown; that of a node without any may be. */
static void want_zone(const struct check *c, unsigned int node, const char *name,
		      const char *witness)
{
	char what[96];

	snprintf(what, sizeof(what), "node %u zone %s (%s)", node, name, witness);
	finding_addf(c->out, c->step, "zone.present", what, "no such zone");
}

static void compare_missing_zones(const struct check *c)
{
	for (size_t i = 0; i < c->m->base->nr_zones; i++) {
		const struct zone_count *z = &c->m->base->zone[i];

		if (z->present && !snapshot_zone(c->s, z->node, z->name))
			want_zone(c, z->node, z->name, "zoneinfo");
		if (z->present && c->m->base->nr_nodes && !snapshot_node_zone(c->s, z->node, z->name))
			want_zone(c, z->node, z->name, "struct zone");
	}
	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];

		for (enum model_zone z = MODEL_DMA; d->nr_blocks && z < MODEL_NR_ZONES; z++) {
			const char *name = model_zone_name(z);

			if (!model_online_pages(c->m, d->node, z))
				continue;
			if (!snapshot_zone(c->s, d->node, name))
				want_zone(c, d->node, name, "zoneinfo");
			if (c->m->base->nr_nodes && !snapshot_node_zone(c->s, d->node, name))
				want_zone(c, d->node, name, "struct zone");
		}
	}
}

void compare_zones(const struct check *c)
{
	compare_missing_zones(c);
	for (size_t i = 0; i < c->s->nr_zones; i++) {
		const struct zone_count *z = &c->s->zone[i];

		compare_zone(c, z, snapshot_zone(c->m->base, z->node, z->name), false);
	}
	for (size_t i = 0; i < c->s->nr_nodes; i++)
		for (size_t k = 0; k < c->s->node[i].nr; k++) {
			const struct zone_count *z = &c->s->node[i].zone[k];

			compare_zone(c, z, snapshot_node_zone(c->m->base, z->node, z->name), true);
		}
}

void compare_nodes(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_nodes; i++) {
		const struct node_count *n = &c->s->node[i];
		uint64_t present = 0, start = UINT64_MAX, end = 0;
		char what[64];

		for (size_t k = 0; k < n->nr; k++) {
			const struct zone_count *z = &n->zone[k];

			present += z->present;
			if (!z->spanned)
				continue;
			if (z->start_pfn < start)
				start = z->start_pfn;
			if (z->start_pfn + z->spanned > end)
				end = z->start_pfn + z->spanned;
		}
		snprintf(what, sizeof(what), "node %u", n->node);
		check_differ(c, "node.present", what, present, n->present);
		check_differ(c, "node.spanned", what, end ? end - start : 0, n->spanned);
		if (n->node < ARRAY_SIZE(c->m->nr_zones))
			check_differ(c, "node.nr_zones", what, c->m->nr_zones[n->node],
				     n->nr_zones);
		snprintf(what, sizeof(what), "node %u: start of its span", n->node);
		if (end)
			check_differ(c, "node.spanned", what, start, n->start_pfn);
	}
}

void compare_node_lists(const struct check *c)
{
	check_differ(c, "node.online", "mask of online nodes", model_nodes_online(c->m),
		     node_mask(c->s->node_online));
	check_differ(c, "node.memory", "mask of nodes with memory", model_nodes_with_memory(c->m),
		     node_mask(c->s->has_memory));
}

static uint64_t all_managed(const struct model *m)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr = model_spans(m, &span);
	uint64_t pages = 0;

	for (size_t i = 0; i < nr; i++)
		pages += span_is_managed(&span[i]) ? span[i].end - span[i].start : 0;
	return pages;
}

void compare_totals(const struct check *c)
{
	check_differ(c, "meminfo.total", "MemTotal in KiB", c->m->base->mem_total_kib + all_managed(c->m) * 4,
		     c->s->mem_total_kib);
	if (c->m->raw && c->m->base->has_memmap_pages)
		check_differ(c, "vmstat.memmap", "nr_memmap_pages", c->m->base->memmap_pages - c->m->boot_device_memmap + model_memmap_pages(c->m),
			     c->s->memmap_pages);
	check_differ(c, "kpageflags.length", "entries of /proc/kpageflags", c->m->max_pages,
		     c->s->kpageflags_pages);
	if (*c->m->policy && strcmp(c->m->policy, c->s->auto_online))
		finding_addf(c->out, c->step, "policy.online", c->m->policy, "%s",
			     c->s->auto_online);
}
