// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "matrix/merged.h"
#include "matrix/merged_parts.h"
#include "model/outcome.h"
#include "record/fields.h"

#define MAX_BYTES	(256u << 20)

static json_t *now(void)
{
	char when[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return json_string(when);
}

/* --- order ------------------------------------------------------------------------------------ */

/* Objects with a "cell", or names alone */
static const char *name_of(const json_t *v)
{
	return json_is_string(v) ? json_string_value(v) : fields_or_null(v, "cell");
}

static int by_name(const void *x, const void *y)
{
	return strcmp(name_of(*(json_t *const *)x), name_of(*(json_t *const *)y));
}

json_t *merged_sort(json_t *list)
{
	size_t n = json_array_size(list);
	AUTO_FREE json_t **v = xcalloc(n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = json_incref(json_array_get(list, i));
	qsort(v, n, sizeof(*v), by_name);
	json_array_clear(list);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, v[i]);
	return list;
}

/* --- making ----------------------------------------------------------------------------------- */

void merged_finish(json_t *merged)
{
	json_t *counts = json_object();
	const json_t *cell;
	size_t i;

	json_array_foreach(json_object_get(merged, "cells"), i, cell) {
		const char *outcome = fields_or_null(cell, "outcome");

		json_object_set_new(counts, outcome,
				    json_integer(json_integer_value(json_object_get(counts, outcome)) + 1));
	}
	json_object_set_new(merged, "counts", counts);
	json_object_set_new(merged, "date", now());
}

static json_t *excluded_json(const struct cells *cells)
{
	json_t *list = json_array();

	for (size_t i = 0; i < cells->nr_excluded; i++) {
		AUTO_FREE char *reason = cell_excluded_reason(&cells->excluded[i]);

		json_array_append_new(list, json_pack("{ssss}", "cell", cells->excluded[i].name, "reason", reason));
	}
	return merged_sort(list);
}

/* So that cells of a shard that gets lost can be named: {"2/4": [names]} */
static json_t *others_json(const struct cells *cells, const struct plan *plan, unsigned int shard)
{
	json_t *others = json_object();

	for (unsigned int s = 0; s < plan->nr_shards; s++) {
		AUTO_FREE char *key = merged_shard_name(s, plan->nr_shards);
		json_t *list = json_array();

		for (size_t i = 0; i < cells->nr; i++)
			if (plan->shard[i] == s)
				json_array_append_new(list, json_string(cells->cell[i].name));
		if (s != shard)
			json_object_set(others, key, merged_sort(list));
		json_decref(list);
	}
	return others;
}

static json_t *missing_json(const struct cells *cells, const struct plan *plan, unsigned int shard,
			    const json_t *result)
{
	json_auto_t *there = json_object();
	json_t *missing = json_array();
	const json_t *cell;
	size_t i;

	json_array_foreach(result, i, cell)
		json_object_set_new(there, name_of(cell), json_true());
	for (i = 0; i < cells->nr; i++)
		if (plan->shard[i] == shard && !json_object_get(there, cells->cell[i].name))
			json_array_append_new(missing, json_string(cells->cell[i].name));
	return merged_sort(missing);
}

char *merged_shard_name(unsigned int shard, unsigned int of)
{
	return xasprintf("%u/%u", shard + 1, of);
}

json_t *merged_make(const struct matrix *m, const struct cells *cells, const struct plan *plan, unsigned int shard,
		    const char *how, const json_t *result)
{
	AUTO_FREE char *name = merged_shard_name(shard, plan->nr_shards);
	json_t *merged = json_pack("{si ss ss ss ss ss si s[s] so so so}", "format", MERGED_FORMAT, "matrix", m->digest,
				   "plan", plan->digest, "how_sha256", how, "file", m->doc->path, "summary", m->summary, "nr_shards",
				   (int)plan->nr_shards, "shards", name, "cells", merged_sort(json_copy((json_t *)result)),
				   "excluded", excluded_json(cells), "missing",
				   missing_json(cells, plan, shard, result));

	if (plan->nr_shards > 1)
		json_object_set_new(merged, "others", others_json(cells, plan, shard));
	merged_finish(merged);
	return merged;
}

/* --- files ------------------------------------------------------------------------------------ */

int merged_load(const char *path, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	json_auto_t *o = NULL;
	json_error_t jerr;
	const char *wrong;
	size_t len;
	int r = io_read_file(path, MAX_BYTES, &text, &len, err);

	if (r < 0) {
		err->cause = RIG_USAGE;		/* whoever named the file can mend it */
		return r;
	}
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &jerr);
	if (!o)
		return rig_err_set(err, RIG_USAGE, EINVAL, "%s:%d:%d: no record of a matrix: %s", path, jerr.line,
				   jerr.column, jerr.text);
	wrong = merged_wrong(o);
	if (wrong)
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no record of a matrix: %s", path, wrong);
	*ret = TAKE_PTR(o);
	return 0;
}

int merged_save(const json_t *merged, const char *path, struct rig_err *err)
{
	AUTO_FREE char *text = json_dumps(merged, JSON_INDENT(1));
	AUTO_FREE char *line = text ? xasprintf("%s\n", text) : NULL;

	if (!line)
		return rig_err_set(err, RIG_HOST, ENOMEM, "cannot write '%s': the record is no JSON", path);
	return io_write_file(path, line, strlen(line), err);
}

/* --- what it amounts to ----------------------------------------------------------------------- */

static enum outcome outcome_of(const json_t *cell)
{
	for (int o = OUTCOME_PASS; o <= OUTCOME_FAIL; o++)
		if (!strcmp(outcome_name((enum outcome)o), fields_or_null(cell, "outcome")))
			return (enum outcome)o;
	return OUTCOME_ERROR;
}

int merged_exit_code(const json_t *merged)
{
	const json_t *cells = json_object_get(merged, "cells");
	AUTO_FREE enum outcome *all = xcalloc(json_array_size(cells) + 1, sizeof(*all));
	const json_t *cell;
	unsigned int n = 0;
	size_t i;

	json_array_foreach(cells, i, cell)
		all[n++] = outcome_of(cell);
	if (json_array_size(json_object_get(merged, "missing")))
		all[n++] = OUTCOME_ERROR;
	/* a shard that the plan gives nothing has nothing to complain of */
	return n ? outcome_run_exit_code(all, n) : 0;
}

char *merged_count(const json_t *merged)
{
	const json_t *counts = json_object_get(merged, "counts");
	size_t nr = json_array_size(json_object_get(merged, "cells"));
	size_t excluded = json_array_size(json_object_get(merged, "excluded"));
	size_t missing = json_array_size(json_object_get(merged, "missing"));
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out, "%zu cell%s%s", nr, nr == 1 ? "" : "s", nr ? ":" : "");
	for (int o = OUTCOME_PASS; o <= OUTCOME_FAIL; o++) {
		json_int_t n = json_integer_value(json_object_get(counts, outcome_name((enum outcome)o)));

		if (n)
			fprintf(out, " %" JSON_INTEGER_FORMAT " %s", n, outcome_name((enum outcome)o));
	}
	if (excluded)
		fprintf(out, ", %zu excluded", excluded);
	if (missing)
		fprintf(out, ", %zu missing", missing);
	fclose(out);
	return text;
}
