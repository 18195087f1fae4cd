/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look: take a snapshot of the machine's memory, keep it, and compare it.  Level 5.
 */
#ifndef RIG_RUN_LOOK_H
#define RIG_RUN_LOOK_H

#include "run/run.h"

/** look_take() - everything once; pages of the plugged devices, or of the @whole machine */
int look_take(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err) RIG_CHECKED;
/** look_keep() - into the record, as state-<number>-<when> */
void look_keep(struct run *run, size_t number, const char *when, const struct snapshot *s);

/**
 * look_ranges() - which pages a look must see, ascending; the caller frees *@ret
 * Device memory may lie behind the end of /proc/kpageflags, so that a @whole look is more than that.
 */
size_t look_ranges(const struct run *run, bool whole, const struct snapshot *s, struct model_range **ret);

/** look_devices() - what QEMU has plugged, for the record; nothing when it does not say */
void look_devices(struct run *run, uint64_t until_ns, struct snapshot *s);

/** look_passing() - at the memory blocks that a running @step takes offline: what is wrong becomes findings */
int look_passing(struct run *run, const struct step *step, struct rig_err *err) RIG_CHECKED;

enum look_scope {
	LOOK_START,	/* @s is the baseline: only what must add up */
	LOOK_STEP,	/* the plugged devices and all counters */
	LOOK_END,	/* the whole machine, boot memory against the baseline too */
};

/**
 * look_judge() - hold a snapshot against the model; what is wrong becomes findings of the step
 * Struct pages and counters are read without the kernel's locks, so a page on its way from one
 * state to the next, or a count on its way from one list to another, may be caught in between.
 * What is wrong stays wrong: only what two more looks show alike is a finding, the rest is noted.
 */
int look_judge(struct run *run, size_t number, enum look_scope scope, const struct snapshot *s,
	       struct rig_err *err) RIG_CHECKED;

#endif
