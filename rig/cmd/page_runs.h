/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page_runs: what a state in a record says of pages, checked.  Level 8, only for page_rows.c.
 *
 * Texts are the state's.
 */
#ifndef RIG_PAGE_RUNS_H
#define RIG_PAGE_RUNS_H

#include <stdbool.h>

#include "cmd/page_rows.h"

struct page_run_read {
	struct page_row row;
	uint64_t head;		/* of tails; UINT64_MAX: these are none */
};

struct page_span {		/* pfns of a device, or of a fault (id NULL) */
	uint64_t start, end;
	const char *id;
};

struct page_runs {
	struct page_run_read *run;
	struct page_span *device, *fault;
	size_t nr, nr_devices, nr_faults;
	size_t cap, cap_devices, cap_faults;
};

/** page_runs_read() - all ascending; false: it is not what a rig writes */
bool page_runs_read(const json_t *state, struct page_runs *ret);
void page_runs_deinit(struct page_runs *r);

#endif
