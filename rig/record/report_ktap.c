// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "model/outcome.h"
#include "record/fields.h"
#include "record/report_ktap.h"
#include "record/report_text.h"

#define TEXT_MAX 300	/* the whole text is in the record */

/*
 * What the parser in the kernel's tree takes for the end of all results, wherever it stands in a line: a kernel
 * that says so must not end ours.
 */
static void break_ends(char *line)
{
	static const char *const ends[] = {
		"List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"
	};

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		for (char *at = line; (at = strstr(at, ends[i])); at++)
			*strchr(at, ' ') = '_';
}

/* One line from any text.  In the line of a result a '#' would start a directive, so there it is replaced. */
static char *one_line(const char *text, bool is_result)
{
	char *line = report_text(text, TEXT_MAX);

	for (char *p = line; *p; p++) {
		if (*p == '\n' || *p == '\t')
			*p = ' ';
		else if (*p == '#' && is_result)
			*p = '_';
	}
	break_ends(line);
	return line;
}

/* what a finding expected or saw may be text, a number or a whole object */
static char *value_line(const json_t *value)
{
	AUTO_FREE char *dumped = NULL;

	if (json_is_string(value))
		return one_line(json_string_value(value), false);
	dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	return one_line(dumped ? dumped : "?", false);
}

static void print_detail(FILE *out, const char *indent, const char *what, const json_t *value)
{
	AUTO_FREE char *line = value && !json_is_null(value) ? value_line(value) : NULL;

	if (line && *line)
		fprintf(out, "%s#   %s: %s\n", indent, what, line);
}

static void print_range(FILE *out, const json_t *finding)
{
	const json_t *first = json_object_get(finding, "first_pfn");
	json_int_t nr = json_integer_value(json_object_get(finding, "nr_pfns"));
	uint64_t from = (uint64_t)json_integer_value(first);

	if (!json_is_integer(first) || nr <= 0)
		return;
	if (nr == 1)
		fprintf(out, ", pfn 0x%" PRIx64, from);
	else
		/* the others need not be adjacent */
		fprintf(out, ", pfn 0x%" PRIx64 " and %" PRId64 " more", from, (int64_t)nr - 1);
}

/* Four lines at most: a finding that concerns a million pages is still one finding. */
static void print_finding(FILE *out, const char *indent, const json_t *finding)
{
	AUTO_FREE char *invariant = one_line(fields_text(finding, "invariant"), false);
	AUTO_FREE char *step = one_line(fields_text(finding, "step"), false);

	fprintf(out, "%s# %s", indent, *invariant ? invariant : "finding without invariant");
	if (*step)
		fprintf(out, " in step '%s'", step);
	print_range(out, finding);
	fputc('\n', out);
	print_detail(out, indent, "expected", json_object_get(finding, "expected"));
	print_detail(out, indent, "seen", json_object_get(finding, "seen"));
	print_detail(out, indent, "why", json_object_get(finding, "why"));
}

static bool is_fail_kind(const json_t *result, enum fail_kind kind)
{
	return !strcmp(fields_text(result, "fail_kind"), fail_kind_name(kind));
}

/* What stands behind the '#': directive and its text; both may be "". */
static void fail_directive(const json_t *result, const char **directive, const char **text)
{
	if (is_fail_kind(result, FAIL_HANG)) {
		*directive = "TIMEOUT";
		*text = fields_error(result);
	} else if (is_fail_kind(result, FAIL_BOOT)) {
		*directive = "boot";
		*text = fields_error(result);
	} else if (is_fail_kind(result, FAIL_SPLAT) || is_fail_kind(result, FAIL_CRASH)) {
		*text = fields_splat_title(result);
		if (!**text)
			*text = fields_text(result, "fail_kind");
	}
}

static void result_directive(const json_t *result, enum outcome o, const char *known,
			     const char **directive, const char **text)
{
	switch (o) {
	case OUTCOME_PASS:
		break;
	case OUTCOME_XFAIL:
		*directive = "XFAIL";
		*text = known;
		break;
	case OUTCOME_SKIP:
		*directive = "SKIP";
		*text = fields_text(result, "skip_reason");
		break;
	case OUTCOME_XPASS:
		*directive = "XPASS";
		*text = known;
		break;
	case OUTCOME_ERROR:
		*directive = "ERROR";
		*text = fields_error(result);
		break;
	case OUTCOME_FAIL:
		fail_directive(result, directive, text);
		break;
	}
}

static void print_line(FILE *out, size_t number, bool ok, const char *description,
		       const char *directive, const char *text)
{
	AUTO_FREE char *line = one_line(text, true);

	fprintf(out, "%s %zu %s", ok ? "ok" : "not ok", number, description);
	if (*directive || *line)
		fprintf(out, " # %s%s%s", directive, *directive && *line ? " " : "", line);
	fputc('\n', out);
}

static bool is_ok(enum outcome o)
{
	return o == OUTCOME_PASS || o == OUTCOME_XFAIL || o == OUTCOME_SKIP;
}

/*
 * A parent whose child is "not ok" counts as failed, so under an XFAIL the step that failed is
 * expected to, too.
 */
static void print_step(FILE *out, size_t number, const json_t *step, bool expected)
{
	AUTO_FREE char *name = one_line(fields_text(step, "name"), true);
	enum outcome o;

	fputs("  ", out);
	if (!outcome_find(fields_text(step, "outcome"), &o)) {
		print_line(out, number, false, name, "ERROR", "the record has no outcome");
		return;
	}
	if (o == OUTCOME_FAIL && expected)
		o = OUTCOME_XFAIL;
	print_line(out, number, is_ok(o), name, is_ok(o) && o != OUTCOME_PASS ? outcome_name(o) :
		   o == OUTCOME_ERROR ? "ERROR" : "", "");
}

static bool is_of_step(const json_t *finding, const json_t *step)
{
	const char *name = fields_text(finding, "step");

	return *name && !strcmp(name, fields_text(step, "name"));
}

static void print_steps(FILE *out, const json_t *result, bool expected)
{
	const json_t *steps = json_object_get(result, "steps"), *step, *finding;
	const json_t *findings = json_object_get(result, "findings");
	size_t i, k;

	if (!json_array_size(steps))
		return;
	fprintf(out, "  KTAP version 1\n  1..%zu\n", json_array_size(steps));
	json_array_foreach(steps, i, step) {
		json_array_foreach(findings, k, finding)
			if (is_of_step(finding, step))
				print_finding(out, "  ", finding);
		print_step(out, i + 1, step, expected);
	}
}

/* findings at start and end, or of a step that the record does not list */
static void print_other_findings(FILE *out, const json_t *result)
{
	const json_t *steps = json_object_get(result, "steps"), *step, *finding;
	const json_t *findings = json_object_get(result, "findings");
	size_t i, k;

	json_array_foreach(findings, i, finding) {
		bool printed = false;

		json_array_foreach(steps, k, step)
			printed |= is_of_step(finding, step);
		if (!printed)
			print_finding(out, "", finding);
	}
}

void ktap_begin(FILE *out, size_t nr_plan)
{
	fprintf(out, "KTAP version 1\n1..%zu\n", nr_plan);
}

void ktap_result(FILE *out, size_t number, const json_t *result)
{
	const char *release = fields_text(json_object_get(result, "kernel"), "release");
	const char *scenario = fields_text(result, "scenario");
	const char *directive = "", *text = "";
	AUTO_FREE char *full = xasprintf("%s%s%s", *scenario ? scenario : "unnamed",
					 *release ? " on " : "", release);
	AUTO_FREE char *description = one_line(full, true);
	AUTO_FREE char *bugs = fields_bugs(result), *bugs_line = one_line(bugs, false);
	enum outcome o = OUTCOME_ERROR;
	bool has_outcome = outcome_find(fields_text(result, "outcome"), &o);

	print_steps(out, result, o == OUTCOME_XFAIL);
	print_other_findings(out, result);
	if (has_outcome && o == OUTCOME_FAIL && *bugs_line)
		fprintf(out, "# among others the known bug %s\n", bugs_line);
	if (has_outcome)
		result_directive(result, o, bugs, &directive, &text);
	print_line(out, number, has_outcome && is_ok(o), description, has_outcome ? directive : "ERROR",
		   has_outcome ? text : "the record has no outcome");
}
