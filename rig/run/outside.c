// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kernel/kernel_layout.h"
#include "model/span.h"
#include "run/evidence.h"
#include "run/look.h"
#include "run/outside.h"
#include "witness/witness.h"

#define OPEN_MS		20000u
#define AUTOPSY_MS	20000u

/* What the guest's memory says is never the reason for a FAIL here: its pages are, which come later. */
static int not_the_kernels_fault(struct rig_err *err)
{
	if (err->cause != RIG_KERNEL && err->cause != RIG_TIMEOUT)
		return -err->eno;
	return rig_err_set(err, RIG_HOST, err->eno, "cannot read the guest's memory from outside: %s", err->text);
}

static bool same_names(const char (*a)[LAYOUT_NAME_LEN], const char (*b)[LAYOUT_NAME_LEN], uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

/* As far as both know: the agent tells names and numbers, not where they are. */
static bool same_layout(const struct page_layout *a, const struct page_layout *b)
{
	if (a->page_bytes != b->page_bytes || a->nr_flags != b->nr_flags || a->nr_zones != b->nr_zones ||
	    a->nr_types != b->nr_types || a->type_encoding != b->type_encoding ||
	    a->pages_per_section != b->pages_per_section)
		return false;
	for (uint32_t i = 0; i < a->nr_types; i++)
		if (strcmp(a->type[i].name, b->type[i].name) || a->type[i].value != b->type[i].value)
			return false;
	return same_names(a->flag_name, b->flag_name, a->nr_flags) &&
	       same_names(a->zone_name, b->zone_name, a->nr_zones);
}

static int choose_layout(struct run *run, const char *source, struct rig_err *err)
{
	const struct page_layout *l = witness_layout(run->witness);

	if (!run->guest.raw) {
		run->layout = l;
		return 0;
	}
	if (same_layout(&run->guest.layout, l)) {
		run->layout = l;	/* knows all that the agent's does, and where it is */
		return 0;
	}
	if (source)
		return rig_err_set(err, RIG_HOST, EINVAL, "the kernel that runs is not the one in '%s': their struct "
				   "pages differ; has it been built anew?", run->kernel->image);
	/* crash notes alone tell less than the agent does */
	evidence_note(run, "nothing is read from outside: the kernel's file has no BTF and no DWARF");
	outside_close(run);
	return 0;
}

/* Where the template's guest had it. */
static uint64_t place(const struct run *run, const char *what)
{
	return (uint64_t)json_integer_value(tape_get(run->tape, what));
}

static int open_witness(struct run *run, const char **source, struct rig_err *err)
{
	struct page_layout layout;
	struct witness_config config = {
		.pid = vm_pid(run->vm), .qmp = vm_qmp(run->vm), .config = run->kernel->config,
	};
	int e = kernel_layout(run->kernel, &layout, &config.layout_source, err);

	if (e < 0 && e != -ENOENT)
		return e;
	if (e == 0)
		config.layout = &layout;
	*source = e == 0 ? config.layout_source : NULL;
	config.nr_cpus = run->plan->shape->nr_cpus;
	if (run->tape && tape_plays(run->tape)) {
		config.places.note_gpa = place(run, "note_gpa");
		for (enum witness_symbol s = 0; s < WITNESS_NR_SYMBOLS; s++)
			config.places.symbol[s] = place(run, witness_symbol_name(s));
	}
	return witness_open(&config, clock_in_ms(OPEN_MS), &run->witness, err);
}

int outside_open(struct run *run, struct rig_err *err)
{
	const char *source;
	int e = open_witness(run, &source, err);

	run->layout = &run->guest.layout;
	if (e == -ENOENT) {
		AUTO_FREE char *text = xasprintf("nothing is read from outside: %.400s", err->text);

		evidence_note(run, text);
		return 0;
	}
	return e < 0 ? not_the_kernels_fault(err) : choose_layout(run, source, err);
}

void outside_close(struct run *run)
{
	witness_close(run->witness);
	run->witness = NULL;
	run->layout = NULL;
}

/* Half of the numbers would be half a comparison: /proc/zoneinfo has the others then. */
static bool knows_zones(const struct page_layout *l)
{
	return l->zone_start_pfn.has && l->zone_spanned.has && l->zone_present.has && l->zone_managed.has &&
	       l->pgdat_start_pfn.has && l->pgdat_spanned.has && l->pgdat_present.has && l->pgdat_nr_zones.has;
}

/* One behind the last section that may be there; ZONE_DEVICE need not raise what /proc/kpageflags shows. */
static uint64_t end_section(const struct run *run, uint64_t end_pfn)
{
	if (run->modelled && run->model.device_end > end_pfn)
		end_pfn = run->model.device_end;
	return end_pfn / witness_layout(run->witness)->pages_per_section + LOOK_BEYOND_SECTIONS;
}

static int read_all(struct run *run, const struct model_range *range, size_t nr, uint64_t end,
		    struct outside_view *v, struct rig_err *err)
{
	struct witness *w = run->witness;
	int e;

	if ((knows_zones(witness_layout(w)) && (e = witness_nodes(w, &v->node, &v->nr_nodes, err)) < 0) ||
	    (e = witness_sections(w, end_section(run, end), &v->section, &v->nr_sections, err)) < 0)
		return e;
	for (size_t i = 0; i < nr; i++)
		if ((e = witness_pages(w, range[i].start, range[i].end, &v->pages, &v->faults, err)) < 0 ||
		    (e = witness_pageblocks(w, range[i].start, range[i].end, &v->pageblocks, err)) < 0)
			return e;
	v->there = true;
	return 0;
}

/* Where the direct map begins, as all segments of RAM in /proc/kcore show it; false: they do not, or differ. */
static bool find_direct_map(const struct snapshot *s, uint64_t *ret)
{
	bool found = false;

	for (size_t i = 0; i < s->nr_kcore; i++) {
		uint64_t start = s->kcore[i].vaddr - s->kcore[i].paddr;

		if (!snapshot_kcore_is_ram(&s->kcore[i]))
			continue;
		if ((found && start != *ret) || start & ((1u << LAYOUT_PAGE_SHIFT) - 1))
			return false;
		*ret = start;
		found = true;
	}
	return found;
}

/* The agent may be wrong: whether the first page of RAM is where it would be. */
static bool is_direct_map(const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr_kcore; i++) {
		uint64_t pfn = s->kcore[i].paddr >> LAYOUT_PAGE_SHIFT;
		size_t k = mapping_find(&s->direct_map, pfn);
		const struct mapping *m = &s->direct_map.v[k];

		if (snapshot_kcore_is_ram(&s->kcore[i]))
			return k < s->direct_map.nr && m->page <= pfn && m->pfn + (pfn - m->page) == pfn;
	}
	return false;
}

/* What the kernel's page tables say of all memory that was ever there, and of all its struct pages. */
static int read_mappings(struct run *run, struct snapshot *s, struct rig_err *err)
{
	struct witness *w = run->witness;
	const struct page_layout *l = witness_layout(w);
	uint64_t end = end_section(run, s->kpageflags_pages), pages = end * l->pages_per_section, addr;
	int e = 0;

	if (find_direct_map(run->modelled ? &run->base : s, &addr)) {
		e = witness_mappings(w, addr, pages, &s->direct_map, err);
		if (e == 0 && !run->modelled && !is_direct_map(s)) {
			evidence_note(run, "the direct map is not where /proc/kcore has RAM: it is not looked at");
			mapping_list_deinit(&s->direct_map);
		}
	}
	if (e < 0 || kernel_option(run->kernel, "SPARSEMEM_VMEMMAP") != KERNEL_BUILTIN ||
	    (e = witness_memmap_addr(w, end, &addr, err)) < 0 || !addr)
		return e;
	return witness_mappings(w, addr, pages * l->page_bytes >> LAYOUT_PAGE_SHIFT, &s->memmap_map, err);
}

/* Of memory blocks alone: the memmap of a namespace may lie in the namespace or be of boot. */
static int read_holders(struct run *run, struct snapshot *s, struct rig_err *err)
{
	uint64_t pages = run->model.block_pages;
	size_t cap = 0;
	int e = 0;

	for (size_t i = 0; i < run->model.nr_devices; i++) {
		const struct model_device *d = &run->model.device[i];

		for (size_t k = 0; k < d->nr_blocks && e == 0; k++) {
			uint32_t block = d->block[k].id;

			GROW(s->holders, s->nr_holders, cap);
			s->holders[s->nr_holders] = (struct block_holders){ .block = block };
			e = witness_holders(run->witness, block * pages, (block + 1) * pages,
					    &s->holders[s->nr_holders++].pages, err);
		}
	}
	return e;
}

static int read_memory_blocks(struct run *run, struct snapshot *s, struct rig_err *err)
{
	int e = witness_memory_blocks(run->witness, &s->memory_block, &s->nr_memory_blocks, err);

	s->memory_blocks_seen = e == 0;
	return e == -ENOENT ? 0 : e;
}

int outside_look(struct run *run, bool whole, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	struct model_range *range = NULL;
	size_t nr = look_ranges(run, whole, s, &range);
	struct rig_err why;
	int e = run->ram_moved ? witness_refresh(run->witness, until_ns, err) : 0;

	run->ram_moved = false;
	if (e == 0)
		e = vm_pause(run->vm, until_ns, err);
	if (e < 0) {
		free(range);
		return not_the_kernels_fault(err);
	}
	e = read_all(run, range, nr, s->kpageflags_pages, &s->outside, err);
	if (e == 0)
		e = read_mappings(run, s, err);
	if (e == 0 && !whole)
		e = read_holders(run, s, err);
	if (e == 0)
		e = read_memory_blocks(run, s, err);
	if (e == 0)
		e = witness_totals(run->witness, &s->totals, err);
	if (e == 0)
		e = witness_resources(run->witness, &s->resource, &s->nr_resources, err);
	free(range);
	if (vm_continue(run->vm, until_ns, &why) < 0 && e == 0) {
		*err = why;
		e = -why.eno;
	}
	return e < 0 ? not_the_kernels_fault(err) : 0;
}

void outside_autopsy(struct run *run)
{
	struct snapshot s = { 0 };
	struct rig_err err;
	uint64_t end = 0;
	int e = 0;

	if (!run->vm || vm_end(run->vm, NULL) == VM_EXITED)
		return;
	/* a kernel that died goes nowhere; one that hangs may not, while it is looked at */
	if (vm_pause(run->vm, clock_in_ms(AUTOPSY_MS), &err) < 0)
		return;
	if (!run->witness)
		e = outside_open(run, &err);
	if (e == 0 && !run->witness)
		return;		/* the note says why */
	if (e == 0 && (e = witness_refresh(run->witness, clock_in_ms(AUTOPSY_MS), &err)) == 0 &&
	    (e = witness_end_pfn(run->witness, &end, &err)) == 0)
		e = read_all(run, &(struct model_range){ 0, end }, 1, end, &s.outside, &err);
	if (e == 0) {
		look_devices(run, clock_in_ms(AUTOPSY_MS), &s);
		snapshot_adopt_outside(&s);
		s.whole = true;
		look_keep(run, json_array_size(run->steps), "outside", &s);
	} else {
		AUTO_FREE char *text = xasprintf("no map of the failed machine: %.600s", err.text);

		evidence_note(run, text);
	}
	snapshot_deinit(&s);
}
