// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "model/compare.h"
#include "model/span.h"

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
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, seen);
	check_pages(c, invariant, first * pages, nr * pages, expected, text);
}

/* What must be true of one section. */
struct must {
	uint64_t marks, subsections;
};

static uint64_t tainted(const struct model *m, uint64_t nr)
{
	for (size_t i = 0; i < m->nr_tainted; i++)
		if (m->tainted[i] == nr)
			return m->layout->section_bits.has_taint ?
			       1ull << m->layout->section_bits.taint_zone_device : 0;
	return 0;
}

/* The sub-sections of section @nr in which @span has a page. */
static uint64_t subsections_of(const struct model *m, const struct model_span *span, uint64_t nr)
{
	uint64_t sub = m->layout->pages_per_subsection, first = nr * m->layout->pages_per_section, map = 0;

	for (uint64_t i = 0; i < m->layout->pages_per_section / sub; i++)
		if (span->start < first + (i + 1) * sub && span->end > first + i * sub)
			map |= 1ull << i;
	return map;
}

static struct model_span carved_span(const struct model_device *d)
{
	return (struct model_span){ .start = d->start_pfn, .end = d->start_pfn + d->nr_pages };
}

static uint64_t carved_subsections(const struct model *m, uint64_t nr)
{
	uint64_t map = 0;

	for (size_t i = 0; i < m->nr_devices; i++) {
		const struct model_span span = carved_span(&m->device[i]);

		if (m->device[i].kind == MODEL_E820_PMEM)
			map |= subsections_of(m, &span, nr);
	}
	return map;
}

/* What boot left, and what spans put there; a kernel without sub-sections says that all are there. */
static struct must must_be(const struct check *c, const struct model_span *span, size_t nr_spans, uint64_t nr)
{
	const struct layout_section_bits *bits = &c->m->layout->section_bits;
	const struct section_run *was = section_find(c->m->base, nr);
	uint64_t pages = c->m->layout->pages_per_section;
	struct must must = { 0 };

	/* what a namespace had at boot already is its own: it goes with it */
	if (was && !(carved_subsections(c->m, nr) && !model_early_section(c->m, nr)))
		must = (struct must){
			.marks = was->marks, .subsections = was->subsections & ~carved_subsections(c->m, nr),
		};
	for (size_t i = 0; i < nr_spans; i++) {
		if (span[i].start >= (nr + 1) * pages || span[i].end <= nr * pages)
			continue;
		must.marks |= 1ull << bits->present | 1ull << bits->has_mem_map;
		must.marks |= span[i].online ? 1ull << bits->online : 0;
		must.subsections |= subsections_of(c->m, &span[i], nr);
	}
	if (must.marks)
		must.marks |= tainted(c->m, nr);
	return must;
}

static const char *marks_text(const struct check *c, uint64_t marks, char *buf, size_t size)
{
	const struct layout_section_bits *bits = &c->m->layout->section_bits;

	snprintf(buf, size, "section marks 0x%" PRIx64 " (%s%s%s%s)", marks,
		 marks >> bits->present & 1 ? "present, has memmap" : "none: nothing is there",
		 marks >> bits->online & 1 ? ", online" : "", marks >> bits->early & 1 ? ", early" : "",
		 bits->has_taint && marks >> bits->taint_zone_device & 1 ? ", partly ZONE_DEVICE" : "");
	return buf;
}

static void compare_section(const struct check *c, const struct model_span *span, size_t nr_spans, uint64_t nr)
{
	const struct must must = must_be(c, span, nr_spans, nr);
	const struct section_run *is = section_find(c->s, nr);
	char expected[160];

	if ((is ? is->marks : 0) != must.marks)
		section_finding(c, "section.state", nr, 1, marks_text(c, must.marks, expected, sizeof(expected)),
				is ? is->marks : 0);
	if ((is ? is->subsections : 0) != must.subsections) {
		snprintf(expected, sizeof(expected), "sub-sections 0x%" PRIx64, must.subsections);
		section_finding(c, "section.subsections", nr, 1, expected, is ? is->subsections : 0);
	}
}

/* Highest section that may be there, plus one. */
static uint64_t end_of_sections(const struct model *m, const struct model_span *span, size_t nr_spans)
{
	uint64_t pages = m->layout->pages_per_section, end = m->max_pages / pages;

	if (nr_spans && (span[nr_spans - 1].end + pages - 1) / pages > end)
		end = (span[nr_spans - 1].end + pages - 1) / pages;

	for (size_t i = 0; i < m->base->nr_sections; i++)
		if (m->base->section[i].first + m->base->section[i].nr > end)
			end = m->base->section[i].first + m->base->section[i].nr;
	return end;
}

/* Sections as their spans are, and as they were at the start beside. */
void compare_sections(const struct check *c)
{
	AUTO_FREE struct model_span *span = NULL;
	size_t nr_spans = model_spans(c->m, &span);
	uint64_t end = end_of_sections(c->m, span, nr_spans);

	for (uint64_t nr = 0; nr < end; nr++)
		compare_section(c, span, nr_spans, nr);
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
