// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/durations.h"

#define UNKNOWN_MS	1000u		/* when nothing at all is known, all are equal */
#define MAX_S		(7.0 * 24 * 3600)	/* nobody waited longer for a run */

struct durations {
	json_t *cell, *scenario;	/* name to ms */
	uint64_t all_ms;
};

static int ascending(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* Of an array of integers, in ms; 0: it is empty */
static uint64_t median(const json_t *list)
{
	size_t n = json_array_size(list);
	AUTO_FREE uint64_t *ms = xcalloc(n + 1, sizeof(*ms));

	for (size_t i = 0; i < n; i++)
		ms[i] = (uint64_t)json_integer_value(json_array_get(list, i));
	qsort(ms, n, sizeof(*ms), ascending);
	return n ? ms[n / 2] : 0;
}

static json_t *list_of(json_t *o, const char *key)
{
	json_t *list = json_object_get(o, key);

	if (!list) {
		list = json_array();
		json_object_set_new(o, key, list);
	}
	return list;
}

/* Lists become their medians */
static void settle(json_t *o)
{
	const char *key;
	json_t *list;
	void *next;

	json_object_foreach_safe(o, next, key, list)
		json_object_set_new(o, key, json_integer((json_int_t)median(list)));
}

struct durations *durations_make(const json_t *merged)
{
	struct durations *d = xcalloc(1, sizeof(*d));
	json_auto_t *all = json_array();
	const json_t *cell, *run;
	size_t i, j;

	d->cell = json_object();
	d->scenario = json_object();
	json_array_foreach(json_object_get(merged, "cells"), i, cell) {
		const char *name = json_string_value(json_object_get(cell, "cell"));
		const char *scenario = json_string_value(json_object_get(cell, "scenario"));

		json_array_foreach(json_object_get(cell, "runs"), j, run) {
			double s = json_number_value(json_object_get(run, "seconds"));
			json_t *ms = json_integer((json_int_t)(s > 0 && s < MAX_S ? s * 1000 : 0));

			json_array_append(all, ms);
			if (name)
				json_array_append(list_of(d->cell, name), ms);
			if (scenario)
				json_array_append(list_of(d->scenario, scenario), ms);
			json_decref(ms);
		}
	}
	settle(d->cell);
	settle(d->scenario);
	d->all_ms = median(all);
	return d;
}

void durations_destroy(struct durations *d)
{
	if (!d)
		return;
	json_decref(d->cell);
	json_decref(d->scenario);
	free(d);
}

uint64_t durations_ms(const struct durations *d, const struct cell *cell)
{
	json_int_t ms = json_integer_value(json_object_get(d->cell, cell->name));

	if (!ms)
		ms = json_integer_value(json_object_get(d->scenario, cell->scenario->name));
	return ms ? (uint64_t)ms : d->all_ms ? d->all_ms : UNKNOWN_MS;
}
