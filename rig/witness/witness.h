/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness: what a guest's kernel keeps of its memory, read from outside.  Level 4, above model.
 *
 * Reads the RAM of the QEMU process: no agent, no vCPU and no cooperation is needed, so it speaks
 * of a stopped, panicked or hung guest as well as of a running one.  Addresses come from the
 * kernel's own note for crash dumps (VMCOREINFO), translation from the tables at init_top_pgt, never
 * from a CR3, and struct pages are decoded by page/state, as the agent does it.
 *
 * The guest is not trusted: whatever its memory holds, every call ends, bounded in time and space.
 * What a running guest changes meanwhile may show up half old and half new, or as a fault.  Each
 * call looks the tables up afresh; only the places of RAM are kept, until witness_refresh().
 *
 * Errors of all calls: RIG_HOST -EPERM when the process may not be read (text says how to mend it),
 * -ESRCH when it is gone; RIG_QEMU when the monitor does not answer or has an unknown shape;
 * RIG_KERNEL -ENOENT when the guest has no usable note (yet: it is made early in boot) or no usable
 * layout, -E2BIG when its sections have no end; RIG_TIMEOUT -ETIMEDOUT.
 */
#ifndef RIG_WITNESS_WITNESS_H
#define RIG_WITNESS_WITNESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "model/snapshot.h"
#include "page/layout.h"
#include "page/memory_block.h"
#include "page/resource_tree.h"
#include "page/state.h"
#include "qmp_client.h"
#include "witness/symbols.h"

struct witness;

/* What takes time to find; 0: not known. */
struct witness_places {
	uint64_t note_gpa;		/* of VMCOREINFO; given one is tried first */
	uint64_t symbol[WITNESS_NR_SYMBOLS];	/* addresses */
};

struct witness_config {
	pid_t pid;			/* of QEMU */
	struct qmp_client *qmp;		/* its monitor, negotiated; outlives the witness */
	const struct page_layout *layout;	/* of the kernel's file, copied; NULL: by the note */
	const char *layout_source;	/* "BTF", "DWARF": for reports; with @layout */
	const char *config;		/* text of the kernel's config; NULL: unknown */
	unsigned int nr_cpus;		/* possible ones; 0: free pages are not counted */
	struct witness_places places;	/* as found before in this guest, or another from the same template */
};

/**
 * witness_open() - find RAM, note and tables of the guest
 * A note that is not where @config says is searched for in all RAM that QEMU has in memory.
 */
int witness_open(const struct witness_config *config, uint64_t until_ns, struct witness **ret,
		 struct rig_err *err) RIG_CHECKED;
void witness_close(struct witness *w);	/* NULL allowed */

/** witness_refresh() - RAM was plugged or unplugged: ask QEMU again where it is.  After a failure
 *  the old places stay. */
int witness_refresh(struct witness *w, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** witness_layout() - what pages are decoded with; fields that nobody named have has false */
const struct page_layout *witness_layout(const struct witness *w);
const char *witness_layout_source(const struct witness *w);	/* "BTF", "DWARF", "vmcoreinfo" */
struct witness_places witness_places(const struct witness *w);
const char *witness_release(const struct witness *w);		/* as uname -r */

/** witness_end_pfn() - one behind the last page that a present section has; 0 when there is none */
int witness_end_pfn(struct witness *w, uint64_t *ret, struct rig_err *err) RIG_CHECKED;

/**
 * witness_mappings() - append where the @nr pages at kernel address @addr lead
 * What no processor would follow leads nowhere.
 * Errors: -E2BIG: more stretches than a kernel has use for.
 */
int witness_mappings(struct witness *w, uint64_t addr, uint64_t nr, struct mapping_list *ret,
		     struct rig_err *err) RIG_CHECKED;

/** witness_memmap_addr() - where the struct page of pfn 0 is or would be in a kernel with
 *  CONFIG_SPARSEMEM_VMEMMAP, which keeps them all in one array; 0: no section has any */
int witness_memmap_addr(struct witness *w, uint64_t end_section, uint64_t *ret, struct rig_err *err) RIG_CHECKED;

/**
 * witness_pages() - append the states of the pages in [@start, @end)
 * @pages: ascending; pages without memmap are gaps
 * @faults: memmap that must be there and cannot be read; nothing but pfn and nr is set
 * Errors: -E2BIG when there is more memmap than the guest can have RAM for.
 */
int witness_pages(struct witness *w, uint64_t start, uint64_t end, struct page_map *pages,
		  struct page_map *faults, struct rig_err *err) RIG_CHECKED;

/**
 * witness_holders() - append the states of the pages that hold the struct pages of [@start, @end)
 * @holders: ascending within one call; a holder that has no struct page itself is left out
 */
int witness_holders(struct witness *w, uint64_t start, uint64_t end, struct page_map *holders,
		    struct rig_err *err) RIG_CHECKED;

/** witness_pageblocks() - append those that begin in [@start, @end); none where the layout does not know them */
int witness_pageblocks(struct witness *w, uint64_t start, uint64_t end, struct pageblock_map *ret,
		       struct rig_err *err) RIG_CHECKED;

/** witness_sections() - the sections below @end; caller frees *@ret */
int witness_sections(struct witness *w, uint64_t end, struct section_run **ret, size_t *ret_nr,
		     struct rig_err *err) RIG_CHECKED;

/**
 * witness_memory_blocks() - the kernel's own word on its memory blocks; caller frees *@ret
 * Returns -ENOENT with err untouched where the layout does not know them, or they are nowhere to be found.
 */
int witness_memory_blocks(struct witness *w, struct memory_block **ret, size_t *ret_nr,
			  struct rig_err *err) RIG_CHECKED;

/**
 * witness_nodes() - what the kernel keeps of each node, also of possible ones that are not online
 * As far as the layout knows; free pages are counted where they can be (zone_count.counted).  Caller frees *@ret.
 */
int witness_nodes(struct witness *w, struct node_count **ret, size_t *ret_nr,
		  struct rig_err *err) RIG_CHECKED;

/** witness_resources() - those of physical memory; none where layout or symbols say too little; caller frees *@ret */
int witness_resources(struct witness *w, struct resource **ret, size_t *ret_nr, struct rig_err *err) RIG_CHECKED;

/** witness_totals() - what is counted of all zones and nodes; not known where layout or symbols say too little */
int witness_totals(struct witness *w, struct vm_totals *ret, struct rig_err *err) RIG_CHECKED;

#endif
