// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "sample_guest.h"

#define PRESENT	0x63ull		/* as the kernel maps itself: present, writable, accessed, dirty */
#define LARGE	0x80ull
#define MARKS_EARLY 0xfull	/* present, memmap, online, early */
#define MARKS_ADDED 0x3ull	/* present, memmap */

uint64_t *sample_guest_word(struct sample_guest *g, uint64_t gpa)
{
	return (uint64_t *)(void *)(g->ram + gpa);
}

uint64_t *sample_guest_entry(struct sample_guest *g, uint64_t va, unsigned int level)
{
	uint64_t table = GUEST_TOP;

	for (unsigned int i = g->levels - 1;; i--) {
		uint64_t *entry = sample_guest_word(g, table + (va >> (12 + 9 * i) & 511) * 8);

		if (i == level)
			return entry;
		if (!*entry) {
			*entry = g->next_table | PRESENT;
			g->next_table += 4096;
		}
		table = *entry & 0x000ffffffffff000ull;
	}
}

void sample_guest_map(struct sample_guest *g, uint64_t va, uint64_t gpa, unsigned int level)
{
	*sample_guest_entry(g, va, level) = gpa | PRESENT | (level ? LARGE : 0);
}

char *sample_guest_note_text(const struct sample_guest *g)
{
	return xasprintf("OSRELEASE=" GUEST_RELEASE "\n"
			 "PAGESIZE=4096\n"
			 "SYMBOL(init_uts_ns)=%llx\n"
			 "OFFSET(uts_namespace.name)=8\n"
			 "SYMBOL(_stext)=ffffffff80410000\n"
			 "SYMBOL(mem_section)=%llx\n"
			 "LENGTH(mem_section)=2048\n"
			 "SIZE(mem_section)=16\n"
			 "OFFSET(mem_section.section_mem_map)=0\n"
			 "NUMBER(SECTION_SIZE_BITS)=27\n"
			 "SIZE(page)=64\n"
			 "OFFSET(page.flags)=0\n"
			 "OFFSET(page.compound_head)=8\n"
			 "OFFSET(page.private)=40\n"
			 "OFFSET(page._mapcount)=48\n"
			 "OFFSET(page._refcount)=52\n"
			 "NUMBER(PG_lru)=5\n"
			 "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=4026531840\n"
			 "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=4043309056\n"
			 "NUMBER(phys_base)=%llu\n"
			 "SYMBOL(init_top_pgt)=%llx\n"
			 "NUMBER(pgtable_l5_enabled)=%d\n"
			 "SYMBOL(node_data)=%llx\n"
			 "KERNELOFFSET=0\n",
			 GUEST_UTS_VA, g->direct + GUEST_ROOTS, GUEST_PHYS_BASE, GUEST_TOP_VA,
			 g->levels == 5, g->direct + GUEST_NODE_DATA);
}

void sample_guest_note(struct sample_guest *g, uint64_t gpa, const char *text)
{
	Elf64_Nhdr n = { .n_namesz = sizeof("VMCOREINFO"), .n_descsz = (Elf64_Word)strlen(text) };

	memcpy(g->ram + gpa, &n, sizeof(n));
	memcpy(g->ram + gpa + sizeof(n), "VMCOREINFO", n.n_namesz);
	memcpy(g->ram + gpa + sizeof(n) + 12, text, n.n_descsz);
}

unsigned char *sample_guest_page(struct sample_guest *g, uint64_t pfn)
{
	uint64_t at = pfn % GUEST_SECTION_PAGES * 64;

	if (pfn < GUEST_SECTION_PAGES)
		return g->ram + GUEST_MEMMAP + at;
	return g->ram + GUEST_MEMMAP_32 + at / 4096 * 8192 + at % 4096;
}

static void set_page(struct sample_guest *g, uint64_t pfn, uint64_t flags, uint32_t type, uint32_t refcount)
{
	unsigned char *page = sample_guest_page(g, pfn);

	memcpy(page, &flags, sizeof(flags));
	memcpy(page + 48, &type, sizeof(type));
	memcpy(page + 52, &refcount, sizeof(refcount));
}

/*
 * Section 0: the kernel's code reserved, every 16th of the others free, the rest in use and on the LRU.
 * Section 32: offline and referenced, in zone Movable.
 */
static void fill_pages(struct sample_guest *g)
{
	uint64_t text = GUEST_TEXT / 4096;

	for (uint64_t pfn = 0; pfn < GUEST_SECTION_PAGES; pfn++)
		if (pfn >= text && pfn < text + 256)
			set_page(g, pfn, 1ull << 51 | 1 << 13, UINT32_MAX, 1);
		else if (pfn % 16 == 0)
			set_page(g, pfn, 1ull << 51, 0xf0000000, 0);
		else
			set_page(g, pfn, 1ull << 51 | 1 << 5, UINT32_MAX, 1);
	for (uint64_t i = 0; i < GUEST_SUBSECTIONS * 512ull; i++)
		set_page(g, 32 * GUEST_SECTION_PAGES + i, 3ull << 51, 0xf1000000, 1);
}

static void fill_tables(struct sample_guest *g)
{
	uint64_t pgdat = g->direct + GUEST_PGDAT, usage = g->direct + GUEST_USAGE;

	*sample_guest_word(g, GUEST_ROOTS) = g->direct + GUEST_SECTIONS;
	*sample_guest_word(g, GUEST_SECTIONS) = g->vmemmap | MARKS_EARLY;
	/* section_mem_map holds the memmap less its first page's number: the same for all of a vmemmap */
	*sample_guest_word(g, GUEST_SECTIONS + 32 * 16) = g->vmemmap | MARKS_ADDED;
	*sample_guest_word(g, GUEST_SECTIONS + 32 * 16 + 8) = usage;
	*sample_guest_word(g, GUEST_USAGE) = (1ull << GUEST_SUBSECTIONS) - 1;
	*sample_guest_word(g, GUEST_NODE_DATA) = pgdat;
	*sample_guest_word(g, GUEST_PGDAT + 128) = 1;			/* zone DMA: start */
	*sample_guest_word(g, GUEST_PGDAT + 128 + 64 + 16) = 4095;	/* zone DMA32: present */
	*sample_guest_word(g, GUEST_PGDAT) = 3;				/* nr_zones */
	*sample_guest_word(g, GUEST_PGDAT + 8) = 1;			/* start */
	*sample_guest_word(g, GUEST_PGDAT + 16) = 4095;			/* present */
	*sample_guest_word(g, GUEST_PGDAT + 24) = 4096;			/* spanned */
	strcpy((char *)g->ram + GUEST_UTS + 8 + 130, GUEST_RELEASE);
}

#define PER_CPU_START 0x1f000u	/* per-cpu variables have small addresses, to which CPUs add theirs */

void sample_guest_count(struct sample_guest *g, unsigned int zone, uint64_t nr, const int8_t *diff,
			const uint32_t *pcp)
{
	uint64_t at = GUEST_PGDAT + 128 + zone * 64, pageset = zone * 32, stats = 1024 + zone * 32;

	*sample_guest_word(g, at + 32) = nr;
	*sample_guest_word(g, at + 40) = PER_CPU_START + pageset;
	*sample_guest_word(g, at + 48) = PER_CPU_START + stats;
	for (unsigned int cpu = 0; cpu < GUEST_CPUS; cpu++) {
		unsigned char *own = g->ram + GUEST_PER_CPU + cpu * 4096ull;

		memcpy(own + pageset + 4, &pcp[cpu], sizeof(pcp[cpu]));
		memcpy(own + stats + 2, &diff[cpu], sizeof(diff[cpu]));
	}
}

static void fill_counts(struct sample_guest *g)
{
	static const int8_t diff[GUEST_CPUS];
	static const uint32_t pcp[GUEST_CPUS];

	for (unsigned int cpu = 0; cpu < GUEST_CPUS; cpu++)
		*sample_guest_word(g, GUEST_CPU_OFFSETS + cpu * 8) =
			g->direct + GUEST_PER_CPU + cpu * 4096ull - PER_CPU_START;
	for (unsigned int zone = 0; zone < g->layout.nr_zones; zone++)
		sample_guest_count(g, zone, 0, diff, pcp);
}

static void map_kernel(struct sample_guest *g)
{
	uint64_t memmap_32 = g->vmemmap + 32 * GUEST_SECTION_PAGES * 64;

	sample_guest_map(g, GUEST_TOP_VA, GUEST_TOP, 1);
	sample_guest_map(g, g->direct, 0, 2);
	sample_guest_map(g, g->vmemmap, GUEST_MEMMAP, 1);
	for (uint64_t i = 0; i < GUEST_SUBSECTIONS * 8; i++)
		sample_guest_map(g, memmap_32 + i * 4096, GUEST_MEMMAP_32 + i * 8192, 0);
}

static void known_layout(struct page_layout *l)
{
	sample_layout(SAMPLE_6_12, l);
	l->section_bytes = 16;
	l->section_mem_map = (struct layout_field){ 0, 8, true };
	l->section_usage = (struct layout_field){ 8, 8, true };
	l->usage_subsection_map = (struct layout_field){ 0, 8, true };
	l->pgdat_zones_offset = 128;
	l->zone_struct_bytes = 64;
	l->zone_start_pfn = (struct layout_field){ 0, 8, true };
	l->zone_spanned = (struct layout_field){ 8, 8, true };
	l->zone_present = (struct layout_field){ 16, 8, true };
	l->zone_managed = (struct layout_field){ 24, 8, true };
	l->zone_free = (struct layout_field){ 32, 8, true };
	l->zone_pageset = (struct layout_field){ 40, 8, true };
	l->zone_stats = (struct layout_field){ 48, 8, true };
	l->pcp_count = (struct layout_field){ 4, 4, true };
	l->stats_free_diff = (struct layout_field){ 2, 1, true };
	l->pgdat_nr_zones = (struct layout_field){ 0, 4, true };
	l->pgdat_start_pfn = (struct layout_field){ 8, 8, true };
	l->pgdat_present = (struct layout_field){ 16, 8, true };
	l->pgdat_spanned = (struct layout_field){ 24, 8, true };
}

static int ram_read(void *arg, const struct memory_piece *pieces, size_t nr, void *buf)
{
	struct sample_guest *g = arg;
	unsigned char *to = buf;

	g->reads++;
	if (g->broken)
		return g->broken;
	for (size_t i = 0; i < nr; i++) {
		if (pieces[i].gpa >= GUEST_RAM_BYTES || pieces[i].len > GUEST_RAM_BYTES - pieces[i].gpa)
			return -EFAULT;
		memcpy(to, g->ram + pieces[i].gpa, pieces[i].len);
		to += pieces[i].len;
	}
	return 0;
}

static int ram_heads(void *arg, uint64_t *gpa, struct page_head *ret, size_t max)
{
	struct sample_guest *g = arg;
	int nr = 0;

	if (g->broken)
		return g->broken;
	for (; *gpa < GUEST_RAM_BYTES && (size_t)nr < max; *gpa += 4096, nr++) {
		ret[nr].gpa = *gpa;
		memcpy(ret[nr].bytes, g->ram + *gpa, sizeof(ret[nr].bytes));
	}
	if (*gpa >= GUEST_RAM_BYTES)
		*gpa = GUEST_MEMORY_END;
	return nr;
}

static int ram_explain(void *arg, int r, struct rig_err *err)
{
	(void)arg;
	return rig_err_set(err, RIG_HOST, -r, "the sample is broken");
}

void sample_guest_init(struct sample_guest *g, unsigned int levels)
{
	AUTO_FREE char *text = NULL;

	*g = (struct sample_guest){
		.levels = levels,
		.direct = levels == 5 ? 0xff11000000000000ull : 0xffff888000000000ull,
		.vmemmap = levels == 5 ? 0xffd4000000000000ull : 0xffffea0000000000ull,
		.next_table = GUEST_TABLES,
		.memory = { .read = ram_read, .heads = ram_heads, .explain = ram_explain, .arg = g },
	};
	if (posix_memalign((void **)&g->ram, 4096, GUEST_RAM_BYTES))
		abort();
	memset(g->ram, 0, GUEST_RAM_BYTES);
	known_layout(&g->layout);
	map_kernel(g);
	fill_tables(g);
	fill_counts(g);
	fill_pages(g);
	text = sample_guest_note_text(g);
	sample_guest_note(g, GUEST_NOTE, text);
}

void sample_guest_deinit(struct sample_guest *g)
{
	free(g->ram);
}
