/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence: what console, kernel log and links say while a run goes on.  Level 5.
 */
#ifndef RIG_RUN_EVIDENCE_H
#define RIG_RUN_EVIDENCE_H

#include "run/run.h"

/** evidence_attach() - let the machine's console and wires flow into the record; before vm_create() */
void evidence_attach(struct run *run, struct vm_config *config);
/** evidence_watch_agent() - end all waits when the agent's supervisor says that it died */
void evidence_watch_agent(struct run *run);

/** evidence_drain() - kernel log records that have arrived go to the record and to the scanner, once */
void evidence_drain(struct run *run);
/** evidence_kmsg() - the records that were drained, as JSON; new reference */
json_t *evidence_kmsg(const struct run *run);
/** evidence_replay() - console and kernel log from before the guest was kept, which are evidence, but were judged
 *  then; @kmsg: from evidence_kmsg() */
void evidence_replay(struct run *run, const char *console, size_t len, const json_t *kmsg);
/** evidence_restart() - the machine boots once more: what comes is no restart of the kernel */
void evidence_restart(struct run *run);
/** evidence_judge() - what the scanner recognised since the last time becomes findings of the step */
void evidence_judge(struct run *run);
/** evidence_note() - something seen that is no finding; stands in the record */
void evidence_note(struct run *run, const char *text);

/** evidence_mark_time() - a step begins: the vCPUs' processor time counts from here */
void evidence_mark_time(struct run *run);
/** evidence_starved() - since then the vCPUs were ready to run and got no processor for more than a
 *  third of the time: lost time is not the kernel's fault.  An idle guest is not starved. */
bool evidence_starved(const struct run *run);

#endif
