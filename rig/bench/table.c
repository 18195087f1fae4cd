// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench/table.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(const double *sorted, size_t nr)
{
	return nr % 2 ? sorted[nr / 2] : (sorted[nr / 2 - 1] + sorted[nr / 2]) / 2;
}

struct row *table_add(struct table *t, const char *name, const char *what, const char *unit,
		      double *samples, size_t nr)
{
	struct row *r;

	assert(nr);
	qsort(samples, nr, sizeof(*samples), by_value);
	GROW(t->row, t->nr, t->cap);
	r = &t->row[t->nr++];
	*r = (struct row){ .unit = unit,
			   .value = median(samples, nr),
			   .min = samples[0],
			   .max = samples[nr - 1],
			   .nr = nr };
	snprintf(r->name, sizeof(r->name), "%s", name);
	snprintf(r->what, sizeof(r->what), "%s", what);
	return r;
}

void table_add_one(struct table *t, const char *name, const char *what, const char *unit,
		   double value, enum target target, double limit)
{
	struct row *r = table_add(t, name, what, unit, &value, 1);

	r->target = target;
	r->limit = limit;
}

double table_value(const struct table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->nr && strcmp(t->row[i].name, name); i++)
		;
	assert(i < t->nr);
	return t->row[i].value;
}

static bool met(const struct row *r)
{
	switch (r->target) {
	case TARGET_AT_MOST: return r->value <= r->limit;
	case TARGET_AT_LEAST: return r->value >= r->limit;
	case TARGET_BELOW: return r->value < r->limit;
	case TARGET_NONE: break;
	}
	return true;
}

bool table_met(const struct table *t)
{
	for (size_t i = 0; i < t->nr; i++)
		if (!met(&t->row[i]))
			return false;
	return true;
}

static const char *const sign[] = { "", "<=", ">=", "<" };

void table_print(const struct table *t, FILE *out)
{
	fprintf(out, "%-24s %9s %-7s %-19s %-10s %s\n", "", "median", "", "min .. max", "target",
		"");
	for (size_t i = 0; i < t->nr; i++) {
		const struct row *r = &t->row[i];
		char bounds[48] = "", target[48] = "";

		if (r->nr > 1)
			snprintf(bounds, sizeof(bounds), "%.4g .. %.4g", r->min, r->max);
		if (r->target)
			snprintf(target, sizeof(target), "%s %.4g%s", sign[r->target], r->limit,
				 met(r) ? "" : " MISSED");
		fprintf(out, "%-24s %9.4g %-7s %-19s %-10s %s\n", r->name, r->value, r->unit,
			bounds, target, r->what);
	}
}

void table_print_json(const struct table *t, const char *kernel, const char *accel, FILE *out)
{
	json_t *rows = json_array(), *o;

	for (size_t i = 0; i < t->nr; i++) {
		const struct row *r = &t->row[i];

		o = json_pack("{ss ss ss sf sf sf si}", "name", r->name, "what", r->what, "unit",
			      r->unit, "median", r->value, "min", r->min, "max", r->max, "samples",
			      (int)r->nr);
		if (r->target) {
			json_object_set_new(o, "target",
					    json_sprintf("%s %.4g", sign[r->target], r->limit));
			json_object_set_new(o, "met", json_boolean(met(r)));
		}
		json_array_append_new(rows, o);
	}
	o = json_pack("{ss ss sb so}", "kernel", kernel, "accel", accel, "met", table_met(t),
		      "rows", rows);
	json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putc('\n', out);
	json_decref(o);
}

void table_deinit(struct table *t)
{
	free(t->row);
	*t = (struct table){ 0 };
}
