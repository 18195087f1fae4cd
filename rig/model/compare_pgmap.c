// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom the pages of ZONE_DEVICE belong to: the struct dev_pagemap that each of them points to. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/compare_page.h"

#define KERNEL_HALF 0x1ffffull	/* of the address space, x86-64: bits 47 and above */

/* What the first page of each namespace that is seen points to. */
struct owner {
	const struct model_namespace *namespace;
	uint64_t pgmap;
};

struct owners {
	struct owner *owner;
	size_t nr;
};

/* Its address is shown with the page; only that the two are different matters, not where they are. */
static const char *judge(struct owners *o, const struct model_namespace *ns, uint64_t pgmap)
{
	if (pgmap == PAGE_PGMAP_NONE || pgmap >> 47 != KERNEL_HALF)
		return "the address of a struct dev_pagemap";
	for (size_t i = 0; i < o->nr; i++)
		if (o->owner[i].namespace == ns)
			return o->owner[i].pgmap == pgmap ? NULL : "the same pgmap as pages before it in the namespace";
	for (size_t i = 0; i < o->nr; i++)
		if (o->owner[i].pgmap == pgmap)
			return "another pgmap than the pages of another namespace";
	o->owner[o->nr++] = (struct owner){ ns, pgmap };
	return NULL;
}

static bool is_tail(const struct model_span *span, uint64_t pfn)
{
	return (pfn - span->start) % span->compound_pages;
}

static void compare_span(const struct page_check *c, const struct page_map *pages, struct owners *o)
{
	int device = layout_zone_index(c->m->layout, "Device");

	for (size_t i = 0; i < pages->nr && pages->run[i].pfn < c->span->end; i++) {
		struct page_run run = pages->run[i];
		uint64_t end = run.pfn + run.nr < c->span->end ? run.pfn + run.nr : c->span->end;
		const char *expected;

		if (end <= c->span->start || run.state.zone != device || run.state.pgmap == PAGE_PGMAP_UNKNOWN)
			continue;
		run.pfn = run.pfn > c->span->start ? run.pfn : c->span->start;
		run.nr = end - run.pfn;
		/* the word of a tail is its head's address */
		if (is_tail(c->span, run.pfn))
			continue;
		expected = judge(o, c->span->namespace, run.state.pgmap);
		if (expected)
			page_report(c, "page.pgmap", &run, expected);
	}
}

void compare_pgmaps(struct model *m, const struct page_map *pages, const char *step, struct findings *out)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr = m->raw ? model_spans(m, &span) : 0;
	AUTO_FREE struct owner *owner = xcalloc(nr + 1, sizeof(*owner));
	struct owners o = { .owner = owner };

	for (size_t i = 0; i < nr; i++) {
		struct page_check c = { .m = m, .span = &span[i], .step = step, .out = out };

		if (span[i].class == PAGE_DEVICE && span[i].namespace)
			compare_span(&c, pages, &o);
	}
}
