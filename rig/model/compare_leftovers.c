// SPDX-License-Identifier: GPL-2.0-or-later
/* What must be as it was when all that was plugged is gone: each counter of that kind in model/coverage.h. */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/compare.h"
#include "model/coverage.h"

static bool returns(const struct counter *c)
{
	const struct coverage *line = coverage_find(c->file, c->name);

	return line && line->kind == COVER_BASELINE;
}

static void report(const char *step, const struct counter *c, const char *was, const char *is, struct findings *out)
{
	AUTO_FREE char *text = xasprintf("%s%s%s as at the start: %.100s", c->file, *c->name ? " " : "", c->name, was);

	finding_addf(out, step, "counter.baseline", text, "%.200s", is);
}

/* Whether @s has anything of this file: what was not read is not missing. */
static bool has_file(const struct snapshot *s, const char *file)
{
	for (size_t i = 0; i < s->counters.nr; i++)
		if (!strcmp(s->counters.v[i].file, file))
			return true;
	return false;
}

/* What boot carved out as persistent memory was there at the start. */
static bool anything_plugged(const struct model *m)
{
	for (size_t i = 0; i < m->nr_devices; i++)
		if (m->device[i].kind != MODEL_E820_PMEM)
			return true;
	for (size_t i = 0; i < m->nr_namespaces; i++)
		if (model_namespace_has_memmap(m, &m->namespace[i]))
			return true;
	/* pages of ZONE_DEVICE keep their node for ever */
	for (size_t i = 0; i < ARRAY_SIZE(m->device_span); i++)
		if (m->device_span[i].end)
			return true;
	return false;
}

void model_compare_leftovers(const struct model *m, const struct snapshot *s, const char *step,
			     struct findings *out)
{
	const struct counters *was = &m->base->counters, *is = &s->counters;

	if (anything_plugged(m))
		return;
	for (size_t i = 0; i < was->nr; i++) {
		const char *value = counters_find(is, was->v[i].file, was->v[i].name);

		if (!value && has_file(s, was->v[i].file) && returns(&was->v[i]))
			report(step, &was->v[i], was->v[i].value, "gone", out);
	}
	for (size_t i = 0; i < is->nr; i++) {
		const char *value = counters_find(was, is->v[i].file, is->v[i].name);

		if ((!value || strcmp(value, is->v[i].value)) && returns(&is->v[i]))
			report(step, &is->v[i], value ? value : "not there", is->v[i].value, out);
	}
}
