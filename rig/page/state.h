/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: what one struct page says, and runs of pages that say the same.  Level 1, pure.
 *
 * The one decoder: the guest agent and readers from outside use it alike.
 */
#ifndef RIG_PAGE_STATE_H
#define RIG_PAGE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page/layout.h"

#define PAGE_TYPE_NONE    (-1)	/* the word is a mapcount */
#define PAGE_TYPE_UNKNOWN (-2)	/* typed, but with no type that the layout names */
#define PAGE_NO_HEAD      (-1)
#define PAGE_NO_ORDER     (-1)
#define PAGE_PGMAP_UNKNOWN 0	/* not of ZONE_DEVICE, or a tail, or the layout does not say */
#define PAGE_PGMAP_NONE	   1	/* NULL, or the list head that initialisation leaves there */
#define PAGE_ORIGIN_UNKNOWN 0		/* not of ZONE_DEVICE, or a tail, or the layout does not say */
#define PAGE_ORIGIN_NONE INT64_MIN	/* nobody maps it */
#define PAGE_ORIGIN_DATA (INT64_MIN + 1)	/* zone_device_data is set, which is for memory of a GPU and its like */

struct page_state {
	uint64_t flags;		/* named flags only; links are below */
	int64_t head_pfn;	/* of a compound tail; PAGE_NO_HEAD for others */
	uint64_t pgmap;		/* address of the struct dev_pagemap, or PAGE_PGMAP_*; never odd but for that */
	int64_t origin;		/* of a page of ZONE_DEVICE that is mapped: pfn of what has offset 0; or PAGE_ORIGIN_* */
	int32_t refcount;
	int32_t mapcount;	/* as the word stands plus one; 0 for typed pages */
	uint32_t type_word;	/* raw _mapcount/page_type */
	int16_t type;		/* index into layout->type, or PAGE_TYPE_* */
	int16_t order;		/* of a buddy head, else PAGE_NO_ORDER */
	uint8_t tail_order;	/* in the first tail of ZONE_DEVICE, that of its compound page plus 1; 0: not known */
	uint16_t node;
	uint8_t zone;		/* index into layout->zone_name */
	bool all_zero;		/* every byte of the struct page is 0 */
	bool all_ones;		/* every byte is 0xff: poisoned, never initialised */
};

/**
 * page_decode() - decode one raw struct page
 * @raw: layout->page_bytes bytes
 * @page_addr, @pfn: its kernel address and number, to turn a head's address into a pfn
 */
void page_decode(const struct page_layout *l, const void *raw, uint64_t page_addr, uint64_t pfn,
		 struct page_state *ret);

/**
 * page_decode_run() - decode the first of @nr raw struct pages and count how many are like it
 * Returns at least 1.  The quick way through memory: most pages are told apart by three words.
 */
size_t page_decode_run(const struct page_layout *l, const void *raw, size_t nr, uint64_t page_addr,
		       uint64_t pfn, struct page_state *ret);

/** page_bytes_equal() - memcmp() of raw struct pages, quick where it is emulated too */
bool page_bytes_equal(const char *a, const char *b, size_t len);

/** page_decode_type() - fill type and mapcount from type_word */
void page_decode_type(const struct page_layout *l, struct page_state *s);

bool page_state_equal(const struct page_state *a, const struct page_state *b);

/* include/uapi/linux/kernel-page-flags.h and the kernel-internal ones of fs/proc/page.c */
enum {
	KPF_LOCKED = 0,
	KPF_REFERENCED = 2,
	KPF_DIRTY = 4,
	KPF_LRU = 5,
	KPF_ACTIVE = 6,
	KPF_WRITEBACK = 8,
	KPF_BUDDY = 10,
	KPF_UNEVICTABLE = 18,
	KPF_HWPOISON = 19,
	KPF_NOPAGE = 20,
	KPF_OFFLINE = 23,
	KPF_RESERVED = 32,
	KPF_MLOCKED = 33,
	KPF_OWNER_PRIVATE = 37,
};

struct page_run {
	uint64_t pfn, nr;
	struct page_state state;
	uint64_t kpageflags;	/* what /proc/kpageflags says of all of them */
	bool has_kpageflags;	/* false: not read, or the raw state changed meanwhile */
	bool counted;		/* NOPAGE there, and yet kpagecount or kpagecgroup shows something */
};

/** page_run_is_offline() - whether /proc/kpageflags says PageOffline of @r */
static inline bool page_run_is_offline(const struct page_run *r)
{
	return r->has_kpageflags && r->kpageflags >> KPF_OFFLINE & 1;
}

/* Runs in ascending order of pfn, without overlap; gaps have no memmap. */
struct page_map {
	struct page_run *run;
	size_t nr, cap;
};

/** page_map_append() - add @nr pages at @pfn behind the last run, merging equal neighbours */
void page_map_append(struct page_map *m, const struct page_run *run);
/** page_map_decode() - append what @nr raw struct pages say; arguments as of page_decode_run() */
void page_map_decode(struct page_map *m, const struct page_layout *l, const void *raw, size_t nr,
		     uint64_t page_addr, uint64_t pfn);
void page_map_deinit(struct page_map *m);

/** page_map_find() - run that holds @pfn, or NULL */
const struct page_run *page_map_find(const struct page_map *m, uint64_t pfn);
/** page_map_pages() - pages in the map within [start, end) */
uint64_t page_map_pages(const struct page_map *m, uint64_t start, uint64_t end);

/**
 * page_state_text() - "reserved|lru refcount=1 type=offline zone=Movable node=1 ..."
 * @buf: at least 256 bytes; returns @buf
 */
const char *page_state_text(const struct page_layout *l, const struct page_state *s, char *buf,
			    size_t len);
/** page_flags_text() - "reserved|head", "none" */
const char *page_flags_text(const struct page_layout *l, uint64_t flags, char *buf, size_t len);
/** page_type_name() - "buddy", "none", "unknown" */
const char *page_type_name(const struct page_layout *l, int type);

#endif
