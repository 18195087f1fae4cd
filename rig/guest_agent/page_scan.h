/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_scan: reads stretches of struct pages and groups what is alike.  Agent only.
 *
 * Without BPF, pages have their exported flags and nothing else.
 */
#ifndef RIG_AGENT_PAGE_SCAN_H
#define RIG_AGENT_PAGE_SCAN_H

#include "guest_agent/kernel_map.h"
#include "page/state.h"

#define PAGE_SCAN_COUNTS 2	/* kpagecount, kpagecgroup */

struct page_scan {
	struct page_map pages;
	struct page_map faults;		/* memmap that should be there and cannot be read */

	/* private */
	struct kernel_map *map;		/* NULL: only kpageflags can be read */
	struct memmap memmap;
	int kpageflags;			/* -1: not wanted */
	uint64_t *kpf;
	int count[PAGE_SCAN_COUNTS];	/* files; -1: not wanted, or not there */
	uint64_t *value;		/* of one of them */
	bool *counted;			/* of each page; see struct page_run */
};

/** page_scan_open() - @kpageflags: what /proc/kpageflags and its like say as well */
int page_scan_open(struct page_scan *s, bool kpageflags, struct rig_err *err) RIG_CHECKED;
/** page_scan_next() - read the next chunk at or behind *@pfn, not beyond @end, and step over it */
void page_scan_next(struct page_scan *s, uint64_t *pfn, uint64_t end);
void page_scan_close(struct page_scan *s);

/** page_scan_end() - the pfn at which /proc/kpageflags ends; 0: it cannot be read */
uint64_t page_scan_end(void);

#endif
