// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "matrix/result.h"
#include "record/fields.h"

static void copy(json_t *to, const char *key, json_t *value)
{
	if (value)
		json_object_set(to, key, value);
}

/* The first of the kind that it failed by, which is the worst */
static json_t *worst_finding(const json_t *record)
{
	json_t *findings = json_object_get(record, "findings"), *finding;
	const char *kind = fields_or_null(record, "fail_kind");
	size_t i;

	json_array_foreach(findings, i, finding)
		if (kind && fields_or_null(finding, "kind") && !strcmp(fields_or_null(finding, "kind"), kind))
			return finding;
	return json_array_get(findings, 0);
}

/* What our own runner wrote; a damaged one is an ERROR */
static enum outcome outcome_of(const json_t *run)
{
	const char *name = fields_or_null(run, "outcome");

	for (int o = OUTCOME_PASS; name && o <= OUTCOME_FAIL; o++)
		if (!strcmp(outcome_name((enum outcome)o), name))
			return (enum outcome)o;
	return OUTCOME_ERROR;
}

json_t *result_run(const json_t *record, const char *folder)
{
	static const char *const same[] = {
		"outcome", "date", "accel", "fail_kind", "known_bugs", "skip_reason", "error"
	};
	const json_t *kernel = json_object_get(record, "kernel");
	double ns = json_number_value(json_object_get(json_object_get(record, "timings"), "total_ns"));
	json_t *run = json_pack("{ss* sf}", "folder", folder, "seconds", (double)(json_int_t)(ns / 1e6) / 1e3);

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		copy(run, same[i], json_object_get(record, same[i]));
	copy(run, "release", json_object_get(kernel, "release"));
	copy(run, "image_sha256", json_object_get(kernel, "image_sha256"));
	if (fields_or_null(json_object_get(record, "qemu"), "version"))
		copy(run, "qemu", json_object_get(json_object_get(record, "qemu"), "version"));
	copy(run, "finding", worst_finding(record));
	if (outcome_of(record) == OUTCOME_ERROR && fields_began(record))
		json_object_set_new(run, "began", json_true());
	return run;
}

bool result_wants(const json_t *runs, unsigned int number, unsigned int repeat)
{
	bool failed = false, only_errors = true;
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		failed |= outcome_of(run) == OUTCOME_FAIL;
		only_errors &= outcome_of(run) == OUTCOME_ERROR;
	}
	return number == json_array_size(runs) && (!number || (number <= repeat && (failed || only_errors)));
}

enum outcome result_outcome(const json_t *runs, const json_t **ret_which)
{
	enum outcome worst = OUTCOME_ERROR;
	const json_t *which = NULL, *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		enum outcome o = outcome_of(run);

		if (!which || (o != OUTCOME_ERROR && (worst == OUTCOME_ERROR || o > worst))) {
			which = run;
			worst = o;
		}
	}
	if (ret_which)
		*ret_which = which;
	return worst;
}

json_t *result_cell(const struct cell *cell, json_t *runs, const char *trouble)
{
	const json_t *which = NULL;
	enum outcome o = result_outcome(runs, &which);
	json_t *c = json_pack("{ss ss ss ss ss sO}", "cell", cell->name, "kernel", cell->kernel->name, "variant",
			      cell->variant->name, "scenario", cell->scenario->name, "outcome", outcome_name(o), "runs",
			      runs);

	copy(c, "fail_kind", json_object_get(which, "fail_kind"));
	copy(c, "reason", json_object_get(which, "skip_reason"));
	copy(c, "reason", json_object_get(json_object_get(which, "error"), "text"));
	if (!which && trouble)
		json_object_set_new(c, "reason", json_string(trouble));
	return c;
}
