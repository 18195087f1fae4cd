// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/verdict.h"
#include "model/outcome.h"
#include "record/fields.h"

static const struct {
	const char *name;
	int exit_code;		/* 0 good, 1 to 127 but 125 bad, 125 skip, 128 and more: git stops */
} table[] = {
	[VERDICT_GOOD] = { "good", 0 },
	[VERDICT_BAD] = { "bad", 1 },
	[VERDICT_SKIP] = { "skip", 125 },
	[VERDICT_TROUBLE] = { "trouble", 200 },
};

const char *verdict_name(enum verdict v)
{
	return table[v].name;
}

bool verdict_find(const char *name, enum verdict *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(name, table[i].name)) {
			*ret = (enum verdict)i;
			return true;
		}
	return false;
}

int verdict_exit_code(enum verdict v)
{
	return table[v].exit_code;
}

enum verdict verdict_worst(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

static char *finding_text(const json_t *finding)
{
	return xasprintf("%s in step '%s': expected %s, seen %s", fields_text(finding, "invariant"), fields_text(finding, "step"),
			 fields_text(finding, "expected"), fields_text(finding, "seen"));
}

static enum verdict judge_failure(const json_t *record, const struct target *target, char **reason)
{
	const json_t *shown = target_finding(target, record);
	const json_t *first = json_array_get(json_object_get(record, "findings"), 0);
	AUTO_FREE char *text = finding_text(shown ? shown : first);

	*reason = shown ? TAKE_PTR(text) :
		  !strcmp(fields_text(record, "fail_kind"), fail_kind_name(FAIL_BOOT)) ?
			  xasprintf("does not come up: %s", text) : xasprintf("fails otherwise: %s", text);
	return shown ? VERDICT_BAD : VERDICT_SKIP;
}

enum verdict verdict_of_record(const json_t *record, const struct target *target, char **reason)
{
	const char *outcome = fields_text(record, "outcome");

	if (!strcmp(outcome, outcome_name(OUTCOME_FAIL)))
		return judge_failure(record, target, reason);
	if (!strcmp(outcome, outcome_name(OUTCOME_PASS))) {
		*reason = xstrdup("passes");
		return VERDICT_GOOD;
	}
	if (!strcmp(outcome, outcome_name(OUTCOME_SKIP))) {
		*reason = xasprintf("cannot be tested: %s", fields_text(record, "skip_reason"));
		return VERDICT_SKIP;
	}
	*reason = record ? xstrdup(fields_text(json_object_get(record, "error"), "text")) :
		  xstrdup("the run could leave no record");
	return VERDICT_TROUBLE;
}

enum verdict verdict_of_error(const struct rig_err *err)
{
	if (err->cause == RIG_KERNEL || err->cause == RIG_MISSING ||
	    (err->cause == RIG_USAGE && err->eno == EOPNOTSUPP))
		return VERDICT_SKIP;
	return VERDICT_TROUBLE;
}

bool verdict_error_may_pass(const struct rig_err *err)
{
	return err->cause == RIG_HOST && err->eno != ENOSPC && err->eno != ETIMEDOUT;
}
