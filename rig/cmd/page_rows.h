/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_rows: a map of pages as a person reads it.  Level 8, pure.
 *
 * Made from the runs of a state as records have it, see hotrig-results(5).  A free block and a compound
 * page are one thing each, and equal neighbours are one row, so that a machine fits on a few screens.
 * Between rows that were read are those that say what was not.
 */
#ifndef RIG_PAGE_ROWS_H
#define RIG_PAGE_ROWS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Page frame numbers, the end not included.  { 0, PFN_RANGE_ALL } is everything. */
struct pfn_range {
	uint64_t start, end;
};

#define PFN_RANGE_ALL UINT64_MAX

/** pfn_range_parse() - "START-END", both included, hexadecimal with 0x or decimal; or one number */
int pfn_range_parse(const char *text, struct pfn_range *ret, struct rig_err *err) RIG_CHECKED;

/** pfn_range_cut() - leave only what is in @range of a state's "pages" and "faults" */
void pfn_range_cut(json_t *state, const struct pfn_range *range);

enum row_kind {
	ROW_PAGES,
	ROW_FAULT,		/* a struct page must be there and cannot be read */
	ROW_GAP,		/* no struct pages; only of a state that looked everywhere */
};

#define ROW_UNKNOWN INT64_MIN	/* of a number; of a text it is NULL */

struct page_row {
	enum row_kind kind;
	uint64_t pfn, nr;
	const char *flags, *type, *zone;	/* the state's, as all texts here */
	const char *bytes;		/* "0x00", "0xff": every byte, never initialised */
	const char *kpageflags;		/* without flags: all that is known */
	const char *device;		/* its id; NULL: boot memory, or nobody's */
	int64_t refcount, node;		/* of the head, where there is one */
	int64_t order;			/* of a free block or compound page; ROW_UNKNOWN: single pages */
};

struct page_rows {
	struct page_row *row;	/* ascending */
	size_t nr, cap;
};

/**
 * page_rows_make() - the rows of @state within @range
 * @state: borrowed, and outlives the rows
 * Errors: RIG_HOST -EBADMSG when the state is not what a rig writes.
 */
int page_rows_make(const json_t *state, const struct pfn_range *range, struct page_rows *ret,
		   struct rig_err *err) RIG_CHECKED;
void page_rows_deinit(struct page_rows *rows);

#endif
