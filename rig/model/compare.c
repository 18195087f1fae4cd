// SPDX-License-Identifier: GPL-2.0-or-later
/* model_compare(): blocks, zones, nodes, resources, host; pages and sections are beside. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare_pages.h"
#include "model/model.h"

struct check {
	const struct model *m;
	const struct snapshot *s;
	const char *step;
	struct findings *out;
};

static void differ(const struct check *c, const char *invariant, const char *what, uint64_t expected,
		   uint64_t seen)
{
	AUTO_FREE char *text = NULL;

	if (expected == seen)
		return;
	text = xasprintf("%s: %" PRIu64, what, expected);
	finding_addf(c->out, c->step, invariant, text, "%" PRIu64 " (%+" PRId64 ")", seen,
		     (int64_t)(seen - expected));
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
		finding_addf(c->out, c->step, "block.links", expected, "%zu links, the first to node %u",
			     seen->nr_nodes, seen->nr_nodes ? seen->node[0] : 0);
	}
	if (strtoul(seen->phys_index, NULL, 16) != b->id) {
		snprintf(expected, sizeof(expected), "memory%u: phys_index %08x", b->id, b->id);
		finding_addf(c->out, c->step, "block.set", expected, "'%s'", seen->phys_index);
	}
}

static void compare_blocks(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_blocks; i++) {
		const struct block_info *seen = &c->s->block[i];
		const struct block_info *was = snapshot_block(c->m->base, seen->id);
		struct model_device *d;
		const struct model_block *b = model_block_find(c->m, seen->id, &d);
		char expected[96];

		if (b) {
			compare_block(c, seen, b, d);
		} else if (!was) {
			finding_addf(c->out, c->step, "block.set", "no memory block without a device",
				     "memory%u", seen->id);
		} else if (strcmp(was->state, seen->state) || strcmp(was->zones, seen->zones)) {
			snprintf(expected, sizeof(expected), "memory%u as at boot: %s, '%s'", seen->id,
				 was->state, was->zones);
			finding_addf(c->out, c->step, "block.state", expected, "%s, '%s'", seen->state,
				     seen->zones);
		}
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
					     "memory%u of '%s' is missing", c->m->device[i].block[k].id,
					     c->m->device[i].id);
}

/* nodeN/memoryM: the union of what boot and the devices put there. */
static void compare_links(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_links; i++) {
		const struct node_links *l = &c->s->links[i];

		for (size_t k = 0; k < l->nr; k++) {
			struct model_device *d = NULL;
			bool known = model_block_find(c->m, l->block[k], &d) ? d->node == l->node : false;

			for (size_t n = 0; n < c->m->base->nr_links && !known; n++)
				for (size_t j = 0; j < c->m->base->links[n].nr; j++)
					known |= c->m->base->links[n].node == l->node &&
						 c->m->base->links[n].block[j] == l->block[k];
			if (!known)
				finding_addf(c->out, c->step, "block.links", "links only to a node's own blocks",
					     "node%u/memory%u", l->node, l->block[k]);
		}
	}
	for (size_t i = 0; i < c->m->nr_devices; i++)
		for (size_t k = 0; k < c->m->device[i].nr_blocks; k++) {
			const struct model_device *d = &c->m->device[i];
			bool found = false;

			for (size_t n = 0; n < c->s->nr_links; n++)
				for (size_t j = 0; j < c->s->links[n].nr; j++)
					found |= c->s->links[n].node == d->node &&
						 c->s->links[n].block[j] == d->block[k].id;
			if (!found)
				finding_addf(c->out, c->step, "block.links", "a link from the node to each block",
					     "node%u/memory%u is missing", d->node, d->block[k].id);
		}
}

static int zone_by_name(const char *name)
{
	for (enum model_zone z = MODEL_DMA; z < MODEL_NR_ZONES; z++)
		if (!strcmp(model_zone_name(z), name))
			return (int)z;
	return -1;
}

static void compare_zone(const struct check *c, const struct zone_count *seen,
			 const struct zone_count *was, const char *witness)
{
	int z = zone_by_name(seen->name);
	uint64_t start = 0, end = 0, pages;
	char what[96];

	if (z < 0) {	/* Device: nothing here may touch it */
		if (was && (was->spanned != seen->spanned || was->present != seen->present ||
			    was->managed != seen->managed))
			finding_addf(c->out, c->step, "zone.present", "zone Device as at boot",
				     "node %u: spanned %" PRIu64 " present %" PRIu64, seen->node,
				     seen->spanned, seen->present);
		return;
	}
	pages = model_online_pages(c->m, seen->node, (enum model_zone)z);
	if (!model_span(c->m, seen->node, (enum model_zone)z, &start, &end))
		start = end = 0;
	snprintf(what, sizeof(what), "node %u zone %s (%s)", seen->node, seen->name, witness);
	differ(c, "zone.present", what, (was ? was->present : 0) + pages, seen->present);
	differ(c, "zone.managed", what, (was ? was->managed : 0) + pages, seen->managed);
	differ(c, "zone.spanned", what, end - start, seen->spanned);
	/* zoneinfo prints the start of populated zones only */
	if (seen->present && seen->spanned)
		differ(c, "zone.start", what, start, seen->start_pfn);
}

static const struct zone_count *node_zone(const struct snapshot *s, unsigned int node, const char *name)
{
	for (size_t i = 0; i < s->nr_nodes; i++)
		for (size_t k = 0; s->node[i].node == node && k < s->node[i].nr; k++)
			if (!strcmp(s->node[i].zone[k].name, name))
				return &s->node[i].zone[k];
	return NULL;
}

static void compare_zones(const struct check *c)
{
	for (size_t i = 0; i < c->s->nr_zones; i++) {
		const struct zone_count *z = &c->s->zone[i];

		compare_zone(c, z, snapshot_zone(c->m->base, z->node, z->name), "zoneinfo");
	}
	for (size_t i = 0; i < c->s->nr_nodes; i++)
		for (size_t k = 0; k < c->s->node[i].nr; k++) {
			const struct zone_count *z = &c->s->node[i].zone[k];

			compare_zone(c, z, node_zone(c->m->base, z->node, z->name), "struct zone");
		}
}

static void compare_nodes(const struct check *c)
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
		differ(c, "node.present", what, present, n->present);
		differ(c, "node.spanned", what, end ? end - start : 0, n->spanned);
		if (end)
			differ(c, "node.spanned", "start of its span", start, n->start_pfn);
		if (n->node < ARRAY_SIZE(c->m->nr_zones))
			differ(c, "node.nr_zones", what, c->m->nr_zones[n->node], n->nr_zones);
	}
}

/* "0-1,3" to a bit mask; nodes beyond 63 do not occur in a shape */
static uint64_t node_mask(const char *list)
{
	uint64_t mask = 0;

	while (*list) {
		char *end;
		unsigned long a = strtoul(list, &end, 10), b = a;

		if (end == list)
			break;
		if (*end == '-')
			b = strtoul(end + 1, &end, 10);
		for (; a <= b && a < 64; a++)
			mask |= 1ull << a;
		list = *end == ',' ? end + 1 : end;
	}
	return mask;
}

static void compare_node_lists(const struct check *c)
{
	uint64_t online = node_mask(c->m->base->node_online), memory = node_mask(c->m->base->has_memory);

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];

		if (d->refused || d->node >= 64)
			continue;
		online |= 1ull << d->node;
		for (size_t k = 0; k < d->nr_blocks; k++)
			if (d->block[k].class == PAGE_ONLINE)
				memory |= 1ull << d->node;
	}
	differ(c, "node.online", "mask of online nodes", online, node_mask(c->s->node_online));
	differ(c, "node.memory", "mask of nodes with memory", memory, node_mask(c->s->has_memory));
}

static void compare_totals(const struct check *c)
{
	uint64_t online = 0, plugged = 0;

	for (size_t i = 0; i < c->m->nr_devices; i++)
		for (size_t k = 0; k < c->m->device[i].nr_blocks; k++) {
			plugged += c->m->block_pages;
			online += c->m->device[i].block[k].class == PAGE_ONLINE ? c->m->block_pages : 0;
		}
	differ(c, "meminfo.total", "MemTotal in KiB", c->m->base->mem_total_kib + online * 4,
	       c->s->mem_total_kib);
	if (c->m->raw && c->m->base->has_memmap_pages)
		differ(c, "vmstat.memmap", "nr_memmap_pages",
		       c->m->base->memmap_pages + plugged * c->m->layout->page_bytes / 4096,
		       c->s->memmap_pages);
	differ(c, "kpageflags.length", "entries of /proc/kpageflags", c->m->max_pages,
	       c->s->kpageflags_pages);
	if (*c->m->policy && strcmp(c->m->policy, c->s->auto_online))
		finding_addf(c->out, c->step, "policy.online", c->m->policy, "%s", c->s->auto_online);
}

static bool same_range(const struct range_entry *a, const struct range_entry *b)
{
	return a->start == b->start && a->end == b->end && !strcmp(a->name, b->name);
}

static bool range_in(const struct range_entry *list, size_t n, const struct range_entry *e)
{
	for (size_t i = 0; i < n; i++)
		if (same_range(&list[i], e))
			return true;
	return false;
}

static void range_finding(const struct check *c, const char *invariant, const char *expected,
			  const struct range_entry *e)
{
	finding_addf(c->out, c->step, invariant, expected, "0x%" PRIx64 "-0x%" PRIx64 " : %s", e->start,
		     e->end, e->name);
}

static void compare_ranges(const struct check *c)
{
	const struct snapshot *s = c->s, *base = c->m->base;
	struct range_entry *ram = xcalloc(c->m->nr_devices, sizeof(*ram));
	size_t nr = 0;

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];

		if (d->refused)
			continue;
		ram[nr] = (struct range_entry){ .start = d->start_pfn * 4096,
						.end = (d->start_pfn + d->nr_pages) * 4096 - 1 };
		strcpy(ram[nr++].name, "System RAM");
	}
	for (size_t i = 0; i < s->nr_iomem; i++)
		if (!range_in(base->iomem, base->nr_iomem, &s->iomem[i]) && !range_in(ram, nr, &s->iomem[i]))
			range_finding(c, "iomem.residue", "nothing there", &s->iomem[i]);
	for (size_t i = 0; i < base->nr_iomem; i++)
		if (!range_in(s->iomem, s->nr_iomem, &base->iomem[i]))
			range_finding(c, "iomem.missing", "what was there at boot, but missing is",
				      &base->iomem[i]);
	for (size_t i = 0; i < s->nr_firmware; i++)
		if (!range_in(base->firmware, base->nr_firmware, &s->firmware[i]) &&
		    !range_in(ram, nr, &s->firmware[i]))
			range_finding(c, "firmware.memmap", "nothing there", &s->firmware[i]);
	for (size_t i = 0; i < nr; i++) {
		if (!range_in(s->iomem, s->nr_iomem, &ram[i]))
			range_finding(c, "iomem.missing", "an entry for the device, but missing is", &ram[i]);
		if (base->nr_firmware && !range_in(s->firmware, s->nr_firmware, &ram[i]))
			range_finding(c, "firmware.memmap", "an entry for the device, but missing is", &ram[i]);
	}
	for (size_t i = 0; i < base->nr_firmware; i++)
		if (!range_in(s->firmware, s->nr_firmware, &base->firmware[i]))
			range_finding(c, "firmware.memmap", "what was there at boot, but missing is",
				      &base->firmware[i]);
	free(ram);
}

static void compare_host(const struct check *c)
{
	uint64_t bytes = c->m->base->memfd_bytes;

	for (size_t i = 0; i < c->m->nr_devices; i++) {
		const struct model_device *d = &c->m->device[i];
		bool found = false;

		bytes += d->size_bytes;
		for (size_t k = 0; k < c->s->nr_devices; k++) {
			const struct host_device *h = &c->s->device[k];

			if (strcmp(h->id, d->id))
				continue;
			found = true;
			if (h->addr != d->start_pfn * 4096 || h->size_bytes != d->size_bytes ||
			    h->slot != d->slot)
				finding_addf(c->out, c->step, "host.devices", "the device as it was plugged",
					     "'%s' at 0x%" PRIx64 ", %" PRIu64 " bytes, slot %" PRId64, h->id,
					     h->addr, h->size_bytes, h->slot);
		}
		if (!found)
			finding_addf(c->out, c->step, "host.devices", "every plugged device",
				     "'%s' is missing", d->id);
	}
	for (size_t k = 0; k < c->s->nr_devices; k++)
		if (!model_device_find(c->m, c->s->device[k].id))
			finding_addf(c->out, c->step, "host.devices", "no device that was not plugged", "'%s'",
				     c->s->device[k].id);
	differ(c, "host.backend", "bytes of hotplug backends that QEMU maps", bytes, c->s->memfd_bytes);
}

void model_compare(struct model *m, const struct snapshot *s, const char *step, struct findings *out)
{
	const struct check c = { m, s, step, out };

	compare_pages(m, s, step, out);
	if (m->raw)
		compare_sections(m, s, step, out);
	compare_blocks(&c);
	compare_links(&c);
	compare_zones(&c);
	compare_nodes(&c);
	compare_node_lists(&c);
	compare_totals(&c);
	compare_ranges(&c);
	compare_host(&c);
}
