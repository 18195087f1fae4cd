// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "page/node.h"
#include "page/vmcoreinfo.h"

bool node_table_from_note(const char *vmcoreinfo, struct node_table *ret)
{
	struct node_table t = { 0 };

	if (!vmcoreinfo_address(vmcoreinfo, "SYMBOL(node_data)", &t.node_data))
		vmcoreinfo_address(vmcoreinfo, "SYMBOL(contig_page_data)", &t.contig_page_data);
	if (!t.node_data && !t.contig_page_data)
		return false;
	*ret = t;
	return true;
}

int node_address(const struct kernel_memory *memory, const struct node_table *table, unsigned int nid,
		 uint64_t *ret)
{
	uint64_t addr = table->contig_page_data;
	int r = 0;

	if (table->node_data)
		r = kernel_memory_copy(memory, table->node_data + nid * sizeof(addr), &addr,
				       sizeof(addr));
	else if (nid)
		addr = 0;
	if (r < 0)
		return r == -EFAULT ? -ENOENT : r;
	*ret = addr;
	return addr ? 0 : -ENOENT;
}

unsigned int node_table_end(const struct kernel_memory *memory, const struct node_table *table,
			    unsigned int max)
{
	AUTO_FREE uint64_t *addr = NULL;

	if (!table->node_data)
		return max && table->contig_page_data ? 1 : 0;
	addr = calloc(max, sizeof(*addr));
	/* what cannot be read in one piece is looked at one by one */
	if (!addr || kernel_memory_copy(memory, table->node_data, addr, max * sizeof(*addr)) < 0)
		return max;
	while (max && !addr[max - 1])
		max--;
	return max;
}

static size_t field_bytes(const struct layout_field *f)
{
	return !f->has ? 0 : f->size < sizeof(uint64_t) ? f->size : sizeof(uint64_t);
}

static int read_number(const struct kernel_memory *memory, uint64_t pgdat,
		       const struct layout_field *f, uint64_t *ret)
{
	return kernel_memory_copy(memory, pgdat + f->offset, ret, field_bytes(f));
}

static uint64_t zone_number(const struct page_layout *l, const char *zone,
			    const struct layout_field *f)
{
	uint64_t v = 0;

	if (f->offset + (uint64_t)field_bytes(f) <= l->zone_struct_bytes)
		memcpy(&v, zone + f->offset, field_bytes(f));
	return v;
}

/* A zone's way back to its node. */
static bool is_own(const struct page_layout *l, const char *zone, uint64_t pgdat, unsigned int nid)
{
	return (!l->zone_pgdat.has || zone_number(l, zone, &l->zone_pgdat) == pgdat) &&
	       (!l->zone_node.has || zone_number(l, zone, &l->zone_node) == nid);
}

/* None is negative. */
static uint64_t largest(const struct page_layout *l, const char *zone, const struct layout_field *f)
{
	uint64_t max = 0;

	for (uint32_t at = 0; f->has && at + sizeof(max) <= f->size; at += sizeof(max)) {
		const struct layout_field one = { f->offset + at, sizeof(max), true };
		uint64_t v = zone_number(l, zone, &one);

		max = v > max ? v : max;
	}
	return max;
}

static struct zone_numbers zone_numbers(const struct page_layout *l, const char *zone)
{
	return (struct zone_numbers){
		.start_pfn = zone_number(l, zone, &l->zone_start_pfn),
		.spanned = zone_number(l, zone, &l->zone_spanned),
		.present = zone_number(l, zone, &l->zone_present),
		.managed = zone_number(l, zone, &l->zone_managed),
		.present_early = zone_number(l, zone, &l->zone_present_early),
		.cma = zone_number(l, zone, &l->zone_cma),
		.isolated = zone_number(l, zone, &l->zone_isolated),
		.low = zone_number(l, zone, &l->zone_low),
		.high = zone_number(l, zone, &l->zone_high),
		.kept = largest(l, zone, &l->zone_kept),
		.contiguous = zone_number(l, zone, &l->zone_contiguous),
		.initialized = !l->zone_initialized.has || zone_number(l, zone, &l->zone_initialized),
	};
}

/* All zones in one view: what one of them loses and another gains is seen together. */
static int read_zones(const struct kernel_memory *memory, uint64_t pgdat, const struct page_layout *l,
		      unsigned int nid, struct node_numbers *ret)
{
	size_t bytes = (size_t)l->nr_zones * l->zone_struct_bytes;
	const void *view;
	int r;

	ret->zones_addr = pgdat + l->pgdat_zones_offset;
	if (!bytes || bytes > memory->max_bytes)
		return 0;
	r = memory->view(memory->arg, ret->zones_addr, bytes, &view);
	for (uint32_t i = 0; i < l->nr_zones && !r; i++) {
		const char *zone = (const char *)view + (size_t)i * l->zone_struct_bytes;

		ret->zone[i] = zone_numbers(l, zone);
		ret->zone[i].own = is_own(l, zone, pgdat, nid);
	}
	return r;
}

int node_read(const struct kernel_memory *memory, const struct page_layout *l,
	      const struct node_table *table, unsigned int nid, struct node_numbers *ret)
{
	struct node_numbers n = { 0 };
	uint64_t pgdat;
	int r;

	if ((r = node_address(memory, table, nid, &pgdat)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_start_pfn, &n.start_pfn)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_spanned, &n.spanned)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_present, &n.present)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_nr_zones, &n.nr_zones)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_reserve, &n.reserve)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_unmapped, &n.min_unmapped)) < 0 ||
	    (r = read_number(memory, pgdat, &l->pgdat_slab, &n.min_slab)) < 0 ||
	    (r = read_zones(memory, pgdat, l, nid, &n)) < 0)
		return r == -EFAULT ? -ENOENT : r;
	*ret = n;
	return 0;
}
