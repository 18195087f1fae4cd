/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calibrate: what a layout lacks, found on struct pages whose state is known otherwise.  Level 1, pure.
 *
 * For kernels that have neither BTF nor DWARF.  vmcoreinfo does not name PG_reserved, but the pages of
 * the kernel's own image are reserved and hold one reference, and pages that it calls buddy are not
 * reserved: the bit that all of the first have and none of the others is PG_reserved, when it is one.
 * The samples also put zones and nodes to the test that the config told.  Where they leave a doubt the
 * layout stays as it is, or loses what they contradict; nothing is guessed.
 */
#ifndef RIG_PAGE_CALIBRATE_H
#define RIG_PAGE_CALIBRATE_H

#include "page/layout.h"

/*
 * Fewer than these of a kind prove nothing.  Buddies should come from every zone and node, so that
 * what tells the image's pages apart cannot be where they are.
 */
#define CALIBRATE_MIN_SAMPLES 16

enum page_sample_kind {
	SAMPLE_RESERVED,	/* of the kernel's image: _stext up to _etext */
	SAMPLE_BUDDY,		/* head of free pages by its type word */
};

struct page_sample {
	const void *raw;	/* layout->page_bytes bytes; the caller's */
	enum page_sample_kind kind;
};

/**
 * layout_calibrate() - find "reserved" when the layout does not name it; drop zones and nodes that
 * no sample could have
 * Samples that are not what they are said to be (another refcount, another type) make all of them
 * worthless.  Returns true when the layout names "reserved" afterwards.
 */
bool layout_calibrate(struct page_layout *l, const struct page_sample *samples, size_t nr);

#endif
