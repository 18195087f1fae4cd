// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "page/calibrate.h"
#include "page/memmap.h"
#include "page/vmcoreinfo.h"
#include "witness/kernel_space.h"
#include "witness/witness_layout.h"

#define TEXT_PAGES	256u		/* 1 MiB from _stext on is code in any kernel */
#define MAX_SAMPLES	4096u
#define SECTION_SAMPLES	64u		/* so that they come from everywhere */
#define MAX_PAGES	(1u << 22)	/* looked at: 16 GiB */

/* PAGE_BUDDY_MAPCOUNT_VALUE and the like: a negative int, or a mask; 0: not there */
static uint32_t note_word(const char *note, const char *key)
{
	int64_t value = 0;

	vmcoreinfo_number(note, key, &value);
	return (uint32_t)value;
}

struct samples {
	const struct page_layout *layout;
	struct page_sample sample[MAX_SAMPLES];
	size_t nr;
	unsigned char *raw;		/* of all of them */
	int buddy;			/* index of the type */
	size_t section_left;
};

static void add(struct samples *s, const void *raw, enum page_sample_kind kind)
{
	size_t bytes = s->layout->page_bytes;

	if (s->nr == MAX_SAMPLES)
		return;
	memcpy(s->raw + s->nr * bytes, raw, bytes);
	s->sample[s->nr] = (struct page_sample){ s->raw + s->nr * bytes, kind };
	s->nr++;
}

static void add_text(void *arg, const struct memmap_chunk *c, const void *raw)
{
	struct samples *s = arg;

	for (size_t i = 0; i < c->nr; i++)
		add(s, (const char *)raw + i * s->layout->page_bytes, SAMPLE_RESERVED);
}

static void add_buddies(void *arg, const struct memmap_chunk *c, const void *raw)
{
	struct samples *s = arg;
	const char *at = raw;

	for (size_t i = 0; i < c->nr && s->section_left; i++, at += s->layout->page_bytes) {
		struct page_state p;

		page_decode(s->layout, at, c->addr, c->pfn, &p);
		if (p.type != s->buddy)
			continue;
		add(s, at, SAMPLE_BUDDY);
		s->section_left--;
	}
}

static void take(struct memmap *m, uint64_t start, uint64_t end, memmap_show_fn *fn,
		 struct samples *s)
{
	struct memmap_chunk c = { .pfn = start };
	struct page_map faults = { 0 };

	/* what cannot be read is no sample; a reader that broke shows in the next call */
	while (memmap_next(m, c.pfn + c.nr, end, &c) == 1)
		if (memmap_read(m, &c, fn, s, &faults) < 0)
			break;
	page_map_deinit(&faults);
}

/* Where the kernel's code is in guest memory, in pages; the image is mapped in one piece. */
static bool text_pfn(const char *note, uint64_t *ret)
{
	uint64_t stext;
	int64_t phys_base;

	if (!vmcoreinfo_address(note, "SYMBOL(_stext)", &stext) ||
	    !vmcoreinfo_number(note, "NUMBER(phys_base)", &phys_base))
		return false;
	*ret = (stext - START_KERNEL_MAP + (uint64_t)phys_base) / GUEST_PAGE_BYTES;
	return true;
}

static void calibrate(const struct kernel_memory *kernel, const char *note, struct page_layout *l)
{
	AUTO_FREE struct samples *s = xcalloc(1, sizeof(*s));
	AUTO_FREE unsigned char *raw = xcalloc(MAX_SAMPLES, l->page_bytes);
	struct memmap_table table;
	uint64_t text, sections;
	struct memmap m;

	s->layout = l;
	s->raw = raw;
	s->buddy = layout_type_index(l, "buddy");
	if (s->buddy < 0 || !text_pfn(note, &text) || !memmap_table_from_note(note, l, &table))
		return;
	memmap_init(&m, kernel, l, &table);
	take(&m, text, text + TEXT_PAGES, add_text, s);
	if (memmap_end_section(&m, &sections) < 0)
		return;
	if (sections > MAX_PAGES / l->pages_per_section)
		sections = MAX_PAGES / l->pages_per_section;
	for (uint64_t i = 0; i < sections; i++) {
		s->section_left = SECTION_SAMPLES;
		take(&m, i * l->pages_per_section, (i + 1) * l->pages_per_section, add_buddies, s);
	}
	layout_calibrate(l, s->sample, s->nr);
}

static int layout_of_note(const struct witness_config *config, const struct kernel_memory *kernel,
			  const char *note, struct page_layout *ret, struct rig_err *err)
{
	int r = layout_from_notes(note, config->config, ret, err);

	if (r < 0)
		return r;
	if (!ret->refcount.has || !ret->mapcount.has || !ret->private_.has ||
	    !ret->compound_head.has)
		return rig_err_set(err, RIG_KERNEL, ENOENT,
				   "VMCOREINFO does not name all words of struct page");
	if (memmap_layout_known(ret))
		calibrate(kernel, note, ret);
	return 0;
}

int witness_layout_find(const struct witness_config *config, const struct kernel_memory *kernel,
			const char *note, struct page_layout *ret, const char **source,
			struct rig_err *err)
{
	struct page_layout l = { 0 };
	int r = 0;

	if (config->layout) {
		l = *config->layout;
		/* before enum pagetype only the note has the values of the types */
		layout_name_types(&l, note_word(note, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)"),
				  note_word(note, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)"));
	} else {
		r = layout_of_note(config, kernel, note, &l, err);
	}
	if (r < 0)
		return r;
	if (!memmap_layout_known(&l))
		return rig_err_set(err, RIG_KERNEL, ENOENT, "mem_section is of unknown shape");
	*ret = l;
	*source = config->layout ? config->layout_source : "vmcoreinfo";
	return 0;
}
