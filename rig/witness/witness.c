// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/memmap.h"
#include "page/node.h"
#include "page/zone_free.h"
#include "page/vmcoreinfo.h"
#include "witness/guest_ram.h"
#include "witness/kernel_note.h"
#include "witness/kernel_space.h"
#include "witness/memmap_holders.h"
#include "witness/node_reader.h"
#include "witness/witness.h"
#include "witness/witness_layout.h"

#define MAX_SECTION_RUNS 65536u
#define MAX_MAPPINGS	(1u << 20)

struct witness {
	struct guest_ram *ram;
	struct guest_memory memory;
	struct kernel_space space;
	struct kernel_memory kernel;
	struct kernel_note note;
	struct page_layout layout;
	const char *layout_source;
	struct memmap_table sections;
	struct node_table nodes;
	struct per_cpu cpus;
	uint64_t symbol[WITNESS_NR_SYMBOLS];	/* addresses; 0: not known */
	struct memmap memmap;		/* of the call that is going on */
};

/* What is not found is not looked at.  Nobody who has no CPUs to count by needs to know where they are. */
static int find_symbols(struct witness *w, const struct witness_config *config, struct rig_err *err)
{
	int r;

	memcpy(w->symbol, config->places.symbol, sizeof(w->symbol));
	r = symbols_find(&w->kernel, w->note.text, &w->layout, config->nr_cpus, w->symbol);
	if (r < 0)
		w->memory.explain(w->memory.arg, r, err);
	w->cpus = (struct per_cpu){ w->symbol[SYMBOL_PER_CPU_OFFSET], config->nr_cpus };
	return r;
}

static int open_all(struct witness *w, const struct witness_config *config, uint64_t until_ns,
		    struct rig_err *err)
{
	int r = guest_ram_create(config->pid, config->qmp, until_ns, &w->ram, err);

	if (r < 0)
		return r;
	w->memory = guest_ram_memory(w->ram);
	r = kernel_note_find(&w->memory, config->places.note_gpa, until_ns, &w->space, &w->note, err);
	if (r < 0)
		return r;
	w->kernel = kernel_space_memory(&w->space);
	r = witness_layout_find(config, &w->kernel, w->note.text, &w->layout, &w->layout_source,
				err);
	if (r < 0)
		return r;
	if (!memmap_table_from_note(w->note.text, &w->layout, &w->sections))
		return rig_err_set(err, RIG_KERNEL, ENOENT, "VMCOREINFO does not name mem_section");
	node_table_from_note(w->note.text, &w->nodes);
	return find_symbols(w, config, err);
}

int witness_open(const struct witness_config *config, uint64_t until_ns, struct witness **ret,
		 struct rig_err *err)
{
	struct witness *w = xcalloc(1, sizeof(*w));
	int r = open_all(w, config, until_ns, err);

	if (r < 0) {
		witness_close(w);
		return rig_err_wrap(err, "witness");
	}
	*ret = w;
	return 0;
}

void witness_close(struct witness *w)
{
	if (!w)
		return;
	kernel_note_deinit(&w->note);
	guest_ram_destroy(w->ram);
	free(w);
}

int witness_refresh(struct witness *w, uint64_t until_ns, struct rig_err *err)
{
	int r = guest_ram_refresh(w->ram, until_ns, err);

	return r < 0 ? rig_err_wrap(err, "witness") : 0;
}

const struct page_layout *witness_layout(const struct witness *w)
{
	return &w->layout;
}

const char *witness_layout_source(const struct witness *w)
{
	return w->layout_source;
}

struct witness_places witness_places(const struct witness *w)
{
	struct witness_places p = { .note_gpa = w->note.gpa };

	memcpy(p.symbol, w->symbol, sizeof(p.symbol));
	return p;
}

const char *witness_release(const struct witness *w)
{
	return w->note.release;
}

/* A running kernel changes its tables: what was kept of them counts for one call. */
static void begin(struct witness *w)
{
	page_tables_forget(&w->space.tables);
	memmap_init(&w->memmap, &w->kernel, &w->layout, &w->sections);
}

static int end(const struct witness *w, int r, struct rig_err *err)
{
	if (r >= 0)
		return 0;
	if (r == -E2BIG)
		rig_err_set(err, RIG_KERNEL, E2BIG,
			    "mem_section has more than the guest can have RAM for");
	else
		w->memory.explain(w->memory.arg, r, err);
	return rig_err_wrap(err, "witness");
}

int witness_end_pfn(struct witness *w, uint64_t *ret, struct rig_err *err)
{
	uint64_t section = 0;
	int r;

	begin(w);
	r = memmap_end_section(&w->memmap, &section);
	if (!r)
		*ret = section * w->layout.pages_per_section;
	return end(w, r, err);
}

/*
 * Struct pages are in RAM, and most describe it: a memmap of many times as many pages, all shared
 * or made up, is not one to be walked to its end.
 */
static uint64_t max_pages(const struct witness *w)
{
	return 4 * (guest_ram_bytes(w->ram) / GUEST_PAGE_BYTES) +
	       64 * (uint64_t)w->layout.pages_per_section;
}

/* Tables that lead into each other would map more than there is. */
static int read_mappings(struct witness *w, uint64_t addr, uint64_t nr, struct mapping_list *ret)
{
	uint64_t done = 0, looks = 0;

	while (done < nr) {
		struct page_mapping m;
		int r = page_tables_look(&w->space.tables, addr + done * GUEST_PAGE_BYTES, &m);
		struct mapping part = { .page = done, .nr = m.len < GUEST_PAGE_BYTES ? 1 : m.len / GUEST_PAGE_BYTES };

		if (r < 0 && r != -EBADMSG)
			return r;
		if (ret->nr > MAX_MAPPINGS || ++looks > max_pages(w))
			return -E2BIG;
		if (part.nr > nr - done)
			part.nr = nr - done;
		part.pfn = m.gpa / GUEST_PAGE_BYTES;
		part.attributes = m.attributes;
		if (r == 0 && m.mapped)
			mapping_append(ret, &part);
		done += part.nr;
	}
	return 0;
}

int witness_mappings(struct witness *w, uint64_t addr, uint64_t nr, struct mapping_list *ret,
		     struct rig_err *err)
{
	int r;

	begin(w);
	r = read_mappings(w, addr, nr, ret);
	if (r != -E2BIG)
		return end(w, r, err);
	rig_err_set(err, RIG_KERNEL, E2BIG, "the page tables at 0x%" PRIx64 " have more than %u stretches, or map more than "
		    "the guest has RAM for", addr, MAX_MAPPINGS);
	return rig_err_wrap(err, "witness");
}

int witness_memmap_addr(struct witness *w, uint64_t end_section, uint64_t *ret, struct rig_err *err)
{
	struct memmap_chunk c;
	int r;

	begin(w);
	r = memmap_next(&w->memmap, 0, end_section * w->layout.pages_per_section, &c);
	*ret = r == 1 ? c.addr - c.pfn * w->layout.page_bytes : 0;
	return end(w, r, err);
}

struct pages {
	struct witness *w;
	struct page_map *map;
};

static void show(void *arg, const struct memmap_chunk *c, const void *raw)
{
	const struct pages *p = arg;

	page_map_decode(p->map, &p->w->layout, raw, c->nr, c->addr, c->pfn);
}

static int read_pages(struct witness *w, uint64_t start, uint64_t end_pfn, struct page_map *pages,
		      struct page_map *faults)
{
	struct pages p = { w, pages };
	struct memmap_chunk c = { .pfn = start };
	uint64_t left = max_pages(w);
	int r;

	while ((r = memmap_next(&w->memmap, c.pfn + c.nr, end_pfn, &c)) == 1) {
		if (c.nr > left) {
			r = -E2BIG;
			break;
		}
		left -= c.nr;
		r = memmap_read(&w->memmap, &c, show, &p, faults);
		if (r < 0)
			break;
	}
	return r;
}

int witness_pages(struct witness *w, uint64_t start, uint64_t end_pfn, struct page_map *pages,
		  struct page_map *faults, struct rig_err *err)
{
	begin(w);
	return end(w, read_pages(w, start, end_pfn, pages, faults), err);
}

int witness_holders(struct witness *w, uint64_t start, uint64_t end_pfn, struct page_map *holders,
		    struct rig_err *err)
{
	const struct holder_range of = { start, end_pfn };
	struct page_map ignored = { 0 };	/* of whom others tell */
	struct holder_list list = { 0 };
	int r;

	begin(w);
	r = memmap_holders_find(&w->memmap, &w->space.tables, &of, max_pages(w), &list);
	for (size_t i = 0; i < list.nr && r >= 0; i++)
		r = read_pages(w, list.range[i].pfn, list.range[i].end, holders, &ignored);
	holder_list_deinit(&list);
	page_map_deinit(&ignored);
	return end(w, r, err);
}

int witness_pageblocks(struct witness *w, uint64_t start, uint64_t end_pfn, struct pageblock_map *ret,
		       struct rig_err *err)
{
	begin(w);
	return end(w, pageblock_known(&w->layout) ? pageblock_read(&w->memmap, start, end_pfn, ret) : 0, err);
}

int witness_sections(struct witness *w, uint64_t end_section, struct section_run **ret,
		     size_t *ret_nr, struct rig_err *err)
{
	ssize_t nr;

	begin(w);
	nr = memmap_sections(&w->memmap, 0, end_section, MAX_SECTION_RUNS, ret);
	if (nr >= 0)
		*ret_nr = (size_t)nr;
	return end(w, nr < 0 ? (int)nr : 0, err);
}

int witness_nodes(struct witness *w, struct node_count **ret, size_t *ret_nr, struct rig_err *err)
{
	const struct node_reader r = {
		&w->kernel, &w->layout, &w->nodes, &w->cpus, guest_ram_bytes(w->ram) / GUEST_PAGE_BYTES,
	};

	begin(w);
	return end(w, node_reader_read(&r, ret, ret_nr), err);
}

int witness_memory_blocks(struct witness *w, struct memory_block **ret, size_t *ret_nr, struct rig_err *err)
{
	uint64_t xarray = w->symbol[SYMBOL_MEMORY_BLOCKS];
	int r;

	if (!xarray || !memory_block_known(&w->layout))
		return -ENOENT;
	begin(w);
	r = memory_blocks_read(&w->kernel, &w->layout, &w->nodes, xarray, ret, ret_nr);
	return r == -EFAULT ? -ENOENT : end(w, r, err);
}

int witness_totals(struct witness *w, struct vm_totals *ret, struct rig_err *err)
{
	uint64_t zones = w->symbol[SYMBOL_VM_ZONE_STAT], nodes = w->symbol[SYMBOL_VM_NODE_STAT];
	int r;

	*ret = (struct vm_totals){ 0 };
	if (!zones || !nodes)
		return 0;
	begin(w);
	r = vm_totals_read(&w->kernel, &w->layout, zones, nodes, ret);
	return r == -EFAULT ? 0 : end(w, r, err);
}

int witness_resources(struct witness *w, struct resource **ret, size_t *ret_nr, struct rig_err *err)
{
	uint64_t root = w->symbol[SYMBOL_IOMEM_RESOURCE];
	int r;

	*ret = NULL;
	*ret_nr = 0;
	if (!root || !resource_tree_known(&w->layout))
		return 0;
	begin(w);
	r = resource_tree_read(&w->kernel, &w->layout, root, ret, ret_nr);
	return r == -EFAULT ? 0 : end(w, r, err);
}
