// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/compare_page.h"

void page_report(const struct page_check *c, const char *invariant, const struct page_run *run,
		 const char *expected)
{
	struct finding f = {
		.kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = run->pfn, .nr_pfns = run->nr
	};

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s page: %s", page_class_name(c->span->class),
		 expected);
	if (c->m->raw)
		page_state_text(c->m->layout, &run->state, f.seen, sizeof(f.seen));
	if (run->has_kpageflags) {
		size_t at = strlen(f.seen);

		snprintf(f.seen + at, sizeof(f.seen) - at, "%skpageflags=0x%" PRIx64, at ? " " : "",
			 run->kpageflags);
		at = strlen(f.seen);
		if (run->counted)
			snprintf(f.seen + at, sizeof(f.seen) - at, " and not 0 in kpagecount or kpagecgroup");
	}
	finding_add(c->out, &f);
}

bool page_has_type(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.type >= 0 && !strcmp(page_type_name(c->m->layout, run->state.type), name);
}

bool page_has_flag(const struct page_check *c, const struct page_run *run, const char *name)
{
	return run->state.flags & layout_flag_mask(c->m->layout, name);
}

/* Buddy and offline keep nothing in the rest of their word: a second type left in it shows here. */
bool page_has_stray_type(const struct page_check *c, const struct page_run *run)
{
	const struct page_layout *l = c->m->layout;
	uint32_t value;

	if (run->state.type < 0)
		return true;
	value = l->type[run->state.type].value;
	return run->state.type_word != (l->type_encoding == TYPE_TOP_BYTE ? value << 24 : ~value);
}

void page_check_links(const struct page_check *c, const struct page_run *run)
{
	const char *zone = model_zone_name(c->span->zone);
	char expected[64];

	if ((int)run->state.zone != layout_zone_index(c->m->layout, zone)) {
		snprintf(expected, sizeof(expected), "zone=%s", zone);
		page_report(c, "page.zone", run, expected);
	}
	if (run->state.node != c->span->node) {
		snprintf(expected, sizeof(expected), "node=%u", c->span->node);
		page_report(c, "page.node", run, expected);
	}
}
