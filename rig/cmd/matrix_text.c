// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "cmd/matrix_text.h"
#include "record/fields.h"

static void print_line(FILE *out, json_t *o)
{
	json_dumpf(o, out, JSON_COMPACT);
	putc('\n', out);
	json_decref(o);
}

void matrix_text_list(FILE *out, const struct cells *cells, const struct plan *plan, unsigned int shard, bool json)
{
	for (size_t i = 0; i < cells->nr; i++) {
		if (plan->shard[i] != shard)
			continue;
		if (json)
			print_line(out, json_pack("{ss}", "cell", cells->cell[i].name));
		else
			fprintf(out, "%s\n", cells->cell[i].name);
	}
	for (size_t i = 0; i < cells->nr_excluded; i++) {
		const struct cell_excluded *e = &cells->excluded[i];
		AUTO_FREE char *reason = cell_excluded_reason(e);

		if (json)
			print_line(out, json_pack("{ssss}", "excluded", e->name, "reason", reason));
		else
			fprintf(out, "%s: excluded: %s\n", e->name, reason);
	}
}

/* "(2 of 3 runs)"; nothing when there is one */
static void print_share(FILE *out, const json_t *cell)
{
	const json_t *runs = json_object_get(cell, "runs"), *run;
	size_t i, alike = 0;

	json_array_foreach(runs, i, run)
		alike += !strcmp(fields_or_null(run, "outcome"), fields_or_null(cell, "outcome"));
	if (json_array_size(runs) > 1)
		fprintf(out, " (%zu of %zu runs)", alike, json_array_size(runs));
}

static void print_finding(FILE *out, const json_t *cell)
{
	const json_t *runs = json_object_get(cell, "runs"), *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		const json_t *finding = json_object_get(run, "finding");

		if (!finding || strcmp(fields_or_null(run, "outcome"), fields_or_null(cell, "outcome")))
			continue;
		fprintf(out, ": %s", fields_or_null(finding, "invariant"));
		if (fields_or_null(finding, "step"))
			fprintf(out, " in step '%s'", fields_or_null(finding, "step"));
		return;
	}
}

static bool is_as_it_should_be(const json_t *cell)
{
	const char *outcome = fields_or_null(cell, "outcome");

	return !strcmp(outcome, "PASS") || !strcmp(outcome, "XFAIL") || !strcmp(outcome, "SKIP");
}

void matrix_text_record(FILE *out, const json_t *merged)
{
	const json_t *cell, *name;
	size_t i;

	json_array_foreach(json_object_get(merged, "cells"), i, cell) {
		if (is_as_it_should_be(cell))
			continue;
		fprintf(out, "%s %s", fields_or_null(cell, "outcome"), fields_or_null(cell, "cell"));
		print_share(out, cell);
		if (fields_or_null(cell, "class"))
			fprintf(out, " [%s]", fields_or_null(cell, "class"));
		print_finding(out, cell);
		if (fields_or_null(cell, "reason"))
			fprintf(out, ": %s", fields_or_null(cell, "reason"));
		putc('\n', out);
	}
	json_array_foreach(json_object_get(merged, "missing"), i, name)
		fprintf(out, "missing %s\n", json_string_value(name));
}
