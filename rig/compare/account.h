/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * account: a record, reduced to what two boots of one kernel have in common.  Level 5.
 *
 * Left out is what KASLR, timing and the allocator decide: where the kernel lies, which of the pages that the
 * allocator has are free and who uses the others, how many are free, when something happened, addresses
 * and identifiers.  What boot memory counts is told by how far it moved since the first look, as boot gives
 * some pages at its edges back or not.
 */
#ifndef RIG_COMPARE_ACCOUNT_H
#define RIG_COMPARE_ACCOUNT_H

#include "base/err.h"
#include "compare/details.h"
#include "model/model.h"
#include "model/outcome.h"

struct account_step {
	char *name;			/* "2 online d0"; "start", "end" */
	bool reached, passed;		/* it was done, well or not; and well */
	bool looked;			/* its state is in the record */
	uint64_t start_ns;
	uint64_t latency_ns;		/* from its start until it was done, without the look; 0: not known */
	struct run_details pages, pageblocks;
};

struct account {
	char *folder;
	json_t *result;			/* what result.json holds */
	enum outcome outcome;
	char *reason;			/* of SKIP and ERROR; else NULL */
	enum memmap_era era;
	bool garbage;			/* memory is given out as it is, so that a new memmap holds anything */
	char *boot_managed;		/* managed pages of each zone at first, as text: what is derived from
					 * them counts between accounts that have the same */
	bool kernel_zones;		/* the kernel's own zones could be read, not only /proc/zoneinfo */
	struct account_step *step;	/* 0 is the start, the last is the end */
	size_t nr_steps;
	struct details details;
};

/**
 * account_load() - the record in @folder
 * A run that was skipped or has an error has outcome and reason, and no details.
 * Errors: RIG_HOST: a file of it is damaged or missing, with its name; RIG_USAGE: @folder is no record.
 */
int account_load(const char *folder, struct account *ret, struct rig_err *err) RIG_CHECKED;
void account_deinit(struct account *a);

/** account_text() - a string of the result, by one key or by two; "?" when there is none */
const char *account_text(const struct account *a, const char *key, const char *sub);

/* Its parts.  @state: as in the record; errors are -EBADMSG with what is wrong, without the file's name. */

/** account_state() - all but the pages; @start: the state of step 0, which the same function was told first */
int account_state(struct account *a, size_t step, const json_t *state, const json_t *start,
		  struct rig_err *err) RIG_CHECKED;
/** account_pages() - pages and pageblocks; of a look at the whole machine only those in @within; NULL: all */
int account_pages(struct account *a, size_t step, const json_t *state, const struct run_details *within,
		  struct rig_err *err) RIG_CHECKED;
/** account_counters() - what is derived from the zones' sizes, out of the agent's answer to query-counters */
int account_counters(struct account *a, size_t step, const json_t *answer, struct rig_err *err) RIG_CHECKED;
/** account_wires() - events, answers, log lines and latencies, out of agent.jsonl and qmp.jsonl */
int account_wires(struct account *a, struct rig_err *err) RIG_CHECKED;

#endif
