// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "record/fields.h"

const char *fields_or_null(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const char *fields_or_unknown(const json_t *object, const char *key)
{
	const char *text = fields_or_null(object, key);

	return text ? text : "?";
}

const char *fields_text(const json_t *object, const char *key)
{
	const char *text = fields_or_null(object, key);

	return text ? text : "";
}

enum outcome fields_outcome(const json_t *result)
{
	enum outcome o = OUTCOME_ERROR;

	outcome_find(fields_text(result, "outcome"), &o);
	return o;
}

enum fail_kind fields_kind(const json_t *result)
{
	enum fail_kind kind = FAIL_NONE;

	fail_kind_find(fields_text(result, "fail_kind"), &kind);
	return kind;
}

const char *fields_error(const json_t *result)
{
	const json_t *error = json_object_get(result, "error");
	enum outcome ignored;

	if (!outcome_find(fields_text(result, "outcome"), &ignored))
		return "the record has no outcome";
	return json_is_object(error) ? fields_text(error, "text") : fields_text(result, "error");
}

char *fields_bugs(const json_t *result)
{
	const json_t *bugs = json_object_get(result, "known_bugs"), *bug;
	char *list = xstrdup("");
	size_t i;

	json_array_foreach(bugs, i, bug) {
		AUTO_FREE char *before = list;

		list = xasprintf("%s%s%s", before, i ? ", " : "", json_is_string(bug) ? json_string_value(bug) : "?");
	}
	return list;
}

const json_t *fields_worst_finding(const json_t *result)
{
	const json_t *findings = json_object_get(result, "findings"), *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
		if (!strcmp(fields_text(finding, "kind"), fields_text(result, "fail_kind")))
			return finding;
	return json_array_get(findings, 0);
}

const char *fields_splat_title(const json_t *result)
{
	const json_t *findings = json_object_get(result, "findings"), *finding;
	size_t i;

	json_array_foreach(findings, i, finding)
		if (!strncmp(fields_text(finding, "invariant"), "splat.", 6) && *fields_text(finding, "seen"))
			return fields_text(finding, "seen");
	return fields_error(result);
}

bool fields_began(const json_t *result)
{
	const json_t *steps = json_object_get(result, "steps"), *step;
	size_t i;

	json_array_foreach(steps, i, step)
		if (strcmp(fields_text(step, "outcome"), "SKIP"))
			return true;
	return json_is_true(json_object_get(result, "began"));	/* out of a merged record, which has no steps */
}

double fields_seconds(const json_t *result)
{
	double ns = json_number_value(json_object_get(json_object_get(result, "timings"), "total_ns"));

	return ns > 0 && ns < 1e18 ? ns / 1e9 : 0;
}

char *fields_kernel(const json_t *result)
{
	const json_t *kernel = json_object_get(result, "kernel");
	const char *spec = fields_text(kernel, "spec"), *release = fields_text(kernel, "release");
	const char *variant = fields_text(json_object_get(result, "variant"), "name");

	if (!*spec)
		spec = *release ? release : "unknown kernel";
	return xasprintf("%s%s%s", spec, *variant ? "/" : "", variant);
}
