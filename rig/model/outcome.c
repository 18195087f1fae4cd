// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/clean.h"
#include "model/outcome.h"

static const struct {
	const char *name;
	int exit_code;
} outcomes[] = {
	[OUTCOME_PASS]	= { "PASS",	0 },
	[OUTCOME_XFAIL]	= { "XFAIL",	0 },
	[OUTCOME_SKIP]	= { "SKIP",	0 },
	[OUTCOME_XPASS]	= { "XPASS",	1 },
	[OUTCOME_ERROR]	= { "ERROR",	3 },
	[OUTCOME_FAIL]	= { "FAIL",	1 },
};

#define EXIT_NOTHING_RUN 2	/* a selection that matches nothing is bad usage, not a pass */
#define EXIT_ALL_SKIPPED 77

const char *outcome_name(enum outcome o)
{
	assert((size_t)o < ARRAY_SIZE(outcomes));
	return outcomes[o].name;
}

static const char *const fail_kinds[] = {
	[FAIL_NONE]	= "",
	[FAIL_INVARIANT] = "invariant",
	[FAIL_SPLAT]	= "splat",
	[FAIL_CRASH]	= "crash",
	[FAIL_HANG]	= "hang",
	[FAIL_BOOT]	= "boot",
};

const char *fail_kind_name(enum fail_kind k)
{
	assert((size_t)k < ARRAY_SIZE(fail_kinds));
	return fail_kinds[k];
}

bool outcome_find(const char *name, enum outcome *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (!strcmp(name, outcomes[i].name)) {
			*ret = (enum outcome)i;
			return true;
		}
	return false;
}

bool fail_kind_find(const char *name, enum fail_kind *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(fail_kinds); i++)
		if (!strcmp(name, fail_kinds[i])) {
			*ret = (enum fail_kind)i;
			return true;
		}
	return false;
}

enum outcome outcome_worst(enum outcome a, enum outcome b)
{
	return a > b ? a : b;
}

int outcome_exit_code(enum outcome o)
{
	assert((size_t)o < ARRAY_SIZE(outcomes));
	return outcomes[o].exit_code;
}

int outcome_run_exit_code(const enum outcome *o, unsigned int n)
{
	enum outcome worst = OUTCOME_PASS;
	unsigned int nr_skipped = 0;

	if (n == 0)
		return EXIT_NOTHING_RUN;
	for (unsigned int i = 0; i < n; i++) {
		worst = outcome_worst(worst, o[i]);
		nr_skipped += o[i] == OUTCOME_SKIP;
	}
	return nr_skipped == n ? EXIT_ALL_SKIPPED : outcome_exit_code(worst);
}
