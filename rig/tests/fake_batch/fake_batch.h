/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake_batch: kernels that exist on paper only, for whatever bisects.
 *
 * It has a batch_run() of its own, which links instead of the real one: nothing is booted, what a run ends
 * in follows from the kernel.  A kernel is a release, and its number (of "6.1.0-47" 47) decides.
 */
#ifndef RIG_TESTS_FAKE_BATCH_H
#define RIG_TESTS_FAKE_BATCH_H

#include <stdbool.h>

#include "bisect/exam.h"

enum behaviour {
	BEHAVES_WELL,
	BEHAVES_BADLY,		/* page.refcount, in the scenario "bad/one", in a share of its runs */
	BEHAVES_OTHERWISE,	/* an unrelated WARN */
	BEHAVES_NO_BOOT,
	BEHAVES_LACKING,	/* the scenario is skipped */
	BEHAVES_TROUBLE,	/* every run is an ERROR */
	BEHAVES_TROUBLE_ONCE,	/* both scenarios are the first time, then it behaves badly */
	BEHAVES_DROPPED,	/* not to be had: RIG_MISSING */
	BEHAVES_UNBUILT,	/* not to be had: RIG_KERNEL */
	BEHAVES_FULL,		/* not to be had: RIG_HOST, the disk is full */
};

#define SAMPLE_RELEASES 100

struct world {
	enum behaviour behaviour[SAMPLE_RELEASES];	/* by number */
	unsigned int image[SAMPLE_RELEASES];		/* 0: one of its own */
	double rate;			/* 0: bad ones fail in each run */
	bool odd_flake;			/* one run in ten fails otherwise */
	unsigned short dice[3];
	unsigned int runs, had, calls;	/* runs made, kernels made, batches begun */
	unsigned int runs_of[SAMPLE_RELEASES], templates_of[SAMPLE_RELEASES];	/* templates: highest, from 1 */
	unsigned int die_at;		/* the process ends in this batch, from 1; 0: never */
};

/** sample_world() - the one that batch_run() asks; the test's */
struct world *sample_world(void);

/** sample_release() - of that number; caller frees */
char *sample_release(unsigned int number);
unsigned int sample_number(const char *release);

/** sample_trial() - with two scenarios, "bad/one" behind "other/two", for exam_init() */
struct trial sample_trial(void);
extern const struct exam_source sample_source;

#endif
