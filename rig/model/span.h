/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span: every page of devices and namespaces in exactly one class.  Level 3, pure.
 *
 * Pages in no span are of boot, or have no struct page.
 */
#ifndef RIG_SPAN_H
#define RIG_SPAN_H

#include "model/model.h"

/* A stretch of pages of which the same must be true. */
struct model_span {
	uint64_t start, end;		/* pfns */
	enum page_class class;
	enum model_zone zone;		/* what the links in page->flags say, where they are initialised */
	unsigned int node;
	bool online;			/* of an online block: walkers see it */
	bool hosted;			/* its memmap lies in memory of the device, which nobody cleared */
	bool never_online;		/* FAKE_OFFLINE and FAKE_OFFLINED: since its block came online */
	bool any_dirty;			/* ... or it cannot be told whether it was */
	uint64_t compound_pages;	/* DEVICE: size of its compound pages; 1: none */
	const struct model_device *device;		/* NULL: of a namespace */
	const struct model_block *block;
	const struct model_namespace *namespace;	/* NULL: of a device */
};

/** model_spans() - ascending, not empty, not overlapping; caller frees *@ret, which points into @m */
size_t model_spans(const struct model *m, struct model_span **ret);

/** span_is_managed() - counted among managed_pages; poisoned pages are until their block is offlined */
bool span_is_managed(const struct model_span *span);

/** model_left_spans() - PAGE_DEVICE_LEFT, as above; no part of any span of model_spans() */
size_t model_left_spans(const struct model *m, struct model_span **ret);

/** span_at() - the span that holds @pfn; NULL: none */
const struct model_span *span_at(const struct model_span *span, size_t nr, uint64_t pfn);

/** model_memmap_ranges() - where pages must be read: spans of both kinds that touch are one, ascending; caller frees */
size_t model_memmap_ranges(const struct model *m, struct model_range **ret);

#endif
