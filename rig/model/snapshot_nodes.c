// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes, zones and zonelists as the kernel keeps them, and pageblocks. */
#include "base/clean.h"
#include "base/mem.h"
#include "model/snapshot_parse.h"

/* A counter that went below zero is evidence, not a malformed answer. */
static bool zone_counter(const json_t *zone, const char *key, uint64_t *ret)
{
	const json_t *v = json_object_get(zone, key);

	*ret = (uint64_t)json_integer_value(v);
	return json_is_integer(v);
}

static bool take_bool(const json_t *o, const char *key, bool *ret)
{
	const json_t *v = json_object_get(o, key);

	*ret = json_is_true(v);
	return json_is_boolean(v);
}

static int raw_zones(const json_t *list, struct node_count *n, struct rig_err *err)
{
	const json_t *o;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > ARRAY_SIZE(n->zone))
		return snapshot_refuse(err, "zones of a node");
	json_array_foreach(list, i, o) {
		struct zone_count *c = &n->zone[n->nr++];

		c->node = n->node;
		if (!snapshot_take_text(o, "zone", c->name, sizeof(c->name)) ||
		    !zone_counter(o, "start", &c->start_pfn) ||
		    !zone_counter(o, "spanned", &c->spanned) ||
		    !zone_counter(o, "present", &c->present) ||
		    !zone_counter(o, "managed", &c->managed) ||
		    !zone_counter(o, "present-early", &c->present_early) ||
		    !zone_counter(o, "cma", &c->cma) || !zone_counter(o, "isolated", &c->isolated) ||
		    !take_bool(o, "contiguous", &c->contiguous) ||
		    !take_bool(o, "initialized", &c->initialized) || !take_bool(o, "own", &c->own))
			return snapshot_refuse(err, "a zone");
	}
	return 0;
}

static bool ref_number(const json_t *ref, size_t i, int64_t min, int64_t max, int64_t *ret)
{
	const json_t *v = json_array_get(ref, i);

	*ret = json_integer_value(v);
	return json_is_integer(v) && *ret >= min && *ret <= max;
}

/* [node, zone, index] of a zone; node and zone are -1 both, or neither. */
static bool zonelist_ref(const json_t *o, struct zonelist_ref *ret)
{
	int64_t node, zone, index;

	if (json_array_size(o) != 3 || !ref_number(o, 0, -1, ZONELIST_MAX_NODES - 1, &node) ||
	    !ref_number(o, 1, -1, LAYOUT_MAX_ZONES - 1, &zone) ||
	    !ref_number(o, 2, INT32_MIN, INT32_MAX, &index) || (node < 0) != (zone < 0))
		return false;
	*ret = (struct zonelist_ref){ (int16_t)node, (int16_t)zone, (int32_t)index };
	return true;
}

static bool one_zonelist(const json_t *refs, struct zonelist *list)
{
	size_t i, nr = json_array_size(refs);

	list->there = true;
	list->endless = nr && json_is_true(json_array_get(refs, nr - 1));
	nr -= list->endless;
	if (!json_is_array(refs) || nr > ARRAY_SIZE(list->ref))
		return false;
	for (i = 0; i < nr; i++)
		if (!zonelist_ref(json_array_get(refs, i), &list->ref[list->nr++]))
			return false;
	return true;
}

static int zonelists(const json_t *lists, struct node_count *n, struct rig_err *err)
{
	const json_t *o;
	size_t i;

	if (!json_is_array(lists) || json_array_size(lists) > ARRAY_SIZE(n->list))
		return snapshot_refuse(err, "zonelists of a node");
	json_array_foreach(lists, i, o)
		if (!one_zonelist(o, &n->list[i]))
			return snapshot_refuse(err, "a zonelist");
	return 0;
}

int snapshot_parse_nodes_raw(const json_t *answer, struct snapshot *s, struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "nodes"), *o;
	size_t i, cap = 0;

	if (!json_is_array(list))
		return snapshot_refuse(err, "nodes");
	json_array_foreach(list, i, o) {
		struct node_count n = { 0 };
		uint64_t nid;
		int r;

		if (!snapshot_take_number(o, "node", SNAPSHOT_MAX_NODE, &nid) ||
		    !snapshot_take_number(o, "start", UINT64_MAX / 2, &n.start_pfn) ||
		    !snapshot_take_number(o, "spanned", UINT64_MAX / 2, &n.spanned) ||
		    !snapshot_take_number(o, "present", UINT64_MAX / 2, &n.present) ||
		    !snapshot_take_number(o, "nr-zones", UINT64_MAX / 2, &n.nr_zones))
			return snapshot_refuse(err, "a node");
		n.node = (unsigned int)nid;
		if ((r = raw_zones(json_object_get(o, "zones"), &n, err)) < 0 ||
		    (r = zonelists(json_object_get(o, "zonelists"), &n, err)) < 0)
			return r;
		GROW(s->node, s->nr_nodes, cap);
		s->node[s->nr_nodes++] = n;
	}
	return 0;
}

int snapshot_parse_pageblocks(const json_t *answer, uint64_t start, uint64_t end, struct snapshot *s,
			      struct rig_err *err)
{
	const json_t *list = json_object_get(answer, "pageblocks"), *o;
	uint64_t behind = start;
	size_t i;

	if (!json_is_array(list))
		return snapshot_refuse(err, "pageblocks");
	json_array_foreach(list, i, o) {
		uint64_t pfn, nr, type;

		/* the last one begins in the range and may end behind it */
		if (json_array_size(o) != 3 || !snapshot_take_integer(json_array_get(o, 0), end, &pfn) ||
		    pfn < behind || pfn == end ||
		    !snapshot_take_integer(json_array_get(o, 1), SNAPSHOT_MAX_PFN - pfn, &nr) || !nr ||
		    !snapshot_take_integer(json_array_get(o, 2), PAGEBLOCK_NR_TYPES, &type))
			return snapshot_refuse(err, "a run of pageblocks");
		behind = pfn + nr;
		pageblock_append(&s->pageblocks, pfn, nr, (enum pageblock_type)type);
	}
	return 0;
}
