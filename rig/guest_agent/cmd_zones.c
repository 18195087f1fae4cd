// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands about the kernel's own node and zone structures, zonelists and pageblocks. */
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "guest_agent/agent.h"
#include "guest_agent/kernel_map.h"
#include "page/pageblock.h"
#include "page/zonelist.h"

#define MAX_PFN (1ull << 40)

static json_t *zone_json(const char *name, const struct zone_numbers *z)
{
	return json_pack("{sssIsIsIsIsIsIsIsbsbsb}", "zone", name, "start", (json_int_t)z->start_pfn, "spanned",
			 (json_int_t)z->spanned, "present", (json_int_t)z->present, "managed",
			 (json_int_t)z->managed, "present-early", (json_int_t)z->present_early, "cma",
			 (json_int_t)z->cma, "isolated", (json_int_t)z->isolated, "contiguous", z->contiguous,
			 "initialized", z->initialized, "own", z->own);
}

/* [[node, zone, index], ...] as numbers, and true behind the last when the list goes on. */
static json_t *zonelist_json(const struct zonelist *list)
{
	json_t *refs = json_array();

	for (uint32_t i = 0; i < list->nr; i++)
		json_array_append_new(refs, json_pack("[iii]", list->ref[i].node, list->ref[i].zone,
						      list->ref[i].index));
	if (list->endless)
		json_array_append_new(refs, json_true());
	return refs;
}

static json_t *zonelists_json(const struct kernel_map *m, unsigned int nid)
{
	struct zonelist list[ZONELISTS_PER_NODE] = { 0 };
	json_t *lists = json_array();

	if (!zonelist_known(&m->layout) || zonelist_read(&m->memory, &m->layout, &m->nodes, nid, list) < 0)
		return lists;
	for (size_t i = 0; i < ARRAY_SIZE(list) && list[i].there; i++)
		json_array_append_new(lists, zonelist_json(&list[i]));
	return lists;
}

static json_t *node_json(const struct kernel_map *m, unsigned int nid, const struct node_numbers *n)
{
	json_t *zones = json_array();

	for (uint32_t z = 0; z < m->layout.nr_zones; z++)
		json_array_append_new(zones, zone_json(m->layout.zone_name[z], &n->zone[z]));
	return json_pack("{sIsIsIsIsIsoso}", "node", (json_int_t)nid, "start", (json_int_t)n->start_pfn, "spanned",
			 (json_int_t)n->spanned, "present", (json_int_t)n->present, "nr-zones",
			 (json_int_t)n->nr_zones, "zones", zones, "zonelists", zonelists_json(m, nid));
}

/* What the kernel itself keeps of each node in {nodes} and its zones: populated or not. */
int cmd_query_nodes_raw(const struct request *req, json_t **ret, struct rig_err *err)
{
	const json_t *wanted = json_object_get(req->args, "nodes");
	struct kernel_map *m;
	json_t *list, *node;
	size_t i;
	int r = kernel_map_get(&m, err);

	if (r < 0)
		return r;
	if (!m->nodes.node_data && !m->nodes.contig_page_data)
		return rig_err_set(err, RIG_AGENT, ENOENT, "neither node_data nor contig_page_data is known");
	list = json_array();
	json_array_foreach(wanted, i, node) {
		json_int_t nid = json_integer_value(node);
		struct node_numbers n;

		if (nid >= 0 && nid < 1 << m->layout.node_bits &&
		    node_read(&m->memory, &m->layout, &m->nodes, (unsigned int)nid, &n) == 0)
			json_array_append_new(list, node_json(m, (unsigned int)nid, &n));
	}
	*ret = json_pack("{so}", "nodes", list);
	return 0;
}

/* {start, end} in pfns.  Answers {pageblocks: [[pfn, pages, type], ...]}, type as in page/layout.h. */
int cmd_query_pageblocks(const struct request *req, json_t **ret, struct rig_err *err)
{
	struct pageblock_map blocks = { 0 };
	struct kernel_map *m;
	struct memmap memmap;
	uint64_t start, end;
	json_t *list;
	int r;

	if ((r = arg_u64(req, "start", MAX_PFN, &start, err)) < 0 ||
	    (r = arg_u64(req, "end", MAX_PFN, &end, err)) < 0 || (r = kernel_map_get(&m, err)) < 0)
		return r;
	memmap_init(&memmap, &m->memory, &m->layout, &m->sections);
	r = pageblock_known(&m->layout) ? pageblock_read(&memmap, start, end, &blocks) : 0;
	if (r < 0) {
		pageblock_map_deinit(&blocks);
		return rig_err_set(err, RIG_AGENT, -r, "cannot read the pageblocks: %s", strerror(-r));
	}
	list = json_array();
	for (size_t i = 0; i < blocks.nr; i++)
		json_array_append_new(list, json_pack("[IIi]", (json_int_t)blocks.run[i].pfn,
						      (json_int_t)blocks.run[i].nr, (int)blocks.run[i].type));
	pageblock_map_deinit(&blocks);
	*ret = json_pack("{so}", "pageblocks", list);
	return 0;
}
