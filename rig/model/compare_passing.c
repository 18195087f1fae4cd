// SPDX-License-Identifier: GPL-2.0-or-later
/* What may be said of a memory block even while it is on its way offline. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/compare.h"

static bool says_offline(const struct snapshot *s, uint32_t id)
{
	const struct block_info *b = snapshot_block(s, id);

	return b && !strcmp(b->state, "offline");
}

/* The first pages that are shown, as many as lie side by side. */
static void compare_shown(const struct check *c, uint32_t id)
{
	uint64_t start = id * c->m->block_pages, end = start + c->m->block_pages, first = 0, next = 0, flags = 0;
	char expected[64], seen[64];

	for (size_t i = 0; i < c->s->pages.nr; i++) {
		const struct page_run *r = &c->s->pages.run[i];
		uint64_t from = r->pfn > start ? r->pfn : start, to = r->pfn + r->nr < end ? r->pfn + r->nr : end;

		if (from >= to || !r->has_kpageflags || r->kpageflags >> KPF_NOPAGE & 1)
			continue;
		if (next && from != next)
			break;
		if (!next) {
			first = from;
			flags = r->kpageflags;
		}
		next = to;
	}
	if (!next)
		return;
	snprintf(expected, sizeof(expected), "memory%u says offline: kpageflags NOPAGE", id);
	snprintf(seen, sizeof(seen), "kpageflags 0x%" PRIx64, flags);
	check_pages(c, "block.passing", first, next - first, expected, seen);
}

void model_compare_passing(struct model *m, const char *id, const struct snapshot *before, const struct snapshot *s,
			   const char *step, struct findings *out)
{
	const struct model_device *d = model_device_find(m, id);
	const struct check c = { m, s, step, out };

	for (size_t i = 0; d && i < d->nr_blocks; i++)
		if (says_offline(before, d->block[i].id) && says_offline(s, d->block[i].id))
			compare_shown(&c, d->block[i].id);
}
