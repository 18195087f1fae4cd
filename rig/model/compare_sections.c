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

static void section_finding(const struct check *c, const char *invariant, uint64_t nr, const char *expected,
			    uint64_t seen)
{
	uint64_t pages = c->m->layout->pages_per_section;
	struct finding f = { .kind = FAIL_INVARIANT, .has_pfn = true, .first_pfn = nr * pages,
			     .nr_pfns = pages };

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
		section_finding(c, "section.state", nr, expected, marks);
	}
	if (subsections != (b ? UINT64_MAX : 0))
		section_finding(c, "section.subsections", nr,
				b ? "all sub-sections" : "no sub-section", subsections);
}

/* Sections of the devices as their blocks are; every other one as it was at the start. */
void compare_sections(const struct check *c)
{
	const struct model *m = c->m;
	const struct snapshot *s = c->s;
	uint64_t pages = m->layout->pages_per_section, last = 0;

	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (m->base->section[i].first + m->base->section[i].nr > last)
			last = m->base->section[i].first + m->base->section[i].nr;
	for (size_t i = 0; i < s->nr_sections; i++)
		if (s->section[i].first + s->section[i].nr > last)
			last = s->section[i].first + s->section[i].nr;
	if (m->max_pages / pages > last)
		last = m->max_pages / pages;
	for (uint64_t nr = 0; nr < last; nr++) {
		const struct section_run *was = section_find(m->base, nr), *is = section_find(s, nr);
		const struct model_block *b =
			model_block_find(m, (uint32_t)(nr * pages / m->block_pages), NULL);

		if (!b && was) {
			if (!is || is->marks != was->marks)
				section_finding(c, "section.state", nr, "the marks that it had at boot",
						is ? is->marks : 0);
			if (!is || is->subsections != was->subsections)
				section_finding(c, "section.subsections", nr,
						"the sub-sections that it had at boot",
						is ? is->subsections : 0);
			continue;
		}
		compare_section(c, nr, b);
	}
}
