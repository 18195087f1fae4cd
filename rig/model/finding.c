// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/finding.h"
#include "model/invariant.h"

static bool same(const struct finding *a, const struct finding *b)
{
	return a->has_pfn && b->has_pfn && !strcmp(a->invariant, b->invariant) &&
	       !strcmp(a->step, b->step) && !strcmp(a->expected, b->expected) && !strcmp(a->seen, b->seen);
}

static void add_sample(struct finding *f, uint64_t pfn, uint64_t nr)
{
	if (f->nr_samples < FINDING_SAMPLES)
		f->sample[f->nr_samples++] = (struct finding_sample){ pfn, nr };
}

void finding_add(struct findings *list, const struct finding *f)
{
	assert(invariant_find(f->invariant));
	for (size_t i = list->nr; i-- > 0; ) {
		if (!same(&list->f[i], f))
			continue;
		list->f[i].nr_pfns += f->nr_pfns;
		add_sample(&list->f[i], f->first_pfn, f->nr_pfns);
		return;
	}
	if (list->nr == FINDINGS_MAX) {
		list->dropped++;
		return;
	}
	GROW(list->f, list->nr, list->cap);
	list->f[list->nr] = *f;
	if (f->has_pfn && !f->nr_samples)
		add_sample(&list->f[list->nr], f->first_pfn, f->nr_pfns);
	list->nr++;
}

__attribute__((format(printf, 6, 0)))
static void add_formatted(struct findings *list, enum fail_kind kind, const char *step, const char *invariant,
			  const char *expected, const char *fmt, va_list ap)
{
	struct finding f = { .kind = kind };

	snprintf(f.invariant, sizeof(f.invariant), "%s", invariant);
	snprintf(f.step, sizeof(f.step), "%s", step);
	snprintf(f.expected, sizeof(f.expected), "%s", expected);
	vsnprintf(f.seen, sizeof(f.seen), fmt, ap);
	finding_add(list, &f);
}

void finding_addf(struct findings *list, const char *step, const char *invariant, const char *expected,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(list, FAIL_INVARIANT, step, invariant, expected, fmt, ap);
	va_end(ap);
}

void finding_add_kind(struct findings *list, enum fail_kind kind, const char *step, const char *invariant,
		      const char *expected, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(list, kind, step, invariant, expected, fmt, ap);
	va_end(ap);
}

static bool share_a_page(const struct finding *f, const struct finding *g)
{
	for (size_t i = 0; i < f->nr_samples; i++)
		for (size_t k = 0; k < g->nr_samples; k++)
			if (f->sample[i].pfn < g->sample[k].pfn + g->sample[k].nr &&
			    g->sample[k].pfn < f->sample[i].pfn + f->sample[i].nr)
				return true;
	return false;
}

/*
 * Counts of free pages are read while others allocate, and what CPUs have to themselves goes to a zone before it goes to
 * the total: off by another amount each time, they were only caught in between.  Any other count changes with the steps
 * alone: wrong is wrong.
 */
static bool must_be_alike(const struct finding *f)
{
	return !strcmp(f->invariant, "zone.free") || !strcmp(f->invariant, "zone.pcp") ||
	       !strcmp(f->invariant, "vmstat.sums");
}

bool finding_lasts(const struct finding *f, const struct findings *list)
{
	for (size_t i = 0; i < list->nr; i++) {
		const struct finding *g = &list->f[i];

		if (strcmp(f->invariant, g->invariant) || f->has_pfn != g->has_pfn)
			continue;
		if (f->has_pfn ? share_a_page(f, g) :
		    !strcmp(f->expected, g->expected) && (!must_be_alike(f) || !strcmp(f->seen, g->seen)))
			return true;
	}
	return false;
}

const struct finding *findings_disagree(const struct findings *list)
{
	for (size_t i = 0; i < list->nr; i++)
		if (!strncmp(list->f[i].invariant, "witness.", strlen("witness.")))
			return &list->f[i];
	return NULL;
}

void finding_drop(struct findings *list, size_t i)
{
	memmove(&list->f[i], &list->f[i + 1], (list->nr - i - 1) * sizeof(*list->f));
	list->nr--;
}

void findings_deinit(struct findings *list)
{
	free(list->f);
	*list = (struct findings){ 0 };
}

json_t *findings_json(const struct findings *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->nr; i++) {
		const struct finding *f = &list->f[i];
		json_t *o = json_pack("{ss ss ss ss ss ss}", "invariant", f->invariant, "kind",
				      fail_kind_name(f->kind), "step", f->step, "expected", f->expected,
				      "seen", f->seen, "why", invariant_find(f->invariant)->rule);

		if (f->has_pfn) {
			json_object_set_new(o, "first_pfn", json_integer((json_int_t)f->first_pfn));
			json_object_set_new(o, "nr_pfns", json_integer((json_int_t)f->nr_pfns));
		}
		json_array_append_new(array, o);
	}
	return array;
}
