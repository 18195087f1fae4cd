// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "guest_agent/page_scan.h"

#define CHUNK_PAGES	(KREADER_WINDOW_BYTES / 32)	/* of the smallest struct page */
#define NO_FLAGS	UINT64_MAX
#define NOPAGE		(1ull << 20)

/* One run of equal pages, the first of which is page @at of the chunk, split where what is exported of them differs. */
static void add_with_flags(struct page_scan *s, const struct page_run *all, size_t at, const char *raw,
			   const char *again)
{
	size_t page_bytes = s->map->layout.page_bytes, n;
	const uint64_t *kpf = s->kpf + at;
	const bool *counted = s->counted + at;
	/* seldom does a page change meanwhile: look page by page only then */
	bool still = page_bytes_equal(raw, again, all->nr * page_bytes);

	for (size_t i = 0; i < all->nr; i += n) {
		struct page_run run = *all;

		/* the exported flags count where the page did not change around reading them */
		run.has_kpageflags = kpf[i] != NO_FLAGS &&
				     (still || page_bytes_equal(raw + i * page_bytes,
							       again + i * page_bytes, page_bytes));
		run.kpageflags = run.has_kpageflags ? kpf[i] : 0;
		run.counted = run.has_kpageflags && counted[i];
		for (n = 1; still && i + n < all->nr && kpf[i + n] == kpf[i] && counted[i + n] == counted[i]; n++)
			;
		run.pfn = all->pfn + i;
		run.nr = n;
		page_map_append(&s->pages, &run);
	}
}

static void add_decoded(struct page_scan *s, const struct memmap_chunk *c, const char *raw,
			const char *again)
{
	const struct page_layout *l = &s->map->layout;

	for (size_t i = 0; i < c->nr; ) {
		struct page_run run = { .pfn = c->pfn + i };
		size_t at = i * l->page_bytes;

		run.nr = page_decode_run(l, raw + at, c->nr - i, c->addr + at, c->pfn + i, &run.state);
		add_with_flags(s, &run, i, raw + at, again + at);
		i += run.nr;
	}
}

/* What the other files show of pages that are none; of the rest it is their users' business. */
static void read_counts(struct page_scan *s, uint64_t pfn, size_t nr)
{
	size_t first = 0, end = nr;

	memset(s->counted, 0, nr * sizeof(*s->counted));
	while (first < nr && s->kpf[first] != NOPAGE)
		first++;
	while (end > first && s->kpf[end - 1] != NOPAGE)
		end--;
	for (size_t f = 0; f < PAGE_SCAN_COUNTS && first < end; f++) {
		ssize_t got = s->count[f] < 0 ? 0 : pread(s->count[f], s->value, (end - first) * 8,
							  (off_t)((pfn + first) * 8));

		for (size_t i = 0; got > 0 && i < (size_t)got / 8; i++)
			s->counted[first + i] |= s->kpf[first + i] == NOPAGE && s->value[i];
	}
}

static void read_kpageflags(struct page_scan *s, uint64_t pfn, size_t nr)
{
	ssize_t got = pread(s->kpageflags, s->kpf, nr * 8, (off_t)(pfn * 8));
	size_t have = got > 0 ? (size_t)got / 8 : 0;

	for (size_t i = have; i < nr; i++)
		s->kpf[i] = NO_FLAGS;	/* behind max_pfn */
	read_counts(s, pfn, nr);
}

/* The exported flags are read between two views, which stand side by side. */
static void show(void *arg, const struct memmap_chunk *c, const void *raw)
{
	struct page_scan *s = arg;
	const void *again;

	if (s->kpageflags < 0) {
		page_map_decode(&s->pages, &s->map->layout, raw, c->nr, c->addr, c->pfn);
		return;
	}
	read_kpageflags(s, c->pfn, c->nr);
	if (kreader_view(s->map->reader, c->addr, c->nr * s->map->layout.page_bytes, &again) == 0)
		add_decoded(s, c, raw, again);
}

static void scan_raw(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	struct memmap_chunk c;

	/* this reader never fails but for stretches, which become faults */
	if (memmap_next(&s->memmap, *pfn, end, &c) == 1 &&
	    memmap_read(&s->memmap, &c, show, s, &s->faults) == 0)
		*pfn = c.pfn + c.nr;
	else
		*pfn = end;
}

/* Without BPF: a run is a stretch with the same exported flags, and nothing else is known. */
static void scan_exported(struct page_scan *s, uint64_t *pfn, uint64_t end)
{
	size_t nr = end - *pfn < CHUNK_PAGES ? (size_t)(end - *pfn) : CHUNK_PAGES, n;

	read_kpageflags(s, *pfn, nr);
	for (size_t i = 0; i < nr; i += n) {
		struct page_run run = { .pfn = *pfn + i, .kpageflags = s->kpf[i],
					.has_kpageflags = true, .counted = s->counted[i] };

		for (n = 1; i + n < nr && s->kpf[i + n] == s->kpf[i] && s->counted[i + n] == s->counted[i]; n++)
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
	static const char *const counts[PAGE_SCAN_COUNTS] = { "/proc/kpagecount", "/proc/kpagecgroup" };
	struct page_scan s = { .kpageflags = -1, .count = { -1, -1 } };

	if (kernel_map_get(&s.map, err) < 0)
		s.map = NULL;
	else
		memmap_init(&s.memmap, &s.map->memory, &s.map->layout, &s.map->sections);
	if (kpageflags || !s.map) {
		s.kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
		if (s.kpageflags < 0 && !s.map)
			return rig_err_set(err, RIG_AGENT, ENODEV,
					   "neither BPF nor /proc/kpageflags can be read in this kernel");
	}
	for (size_t f = 0; f < PAGE_SCAN_COUNTS && s.kpageflags >= 0; f++)
		s.count[f] = open(counts[f], O_RDONLY | O_CLOEXEC);
	s.kpf = xcalloc(CHUNK_PAGES, sizeof(*s.kpf));
	s.value = xcalloc(CHUNK_PAGES, sizeof(*s.value));
	s.counted = xcalloc(CHUNK_PAGES, sizeof(*s.counted));
	*ret = s;
	return 0;
}

void page_scan_close(struct page_scan *s)
{
	free(s->kpf);
	free(s->value);
	free(s->counted);
	page_map_deinit(&s->pages);
	page_map_deinit(&s->faults);
	if (s->kpageflags >= 0)
		close(s->kpageflags);
	for (size_t f = 0; f < PAGE_SCAN_COUNTS; f++)
		if (s->count[f] >= 0)
			close(s->count[f]);
}

uint64_t page_scan_end(void)
{
	AUTO_CLOSE int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t lo = 0, hi = 1ull << 40, word;

	/* the file has no size: find the end by halving */
	while (fd >= 0 && lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (pread(fd, &word, sizeof(word), (off_t)(mid * 8)) == sizeof(word))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
