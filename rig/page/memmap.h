/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memmap: which pages have a struct page, and where.  Level 1.
 *
 * Follows mem_section as the kernel's pfn_to_page() and pfn_valid() do, in whatever memory it is
 * given: the agent reads its own kernel, the witness the RAM of a guest.  A table that cannot be
 * read says nothing, as an absent one.  What is found on the way is not believed: numbers are
 * bounded by the caller's range, addresses go to the reader, which refuses what is not there.
 */
#ifndef RIG_PAGE_MEMMAP_H
#define RIG_PAGE_MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "page/kernel_memory.h"
#include "page/layout.h"
#include "page/state.h"

#define MEMMAP_ROOT_BYTES 4096u		/* sections come by pages */

/** memmap_layout_known() - whether @l says enough, and nothing impossible, to find struct pages */
bool memmap_layout_known(const struct page_layout *l);

/* Where mem_section is. */
struct memmap_table {
	uint64_t addr;		/* of the array: of pointers to pages of sections, or of sections */
	uint64_t nr;		/* its length; UINT64_MAX: not known */
	bool plain;		/* an array of sections: kernel without SPARSEMEM_EXTREME */
};

/** memmap_table_from_note() - what VMCOREINFO says of it; false: nothing useful */
bool memmap_table_from_note(const char *vmcoreinfo, const struct page_layout *l,
			    struct memmap_table *ret);

struct section_info {
	uint64_t mem_map;	/* raw section_mem_map; 0: the section is not present */
	uint64_t subsections;	/* bit per sub-section; 0 when there is no usage */
	uint64_t usage;		/* address of its mem_section_usage; 0: none */
};

/* Equal neighbours among the sections. */
struct section_run {
	uint64_t first, nr;	/* section numbers */
	uint64_t marks;		/* low bits of section_mem_map; bit 62: an address without marks */
	uint64_t subsections;	/* bit per sub-section */
};

#define SECTION_RESIDUE (1ull << 62)

/* One walk: what was looked up is kept, so make a new one where the kernel may have gone on. */
struct memmap {
	const struct kernel_memory *memory;
	const struct page_layout *layout;
	struct memmap_table table;

	/* private: the page of sections and the section that were looked up last */
	uint64_t root_nr, section_nr;
	struct section_info section;
	unsigned char root[MEMMAP_ROOT_BYTES];
};

/** memmap_init() - @memory and @l outlive @m; memmap_layout_known(@l) */
void memmap_init(struct memmap *m, const struct kernel_memory *memory, const struct page_layout *l,
		 const struct memmap_table *table);

/*
 * The calls below return what else the reader said than -EFAULT: nothing can be read any more.
 */

/** memmap_section() - what mem_section says of section @nr */
int memmap_section(struct memmap *m, uint64_t nr, struct section_info *ret) RIG_CHECKED;

/** memmap_end_section() - one behind the last section that is not all zero; table.nr is known */
int memmap_end_section(struct memmap *m, uint64_t *ret) RIG_CHECKED;

/**
 * memmap_sections() - sections [@start, @end) with something in them
 * Returns the number of runs in *@ret, which the caller frees; -E2BIG: there are more than @max.
 */
ssize_t memmap_sections(struct memmap *m, uint64_t start, uint64_t end, size_t max,
			struct section_run **ret) RIG_CHECKED;

/* Neighbouring pages of one section, as many as one view can show. */
struct memmap_chunk {
	uint64_t pfn, nr;
	uint64_t addr;		/* of the first struct page */
};

/**
 * memmap_next() - the next chunk of pages that have a struct page, at or behind @pfn, below @end
 * Where the layout does not know how the kernel keeps sub-sections, whole sections count.
 * 1, or 0 when there is none.
 */
int memmap_next(struct memmap *m, uint64_t pfn, uint64_t end, struct memmap_chunk *ret) RIG_CHECKED;

/** memmap_show_fn - raw struct pages of @c, valid until the next view */
typedef void memmap_show_fn(void *arg, const struct memmap_chunk *c, const void *raw);

/**
 * memmap_read() - show the struct pages of a chunk, in pieces where some cannot be read
 * @faults: gets those
 */
int memmap_read(struct memmap *m, const struct memmap_chunk *c, memmap_show_fn *show, void *arg,
		struct page_map *faults) RIG_CHECKED;

#endif
