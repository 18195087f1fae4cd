// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/page_scan.h"

#define CHUNK_PAGES	4096u
#define NO_FLAGS	UINT64_MAX
#define NO_SECTION	UINT64_MAX

/* One run of equal pages, split where the exported flags of its pages differ. */
static void add_with_flags(struct page_scan *s, const struct page_run *all, const uint64_t *kpf,
			   const char *raw, const char *again)
{
	size_t page_bytes = s->map->layout.page_bytes, n;
	/* seldom does a page change meanwhile: look page by page only then */
	bool still = page_bytes_equal(raw, again, all->nr * page_bytes);

	for (size_t i = 0; i < all->nr; i += n) {
		struct page_run run = *all;

		/* the exported flags count where the page did not change around reading them */
		run.has_kpageflags = kpf[i] != NO_FLAGS &&
				     (still || page_bytes_equal(raw + i * page_bytes,
							       again + i * page_bytes, page_bytes));
		run.kpageflags = run.has_kpageflags ? kpf[i] : 0;
		for (n = 1; still && i + n < all->nr && kpf[i + n] == kpf[i]; n++)
			;
		run.pfn = all->pfn + i;
		run.nr = n;
		page_map_append(&s->pages, &run);
	}
}

static void add_decoded(struct page_scan *s, const char *raw, const char *again, uint64_t addr,
			uint64_t pfn, size_t nr)
{
	const struct page_layout *l = &s->map->layout;

	for (size_t i = 0; i < nr; ) {
		struct page_run run = { .pfn = pfn + i };

		run.nr = page_decode_run(l, raw + i * l->page_bytes, nr - i, addr + i * l->page_bytes,
					 pfn + i, &run.state);
		if (s->kpageflags < 0)
			page_map_append(&s->pages, &run);
		else
			add_with_flags(s, &run, s->kpf + i, raw + i * l->page_bytes,
				       again + i * l->page_bytes);
		i += run.nr;
	}
}

static void read_kpageflags(struct page_scan *s, uint64_t pfn, size_t nr)
{
	ssize_t got = pread(s->kpageflags, s->kpf, nr * 8, (off_t)(pfn * 8));
	size_t have = got > 0 ? (size_t)got / 8 : 0;

	for (size_t i = have; i < nr; i++)
		s->kpf[i] = NO_FLAGS;	/* behind max_pfn */
}

static void scan_chunk(struct page_scan *s, uint64_t pfn, size_t nr)
{
	const struct page_layout *l = &s->map->layout;
	uint64_t addr = kernel_map_page_address(s->map, &s->section, pfn);
	size_t bytes = nr * l->page_bytes;
	const void *view, *again;

	if (kreader_view(s->map->reader, addr, bytes, &view) < 0) {
		struct page_run fault = { .pfn = pfn, .nr = 1 };

		if (nr == 1) {
			page_map_append(&s->faults, &fault);
			return;
		}
		scan_chunk(s, pfn, nr / 2);
		scan_chunk(s, pfn + nr / 2, nr - nr / 2);
		return;
	}
	if (s->kpageflags < 0) {
		add_decoded(s, view, view, addr, pfn, nr);
		return;
	}
	read_kpageflags(s, pfn, nr);
	if (kreader_view(s->map->reader, addr, bytes, &again) == 0)
		add_decoded(s, view, again, addr, pfn, nr);
}

/* Looking a section up takes as long as reading a thousand pages: once for all its chunks. */
static const struct section_info *section_at(struct page_scan *s, uint64_t nr)
{
	if (s->section_nr != nr) {
		kernel_map_section(s->map, nr, &s->section);
		s->section_nr = nr;
		/* an early section has its whole memmap, whatever the sub-section map says */
		if (s->section.mem_map >> s->map->layout.section_bits.early & 1)
			s->section.subsections = UINT64_MAX;
	}
	return &s->section;
}

static void scan_raw(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	const struct page_layout *l = &s->map->layout;
	uint64_t section_nr = *pfn / l->pages_per_section;
	uint64_t section_end = (section_nr + 1) * l->pages_per_section, stop = *pfn;
	const struct section_info *section = section_at(s, section_nr);

	if (end > section_end)
		end = section_end;
	if (!(section->mem_map >> l->section_bits.has_mem_map & 1)) {
		*pfn = end;
		return;
	}
	while (stop < end &&
	       section->subsections >> stop % l->pages_per_section / l->pages_per_subsection & 1)
		stop = (stop / l->pages_per_subsection + 1) * l->pages_per_subsection;
	if (stop == *pfn) {
		uint64_t next = (*pfn / l->pages_per_subsection + 1) * l->pages_per_subsection;

		*pfn = next < end ? next : end;
		return;
	}
	if (stop > end)
		stop = end;
	if (stop - *pfn > CHUNK_PAGES)
		stop = *pfn + CHUNK_PAGES;
	scan_chunk(s, *pfn, (size_t)(stop - *pfn));
	*pfn = stop;
}

/* Without BPF: a run is a stretch with the same exported flags, and nothing else is known. */
static void scan_exported(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	size_t nr = end - *pfn < CHUNK_PAGES ? (size_t)(end - *pfn) : CHUNK_PAGES, n;

	read_kpageflags(s, *pfn, nr);
	for (size_t i = 0; i < nr; i += n) {
		struct page_run run = { .pfn = *pfn + i, .kpageflags = s->kpf[i],
					.has_kpageflags = true };

		for (n = 1; i + n < nr && s->kpf[i + n] == s->kpf[i]; n++)
			;
		run.nr = n;
		if (s->kpf[i] != NO_FLAGS)
			page_map_append(&s->pages, &run);
	}
	*pfn += nr;
}

void page_scan_next(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	if (s->map)
		scan_raw(s, pfn, end);
	else
		scan_exported(s, pfn, end);
}

int page_scan_open(struct page_scan *ret, bool kpageflags, struct rig_err *err)
{
	struct page_scan s = { .kpageflags = -1, .section_nr = NO_SECTION };

	if (kernel_map_get(&s.map, err) < 0)
		s.map = NULL;
	if (kpageflags || !s.map) {
		s.kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
		if (s.kpageflags < 0 && !s.map)
			return rig_err_set(err, RIG_AGENT, ENODEV,
					   "neither BPF nor /proc/kpageflags can be read in this kernel");
	}
	s.kpf = xcalloc(CHUNK_PAGES, sizeof(*s.kpf));
	*ret = s;
	return 0;
}

void page_scan_close(struct page_scan *s)
{
	free(s->kpf);
	page_map_deinit(&s->pages);
	page_map_deinit(&s->faults);
	if (s->kpageflags >= 0)
		close(s->kpageflags);
}
