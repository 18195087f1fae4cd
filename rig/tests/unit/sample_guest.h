/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_guest: the RAM of a guest, made up: page tables, note, mem_section and struct pages.
 *
 * 16 MiB from guest-physical 0.  The image of the kernel is mapped by a page of 2 MiB, all RAM by one of
 * 1 GiB, the memmap of section 0 by one of 2 MiB, that of section 32 by scattered pages of 4 KiB.
 */
#ifndef TEST_SAMPLE_GUEST_H
#define TEST_SAMPLE_GUEST_H

#include "sample_machine.h"
#include "witness/guest_memory.h"

#define GUEST_RAM_BYTES	 (16u << 20)
#define GUEST_RELEASE	 "6.12.0-sample"
#define GUEST_PHYS_BASE	 0x200000ull
#define GUEST_TOP_VA	 0xffffffff80400000ull	/* init_top_pgt */
#define GUEST_TOP	 0x600000ull
#define GUEST_UTS_VA	 0xffffffff80401000ull
#define GUEST_UTS	 0x601000ull
#define GUEST_ROOTS	 0x720000ull		/* mem_section: 2048 pointers to pages of sections */
#define GUEST_SECTIONS	 0x603000ull		/* the first of these */
#define GUEST_USAGE	 0x604000ull		/* mem_section_usage of section 32 */
#define GUEST_NODE_DATA	 0x605000ull
#define GUEST_PGDAT	 0x606000ull
#define GUEST_NOTE	 0x60a000ull
#define GUEST_CPU_OFFSETS 0x60b000ull		/* __per_cpu_offset[] */
#define GUEST_PER_CPU	 0x60c000ull		/* what each CPU has of its own: a page each */
#define GUEST_TEXT	 0x610000ull		/* _stext */
#define GUEST_MEMMAP	 0x800000ull		/* struct pages of section 0: 2 MiB */
#define GUEST_MEMMAP_32	 0xb00000ull		/* of section 32: every other page from here on */
#define GUEST_TABLES	 0x700000ull		/* all tables but the highest */

#define GUEST_SECTION_PAGES 32768ull
#define GUEST_CPUS	    2u
#define GUEST_SUBSECTIONS   3u			/* of section 32 that are there */

struct sample_guest {
	unsigned char *ram;
	unsigned int levels;
	uint64_t direct, vmemmap;	/* kernel addresses */
	uint64_t next_table;
	struct page_layout layout;
	struct guest_memory memory;
	unsigned int reads;		/* calls of memory.read */
	int broken;			/* what memory's functions return, when not 0 */
};

void sample_guest_init(struct sample_guest *g, unsigned int levels);
void sample_guest_deinit(struct sample_guest *g);

uint64_t *sample_guest_word(struct sample_guest *g, uint64_t gpa);
/** sample_guest_entry() - the entry for @va in the table of @level (0 the lowest), made on the way */
uint64_t *sample_guest_entry(struct sample_guest *g, uint64_t va, unsigned int level);
/** sample_guest_map() - a page of 4 KiB (level 0), 2 MiB or 1 GiB */
void sample_guest_map(struct sample_guest *g, uint64_t va, uint64_t gpa, unsigned int level);
/** sample_guest_note() - put a note with @text at @gpa */
void sample_guest_note(struct sample_guest *g, uint64_t gpa, const char *text);
/** sample_guest_note_text() - what the right note says; caller frees */
char *sample_guest_note_text(const struct sample_guest *g);
/**
 * sample_guest_count() - what zone @zone of node 0 counts of its free pages
 * @diff, @pcp: by CPU, GUEST_CPUS of them
 */
void sample_guest_count(struct sample_guest *g, unsigned int zone, uint64_t nr, const int8_t *diff,
			const uint32_t *pcp);
/** sample_guest_page() - struct page of @pfn */
unsigned char *sample_guest_page(struct sample_guest *g, uint64_t pfn);

#endif
