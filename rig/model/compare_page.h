/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_page: judging one run of pages of one span.  Level 3, for rig/model only. */
#ifndef RIG_COMPARE_PAGE_H
#define RIG_COMPARE_PAGE_H

#include "model/span.h"

/* 4 MiB on x86-64, whatever the kernel calls the limit */
#define MAX_BUDDY_ORDER 10

struct page_check {
	struct model *m;
	const struct model_span *span;
	const char *step;
	bool exported; /* hold the exported flags against it as well */
	struct findings *out;
	uint64_t chunk_end; /* of the free chunk whose head was seen last; raw and online only */
};

/** page_report() - a finding about @run; the class of its span is put in front of @expected */
void page_report(const struct page_check *c, const char *invariant, const struct page_run *run,
		 const char *expected);
bool page_has_type(const struct page_check *c, const struct page_run *run, const char *name);
bool page_has_flag(const struct page_check *c, const struct page_run *run, const char *name);
/** page_has_stray_type() - of a buddy or offline page: something else is in its type word */
bool page_has_stray_type(const struct page_check *c, const struct page_run *run);
void page_check_links(const struct page_check *c, const struct page_run *run);

/** page_check_class() - the struct pages of a run, by whatever class its span is of */
void page_check_class(const struct page_check *c, const struct page_run *run, const struct page_map *pages);

/** page_check_device() - a run of ZONE_DEVICE pages */
void page_check_device(const struct page_check *c, const struct page_run *run);

/** page_check_online() - a run of an online block, wholly inside or outside of a free chunk */
void page_check_online(const struct page_check *c, const struct page_run *run,
		       const struct page_map *pages);

#endif
