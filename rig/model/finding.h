/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * finding: one thing that is not what it must be.  Level 1, plain data.
 */
#ifndef RIG_FINDING_H
#define RIG_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/outcome.h"

#define FINDINGS_MAX 256	/* more are counted, not kept */

#define FINDING_SAMPLES 8

struct finding_sample {
	uint64_t pfn, nr;
};

struct finding {
	char invariant[32];
	enum fail_kind kind;
	char step[96];
	bool has_pfn;
	uint64_t first_pfn, nr_pfns;
	char expected[256], seen[512];
	struct finding_sample sample[FINDING_SAMPLES];	/* where some of the pages are; kept by finding_add() */
	size_t nr_samples;
};

struct findings {
	struct finding *f;
	size_t nr, cap;
	uint64_t dropped;
};

/**
 * finding_add() - add one; pages with the same invariant, step, expected and seen are one finding
 * whose nr_pfns grows; they need not be adjacent.  The invariant must be in the table.
 */
void finding_add(struct findings *list, const struct finding *f);
/** finding_addf() - a broken invariant about no page; what was seen is formatted */
void finding_addf(struct findings *list, const char *step, const char *invariant, const char *expected,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** finding_add_kind() - the same for a crash, a hang, a boot that failed ... */
void finding_add_kind(struct findings *list, enum fail_kind kind, const char *step, const char *invariant,
		      const char *expected, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** finding_lasts() - whether @list has the same fault: for pages the same invariant on one of the
 *  samples, else the same invariant and expectation */
bool finding_lasts(const struct finding *f, const struct findings *list);
/** findings_disagree() - the first that says that the two witnesses disagree, so that there is no verdict;
 *  NULL: none */
const struct finding *findings_disagree(const struct findings *list);
void finding_drop(struct findings *list, size_t i);
void findings_deinit(struct findings *list);

/** findings_json() - array as result.json has it; new reference */
json_t *findings_json(const struct findings *list);

#endif
