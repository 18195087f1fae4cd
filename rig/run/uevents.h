/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uevents: the memory-block uevents that the changes of a step must send, and did.  Level 5.
 */
#ifndef RIG_RUN_UEVENTS_H
#define RIG_RUN_UEVENTS_H

#include "run/run.h"

/** uevents_want() - a change that must send one: "add", "remove", "online" or "offline" */
void uevents_want(struct run *run, const char *action, uint32_t block);
/** uevents_block() - whether an agent's event says that a memory block was added or removed, and which */
bool uevents_block(const struct qmp_event *e, bool *added, uint32_t *block);
/** uevents_judge() - exactly those that were wanted since the last judgement, in any order; a
 *  difference is a finding.  A refused unplug is rolled back in the model first. */
void uevents_judge(struct run *run);

#endif
