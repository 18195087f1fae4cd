/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mapping: where kernel addresses lead, by stretches of pages, as the page tables say.  Level 1, plain data.
 */
#ifndef RIG_PAGE_MAPPING_H
#define RIG_PAGE_MAPPING_H

#include <stddef.h>
#include <stdint.h>

/* What all levels of the tables together allow; of uncached what the lowest says. */
enum {
	MAPPING_WRITABLE   = 1 << 0,
	MAPPING_EXECUTABLE = 1 << 1,
	MAPPING_USER	   = 1 << 2,
	MAPPING_UNCACHED   = 1 << 3,	/* any memory type other than write-back */
};

struct mapping {
	uint64_t page, nr;	/* counted in pages from the address that was asked for */
	uint64_t pfn;		/* where the first one leads; the others follow */
	unsigned int attributes;
};

struct mapping_list {
	struct mapping *v;	/* ascending, not overlapping; gaps are not mapped */
	size_t nr, cap;
};

/** mapping_append() - behind all others; what leads on is one */
void mapping_append(struct mapping_list *l, const struct mapping *m);
/** mapping_find() - index of the first that ends behind @page; nr: none */
size_t mapping_find(const struct mapping_list *l, uint64_t page);
void mapping_list_deinit(struct mapping_list *l);

#define MAPPING_TEXT_BYTES 96

/** mapping_attributes_text() - "writable, not executable, for the kernel alone, cached"; @buf: MAPPING_TEXT_BYTES */
const char *mapping_attributes_text(unsigned int attributes, char *buf);

#endif
