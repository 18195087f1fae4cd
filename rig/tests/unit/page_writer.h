/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page_writer: puts pages one behind the other into a map, as a right kernel has them. */
#ifndef TEST_PAGE_WRITER_H
#define TEST_PAGE_WRITER_H

#include "page/state.h"

struct page_writer {
	const struct page_layout *l;
	struct page_map *map;
	uint64_t pfn;		/* of the next page */
	const char *zone;
	unsigned int node;
	bool online;		/* /proc/kpageflags shows them */
	bool raw;		/* struct pages can be read */
	uint64_t pgmap;		/* of pages in zone Device that are no tails */
};

#define SAMPLE_PGMAP 0xffff888003f1a018ull

/** page_writer_begin() - a writer of struct pages of node 0 that no walker is shown */
struct page_writer page_writer_begin(const struct page_layout *l, struct page_map *map, uint64_t pfn, const char *zone);

/** page_writer_state() - with flags like "reserved|head", "" for none; @type: NULL for none */
struct page_state page_writer_state(const struct page_writer *w, int refcount, const char *flags, const char *type);

/** page_writer_put() - @nr pages of that state */
void page_writer_put(struct page_writer *w, uint64_t nr, const struct page_state *state);
/** page_writer_put_plain() - the same of page_writer_state() */
void page_writer_put_plain(struct page_writer *w, uint64_t nr, int refcount, const char *flags, const char *type);
/** page_writer_put_fill() - struct pages of which every byte is @byte */
void page_writer_put_fill(struct page_writer *w, uint64_t nr, int byte);
void page_writer_put_chunk(struct page_writer *w, int order);
/** page_writer_put_chunks() - free chunks, each as large as its place allows, up to order 10 */
void page_writer_put_chunks(struct page_writer *w, uint64_t nr);
/** page_writer_put_used() - in use, mapped once */
void page_writer_put_used(struct page_writer *w, uint64_t nr);
/** page_writer_put_compound() - of ZONE_DEVICE, 1 << @order pages; @tail_order: the first tail carries it */
void page_writer_put_compound(struct page_writer *w, int order, bool tail_order);

/** sample_kpageflags() - what the kernel shows of a run; @free: inside a free chunk */
uint64_t sample_kpageflags(const struct page_layout *l, const struct page_state *p, bool online, bool free);

#endif
