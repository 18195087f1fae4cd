/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * details: what a run showed, reduced to what two boots of one kernel have in common.  Level 5, plain data.
 *
 * A detail is one line: in which step, of which kind, what it is about, and what was seen.  Pages and
 * pageblocks are runs instead, so that a difference is told with its range.
 */
#ifndef RIG_COMPARE_DETAILS_H
#define RIG_COMPARE_DETAILS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they are told. */
enum detail_kind {
	DETAIL_OUTCOME,		/* of the step */
	DETAIL_FINDING,
	DETAIL_PAGE,		/* runs */
	DETAIL_PAGEBLOCK,		/* runs */
	DETAIL_SECTION,
	DETAIL_BLOCK,
	DETAIL_RANGE,		/* of /proc/iomem and of the firmware's map */
	DETAIL_COUNTER,
	DETAIL_DERIVED,		/* counters that follow from how much memory there is, to the page */
	DETAIL_ZONE,		/* the same as the kernel keeps it, and what it tells nobody */
	DETAIL_ANSWER,		/* of the kernel to a write, of a device to the host */
	DETAIL_EVENT,
	DETAIL_ORDER,		/* of the events; told where they are the same */
	DETAIL_LOG,
	DETAIL_LATENCY,		/* judged for itself, no detail of a run */
	DETAIL_NR_KINDS
};

const char *detail_kind_name(enum detail_kind kind);	/* "page" */

struct detail {
	size_t step;		/* 0: the machine before the first */
	enum detail_kind kind;
	char *what, *value;
};

struct details {
	struct detail *v;
	size_t nr, cap;
};

/** detail_add() - takes @what and @value */
void detail_add(struct details *f, size_t step, enum detail_kind kind, char *what, char *value);
/**
 * details_settle() - sort them and make one of those about the same thing, once all are added
 * "once" becomes how often; other values are told once each, in the order of their coming.
 */
void details_settle(struct details *f);
/** detail_order() - as of qsort(): step, kind, and what as numbers go */
int detail_order(const struct detail *a, const struct detail *b);
void details_deinit(struct details *f);

/* Of pages that say the same; ascending, without overlap. */
struct run_detail {
	uint64_t pfn, nr;
	json_t *value;		/* an object, owned */
};

struct run_details {
	struct run_detail *v;
	size_t nr, cap;
};

/** run_detail_add() - behind the last; takes @value */
void run_detail_add(struct run_details *f, uint64_t pfn, uint64_t nr, json_t *value);
/** run_detail_find() - the value that @pfn has, borrowed; NULL: none */
const json_t *run_detail_find(const struct run_details *f, uint64_t pfn);
void run_details_deinit(struct run_details *f);

#endif
