// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"

static const struct section_run *section_find(const struct snapshot *s, uint64_t nr)
{
	for (size_t i = 0; i < s->nr_sections; i++)
		if (nr >= s->section[i].first && nr - s->section[i].first < s->section[i].nr)
			return &s->section[i];
	return NULL;
}

static void section_finding(const struct check *c, const char *invariant, uint64_t first,
			    uint64_t nr, const char *expected, uint64_t seen)
{
	uint64_t pages = c->m->layout->pages_per_section;
	struct finding f = { .kind = FAIL_INVARIANT,
			     .has_pfn = true,
			     .first_pfn = first * pages,
			     .nr_pfns = nr * pages };

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", c->step);
	snprintf(f.expected, sizeof(f.expected), "%s", expected);
	snprintf(f.seen, sizeof(f.seen), "0x%" PRIx64, seen);
	finding_add(c->out, &f);
}

static void compare_section(const struct check *c, uint64_t nr, const struct model_block *b)
{
	const struct layout_section_bits *bits = &c->m->layout->section_bits;
	const struct section_run *run = section_find(c->s, nr);
	uint64_t marks = run ? run->marks : 0, subsections = run ? run->subsections : 0;
	uint64_t must = b ? 1ull << bits->present | 1ull << bits->has_mem_map : 0;
	char expected[128];

	if (b && b->class == PAGE_ONLINE)
		must |= 1ull << bits->online;
	if (marks != must) {
		snprintf(expected, sizeof(expected), "section marks 0x%" PRIx64 " (%s%s)", must,
			 b ? "present, has memmap" : "none: the section is gone",
			 must >> bits->online & 1 ? ", online" : "");
		section_finding(c, "section.state", nr, 1, expected, marks);
	}
	if (subsections != (b ? UINT64_MAX : 0))
		section_finding(c, "section.subsections", nr, 1,
				b ? "all sub-sections" : "no sub-section", subsections);
}

static void compare_boot_section(const struct check *c, uint64_t nr, const struct section_run *was)
{
	const struct section_run *is = section_find(c->s, nr);

	if (!is || is->marks != was->marks)
		section_finding(c, "section.state", nr, 1, "the marks that it had at boot",
				is ? is->marks : 0);
	if (!is || is->subsections != was->subsections)
		section_finding(c, "section.subsections", nr, 1,
				"the sub-sections that it had at boot", is ? is->subsections : 0);
}

/* Highest section that may be there, plus one. */
static uint64_t end_of_sections(const struct model *m)
{
	uint64_t end = m->max_pages / m->layout->pages_per_section;

	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (m->base->section[i].first + m->base->section[i].nr > end)
			end = m->base->section[i].first + m->base->section[i].nr;
	return end;
}

/* Sections of the devices as their blocks are; every other one as it was at the start. */
void compare_sections(const struct check *c)
{
	uint64_t pages = c->m->layout->pages_per_section, end = end_of_sections(c->m);

	for (uint64_t nr = 0; nr < end; nr++) {
		const struct section_run *was = section_find(c->m->base, nr);
		const struct model_block *b =
			model_block_find(c->m, (uint32_t)(nr * pages / c->m->block_pages), NULL);

		if (!b && was)
			compare_boot_section(c, nr, was);
		else
			compare_section(c, nr, b);
	}
	/* by runs: how many there are is the guest's word */
	for (size_t i = 0; i < c->s->nr_sections; i++) {
		const struct section_run *r = &c->s->section[i];
		uint64_t from = r->first > end ? r->first : end;

		if (r->first + r->nr <= end)
			continue;
		if (r->marks)
			section_finding(c, "section.state", from, r->first + r->nr - from,
					"section marks 0x0 (none: never plugged)", r->marks);
		if (r->subsections)
			section_finding(c, "section.subsections", from, r->first + r->nr - from,
					"no sub-section: never plugged", r->subsections);
	}
}
