// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the agent and the reader from outside differ. */
#include <string.h>

#include "base/clean.h"
#include "sample_devices.h"
#include "wrong_details.h"

#define SPOIL(name, ...) \
	static void name(const struct sample *s, struct snapshot *w) \
	{ \
		(void)s; \
		__VA_ARGS__; \
	}

/* the other way round: what was seen from outside is spoiled */
#define OUTSIDE(name, ...) \
	SPOIL(name, sample_swap_witnesses(w); __VA_ARGS__; sample_swap_witnesses(w))

OUTSIDE(no_page_outside, sample_page_remove(w, SAMPLE_D0_PFN + 512, 1024))
OUTSIDE(no_pages_outside, w->pages.nr = 0)
OUTSIDE(last_block_not_outside, sample_page_remove(w, SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES, SAMPLE_BLOCK_PAGES))
SPOIL(last_block_not_inside, sample_page_remove(w, SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES, SAMPLE_BLOCK_PAGES))
OUTSIDE(free_is_zero_outside, sample_page(w, SAMPLE_D0_PFN + SAMPLE_PCP, 1)->state.all_zero = true)
OUTSIDE(free_is_ones_outside, sample_page(w, SAMPLE_D0_PFN + SAMPLE_PCP, 1)->state.all_ones = true)
OUTSIDE(reserved_outside, sample_page(w, SAMPLE_D0_PFN + SAMPLE_PCP, 1)->state.flags =
	layout_flag_mask(&s->layout, "reserved"))
OUTSIDE(offline_outside, sample_page(w, SAMPLE_D0_PFN + SAMPLE_PCP, 1)->state.type =
	(int16_t)layout_type_index(&s->layout, "offline");
	sample_page(w, SAMPLE_D0_PFN + SAMPLE_PCP, 1)->state.type_word = 1)

OUTSIDE(section_marks, w->section[1].marks = 0x3)
OUTSIDE(section_early, w->section[0].marks = 0x7)
OUTSIDE(section_subsections, w->section[2].subsections = 0xff)
OUTSIDE(section_gone, w->nr_sections -= 1)
SPOIL(section_not_inside, w->nr_sections -= 1)
/* a border on one side only */
OUTSIDE(section_short, w->section[0].nr = 5)

OUTSIDE(zone_start, sample_node_zone(w, 1, "Normal")->start_pfn += 1)
OUTSIDE(zone_spanned, sample_node_zone(w, 0, "Movable")->spanned -= 1)
OUTSIDE(zone_present, sample_node_zone(w, 0, "DMA32")->present += 3)
OUTSIDE(zone_managed, sample_node_zone(w, 0, "Movable")->managed = 0)

#define PAGE(what, state, only, word, pfn, nr, name, value, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_AGREE, only, { word, pfn, nr, name, value }, NULL, \
		"witness.pages", 0, 0, expected, seen \
	}
#define PAGES(what, state, spoil, pfn, nr, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_AGREE, 0, { 0 }, spoil, "witness.pages", pfn, nr, expected, seen \
	}
#define OTHER(what, state, invariant, spoil, expected, seen) \
	{ \
		what, SAMPLE_##state, BY_AGREE, 0, { 0 }, spoil, invariant, 0, 0, expected, seen \
	}

#define GONE "from outside: no struct page"

const struct wrong_detail wrong_witness[] = {
	/* memory that nobody has initialised, and what was offlined, stands still */
	PAGE("a flag of an added page", ADDED, 0, WORD_FLAG, SAMPLE_D0_PFN + 9, 3, "lru", 0, NULL, "all bytes 0x00"),
	PAGE("poison in place of zero", ADDED, 0, WORD_FILL, SAMPLE_D0_PFN, 1, NULL, 0xff, NULL, "all bytes 0x00"),
	PAGE("reference of a vetoed page", VETOED, 0, WORD_REFCOUNT, SAMPLE_D0_PFN + 1, 2, NULL, 2, NULL,
	     "refcount=1"),
	PAGE("reserved flag lost", VETOED, ON_6_1, WORD_FLAG, SAMPLE_D0_PFN + 512, 512, "reserved", 0, NULL,
	     "reserved"),
	PAGE("type offline lost", VETOED, ON_6_12, WORD_TYPE, SAMPLE_D0_PFN + 512, 512, "none", 0, NULL,
	     "type=offline"),
	PAGE("a boot hole is not reserved", BOOT, 0, WORD_FLAG, SAMPLE_BOOT_HOLE + 3, 1, "reserved", 0, NULL,
	     "reserved"),
	PAGE("reference of a reserved page", BOOT, 0, WORD_REFCOUNT, SAMPLE_BOOT_RESERVED + 3, 1, NULL, 5, NULL,
	     "refcount=1"),
	PAGE("whom a device page belongs to", FSDAX, 0, WORD_PGMAP, SAMPLE_P0_PFN + 9, 3, NULL, SAMPLE_PGMAP + 8, NULL,
	     "zone=Device node=0 pgmap=0xffff888003f1a018"),
	/* what is handed out may change hands, but not its place, and is never what stands still */
	PAGE("zone of a free page", ONLINE, 0, WORD_ZONE, SAMPLE_D0_PFN + SAMPLE_BUDDY10, 1, "Normal", 0, NULL,
	     "zone=Movable"),
	PAGE("node of a page in use", TWO, 0, WORD_NODE, SAMPLE_D1_PFN + SAMPLE_USED, 1, NULL, 0, NULL, "node=1"),
	PAGE("a free page is reserved", ONLINE, 0, WORD_FLAG, SAMPLE_D0_PFN + SAMPLE_PCP, 1, "reserved", 0, NULL,
	     "refcount=0"),
	PAGE("a free page is PageOffline", ONLINE, 0, WORD_TYPE, SAMPLE_D0_PFN + SAMPLE_PCP, 1, "offline", 0, NULL,
	     "refcount=0"),
	PAGES("reserved only outside", ONLINE, reserved_outside, SAMPLE_D0_PFN + SAMPLE_PCP, 1, NULL, "reserved"),
	PAGES("PageOffline only outside", ONLINE, offline_outside, SAMPLE_D0_PFN + SAMPLE_PCP, 1, NULL,
	      "type=offline"),
	PAGES("zeroed only outside", ONLINE, free_is_zero_outside, SAMPLE_D0_PFN + SAMPLE_PCP, 1, NULL, "all bytes 0x00"),
	PAGES("poisoned only outside", ONLINE, free_is_ones_outside, SAMPLE_D0_PFN + SAMPLE_PCP, 1, NULL, "all bytes 0xff"),
	/* gaps on either side */
	PAGE("the agent sees no page", ADDED, 0, WORD_GONE, SAMPLE_D0_PFN + 512, 1024, NULL, 0,
	     "as the agent says: no struct page", "all bytes 0x00"),
	PAGES("no page from outside", ADDED, no_page_outside, SAMPLE_D0_PFN + 512, 1024, NULL, GONE),
	PAGES("no last block from outside", ADDED, last_block_not_outside, SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES,
	      SAMPLE_BLOCK_PAGES, NULL, GONE),
	PAGES("the agent sees no last block", ADDED, last_block_not_inside, SAMPLE_D0_PFN + SAMPLE_BLOCK_PAGES,
	      SAMPLE_BLOCK_PAGES, "as the agent says: no struct page", "all bytes 0x00"),
	PAGES("nothing from outside", BOOT, no_pages_outside, 0, SAMPLE_BOOT_DMA, NULL, GONE),

	OTHER("not online", ONLINE, "witness.sections", section_marks,
	      "as the agent says: section 32 marks 0x7 sub-sections 0xffffffffffffffff",
	      "marks 0x3 sub-sections 0xffffffffffffffff"),
	OTHER("not early", BOOT, "witness.sections", section_early,
	      "as the agent says: section 0 marks 0xf sub-sections 0xffffffffffffffff", "marks 0x7"),
	OTHER("half of its sub-sections", ADDED, "witness.sections", section_subsections,
	      "as the agent says: section 33 marks 0x3 sub-sections 0xffffffffffffffff",
	      "marks 0x3 sub-sections 0xff"),
	OTHER("no section from outside", ADDED, "witness.sections", section_gone,
	      "as the agent says: section 33 marks 0x3 sub-sections 0xffffffffffffffff", "marks 0x0 sub-sections 0x0"),
	OTHER("no section from the agent", ADDED, "witness.sections", section_not_inside,
	      "as the agent says: section 33 marks 0x0 sub-sections 0x0", "marks 0x3"),

	OTHER("fewer boot sections from outside", BOOT, "witness.sections", section_short,
	      "as the agent says: section 5 marks 0xf sub-sections 0xffffffffffffffff", "marks 0x0 sub-sections 0x0"),

	OTHER("begins elsewhere", TWO, "witness.nodes", zone_start,
	      "as the agent says: node 1 zone Normal start 1114112", "from outside: 1114113"),
	OTHER("a page less spanned", ONLINE, "witness.nodes", zone_spanned,
	      "as the agent says: node 0 zone Movable spanned 65536", "from outside: 65535"),
	OTHER("pages more present", BOOT, "witness.nodes", zone_present,
	      "as the agent says: node 0 zone DMA32 present 520160", "from outside: 520163"),
	OTHER("nothing managed", ONLINE, "witness.nodes", zone_managed,
	      "as the agent says: node 0 zone Movable managed 65536", "from outside: 0"),
};

const size_t nr_wrong_witness = ARRAY_SIZE(wrong_witness);
