/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * comparison: one scenario on two kernels, told as JSON.  Level 5, pure but for reading the records.
 *
 * The known-bug file has no say: a failure counts, expected or not.
 */
#ifndef RIG_COMPARE_COMPARISON_H
#define RIG_COMPARE_COMPARISON_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

/* In rising rank: the worst of several scenarios is what all of them come to. */
enum compare_verdict {
	COMPARE_SAME,		/* or only what the change of eras explains */
	COMPARE_SKIPPED,	/* one of the kernels lacks what the scenario needs */
	COMPARE_TROUBLE,	/* rig or host; says nothing of the kernels */
	COMPARE_DIFFERENT,
};

const char *compare_verdict_name(enum compare_verdict verdict);

/**
 * comparison_make() - compare the runs of one scenario
 * @base, @patched: folders of records, at least one each
 * @ret: "scenario", "verdict", "base" and "patched" (the kernels, their outcomes and records), "left_out",
 *	"steps", "steps_compared", "differences", "explained", "unsteady", "latencies"; see hotrig-compare(1)
 * Errors: RIG_USAGE: records of different scenarios, or of different machines, or one is no record; RIG_HOST:
 * a record is damaged.
 */
int comparison_make(const struct strv *base, const struct strv *patched, json_t **ret, struct rig_err *err)
	RIG_CHECKED;

/** comparison_verdict() - of what comparison_make() made */
enum compare_verdict comparison_verdict(const json_t *comparison);

#endif
