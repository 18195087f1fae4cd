/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pageset: the limits of the lists of free pages that each CPU keeps of a zone.  Level 1.
 *
 * The kernel works them out for the zone and copies them to each possible CPU.  It sets other ones only while
 * a block is onlined or offlined (zone_pcp_disable()) and copies the zone's again behind that.
 */
#ifndef RIG_PAGE_PAGESET_H
#define RIG_PAGE_PAGESET_H

#include <stdbool.h>

#include "page/zone_free.h"

enum { PAGESET_HIGH, PAGESET_HIGH_MIN, PAGESET_HIGH_MAX, PAGESET_BATCH };

struct pageset {
	struct pageset_limit {
		bool known;		/* this kernel has it */
		uint64_t zone;		/* what the zone has */
		uint64_t cpu_has;	/* the same, unless a CPU has another: what the first of these has */
		unsigned int cpu;	/* that one; 0 when there is none */
	} limit[LAYOUT_PAGESET_LIMITS];
};

/** pageset_known() - whether @l and @cpus say enough to read one limit or more */
bool pageset_known(const struct page_layout *l, const struct per_cpu *cpus);

/** pageset_read() - of the struct zone at @addr, which must have pages: an empty zone has a stand-in for
 *  lists.  -EFAULT, or the reader's error */
int pageset_read(const struct kernel_memory *memory, const struct page_layout *l, const struct per_cpu *cpus,
		 uint64_t addr, struct pageset *ret) RIG_CHECKED;

/** pageset_place() - address, in the area of each CPU, of the lists of the struct zone at @addr; 0: not known
 *  -EFAULT, or the reader's error */
int pageset_place(const struct kernel_memory *memory, const struct page_layout *l, uint64_t addr, uint64_t *ret)
	RIG_CHECKED;

/** pageset_limit_name() - as struct per_cpu_pages calls it; @i below LAYOUT_PAGESET_LIMITS */
const char *pageset_limit_name(unsigned int i);

#endif
