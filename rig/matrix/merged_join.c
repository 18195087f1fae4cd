// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of shards, which come from other machines, and one record out of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "matrix/merged.h"
#include "matrix/merged_parts.h"
#include "model/outcome.h"
#include "record/fields.h"

#define NAMED_CELLS 3	/* of those that are missing, in a message */

/* --- is it one? ------------------------------------------------------------------------------- */

static bool is_outcome(const char *text)
{
	for (int o = OUTCOME_PASS; text && o <= OUTCOME_FAIL; o++)
		if (!strcmp(text, outcome_name((enum outcome)o)))
			return true;
	return false;
}

static const char *wrong_cell(const json_t *cell)
{
	const json_t *run;
	size_t i;

	if (!fields_or_null(cell, "cell") || !fields_or_null(cell, "scenario") ||
	    !is_outcome(fields_or_null(cell, "outcome")) ||
	    !json_is_array(json_object_get(cell, "runs")))
		return "a cell lacks its name, scenario, outcome or runs";
	json_array_foreach(json_object_get(cell, "runs"), i, run)
		if (!is_outcome(fields_or_null(run, "outcome")))
			return "a run has no outcome";
	return NULL;
}

static bool is_list(const json_t *list, const char *key)
{
	const json_t *v;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, v)
		if (!json_is_string(key ? json_object_get(v, key) : v))
			return false;
	return true;
}

/* "2/4" */
static bool are_shards(const json_t *list, json_int_t nr)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		unsigned long n = strtoul(json_string_value(v), NULL, 10);
		AUTO_FREE char *name = merged_shard_name((unsigned int)n - 1, (unsigned int)nr);

		if (n < 1 || n > (unsigned long)nr || strcmp(name, json_string_value(v)))
			return false;
	}
	return json_array_size(list) > 0;
}

const char *merged_wrong(const json_t *o)
{
	json_int_t nr = json_integer_value(json_object_get(o, "nr_shards"));
	const json_t *others = json_object_get(o, "others"), *v;
	const char *key, *wrong;
	size_t i;

	if (json_integer_value(json_object_get(o, "format")) != MERGED_FORMAT)
		return "its format is not 1; make it with this version of the rig";
	if (!fields_or_null(o, "matrix") || !fields_or_null(o, "plan") || !fields_or_null(o, "file") || nr < 1 ||
	    nr > PLAN_MAX_SHARDS)
		return "it lacks matrix, plan, file or nr_shards";
	if (!is_list(json_object_get(o, "shards"), NULL) || !is_list(json_object_get(o, "missing"), NULL) ||
	    !is_list(json_object_get(o, "excluded"), "cell") || !is_list(json_object_get(o, "cells"), "cell"))
		return "it lacks shards, cells, excluded or missing";
	if (!are_shards(json_object_get(o, "shards"), nr))
		return "its shards are none";
	json_array_foreach(json_object_get(o, "cells"), i, v)
		if ((wrong = wrong_cell(v)))
			return wrong;
	json_object_foreach((json_t *)others, key, v)
		if (!is_list(v, NULL))
			return "others are no lists of names";
	return NULL;
}

/* --- do they belong together? ----------------------------------------------------------------- */

static const char *shard_of(const json_t *record)
{
	return json_string_value(json_array_get(json_object_get(record, "shards"), 0));
}

static int check_alike(const struct merged_part *a, const struct merged_part *b, struct rig_err *err)
{
	const char *x = fields_or_null(a->record, "matrix"), *y = fields_or_null(b->record, "matrix");

	if (strcmp(x, y))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' and '%s' are of different matrices: %.12s of '%s', %.12s "
				   "of '%s'", a->path, b->path, x, fields_or_null(a->record, "file"), y,
				   fields_or_null(b->record, "file"));
	if (strcmp(fields_or_null(a->record, "plan"), fields_or_null(b->record, "plan")))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' and '%s' are of different plans: every shard needs the same "
				   "scenarios, number of shards and --durations", a->path, b->path);
	if (!json_equal(json_object_get(a->record, "how_sha256"), json_object_get(b->record, "how_sha256")))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' and '%s' were run in different ways: every shard needs the "
				   "same --accel, --memmap-era, --boot-deadline, --qemu and known bugs", a->path, b->path);
	return 0;
}

/* Apart from the dates of the records: the runs have theirs. */
static bool same(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "cells"), json_object_get(b, "cells")) &&
	       json_equal(json_object_get(a, "missing"), json_object_get(b, "missing"));
}

/* What was merged names no others any more, and who misses what cannot be told: not even out of one shard, partially */
static bool is_shard(const json_t *record)
{
	return json_array_size(json_object_get(record, "shards")) == 1 &&
	       (json_integer_value(json_object_get(record, "nr_shards")) == 1 ||
		json_is_object(json_object_get(record, "others")));
}

static int check_part(const struct merged_part *part, size_t i, struct rig_err *err)
{
	const struct merged_part *p = &part[i];
	int r = 0;

	if (!fields_or_null(p->record, "how_sha256"))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is of an older version of the rig: run the shard with this one",
				   p->path);
	if (!is_shard(p->record))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is not one shard: it was merged before", p->path);
	if (i)
		r = check_alike(&part[0], p, err);
	for (size_t j = 0; j < i && !r; j++)
		if (!strcmp(shard_of(part[j].record), shard_of(p->record)) && !same(part[j].record, p->record))
			r = rig_err_set(err, RIG_USAGE, EINVAL, "'%s' and '%s' are both shard %s and say different things: "
					"give one of them", part[j].path, p->path, shard_of(p->record));
	return r;
}

/* --- joining ---------------------------------------------------------------------------------- */

static bool has_shard(const json_t *merged, const char *shard)
{
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(merged, "shards"), i, v)
		if (!strcmp(json_string_value(v), shard))
			return true;
	return false;
}

static void add_part(json_t *merged, const json_t *record)
{
	static const char *const lists[] = { "shards", "cells", "missing" };

	if (has_shard(merged, shard_of(record)))
		return;		/* given twice, and the same */
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_array_extend(json_object_get(merged, lists[i]), json_object_get(record, lists[i]));
}

/* Those that are there go in order, the cells of the others become missing, and their names are added to @ret. */
static void settle_shards(json_t *merged, const json_t *others, struct strv *ret)
{
	unsigned int nr = (unsigned int)json_integer_value(json_object_get(merged, "nr_shards"));
	json_t *there = json_array();

	for (unsigned int s = 0; s < nr; s++) {
		AUTO_FREE char *name = merged_shard_name(s, nr);

		if (has_shard(merged, name)) {
			json_array_append_new(there, json_string(name));
			continue;
		}
		strv_add(ret, name);
		json_array_extend(json_object_get(merged, "missing"), json_object_get(others, name));
	}
	json_object_set_new(merged, "shards", there);
}

static int refuse(const json_t *merged, const struct strv *shards, struct rig_err *err)
{
	const json_t *missing = json_object_get(merged, "missing");
	AUTO_FREE char *text = NULL;
	size_t len, nr = json_array_size(missing);
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	for (size_t i = 0; i < shards->n; i++)
		fprintf(out, "%s%s", i ? ", " : shards->n > 1 ? "shards " : "shard ", shards->v[i]);
	if (nr || !shards->n)
		fprintf(out, "%s%zu cell%s", shards->n ? ", with them " : "", nr, nr == 1 ? "" : "s");
	for (size_t i = 0; i < nr && i < NAMED_CELLS; i++)
		fprintf(out, "%s'%s'", i ? ", " : " (", json_string_value(json_array_get(missing, i)));
	fprintf(out, "%s", !nr ? "" : nr > NAMED_CELLS ? ", ...)" : ")");
	fclose(out);
	return rig_err_set(err, RIG_HOST, ENOENT, "missing: %s; run what is missing, or merge what is there with --partial",
			   text);
}

int merged_join(const struct merged_part *part, size_t nr, bool partial, json_t **ret, struct rig_err *err)
{
	AUTO_STRV struct strv shards = { 0 };
	json_auto_t *merged = NULL;

	for (size_t i = 0; i < nr; i++) {
		int r = check_part(part, i, err);

		if (r < 0)
			return r;
	}
	merged = json_deep_copy(part[0].record);
	for (size_t i = 1; i < nr; i++)
		add_part(merged, part[i].record);
	settle_shards(merged, json_object_get(part[0].record, "others"), &shards);
	json_object_del(merged, "others");
	merged_sort(json_object_get(merged, "cells"));
	merged_sort(json_object_get(merged, "missing"));
	if ((shards.n || json_array_size(json_object_get(merged, "missing"))) && !partial)
		return refuse(merged, &shards, err);
	merged_finish(merged);
	*ret = TAKE_PTR(merged);
	return 0;
}
