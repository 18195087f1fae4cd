/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target: the failure that a bisect looks for.  Level 7, pure: texts and records.
 *
 * As a person writes it:
 *	page.refcount	this invariant is broken; 'hotrig explain' lists them
 *	splat:TITLE	the kernel log has a report of this title, as findings have it
 *	crash:TITLE	the same, of a crash; "crash": any
 *	hang		the guest stopped although its vCPUs ran
 *	boot		the kernel does not come up
 *	any		any failure but "boot"
 * A kernel that does not come up shows nothing but "boot": what it would do later is not known.
 */
#ifndef RIG_BISECT_TARGET_H
#define RIG_BISECT_TARGET_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

enum target_kind {
	TARGET_OPEN,		/* not known yet: what the bad end shows will be it */
	TARGET_INVARIANT,
	TARGET_SPLAT,
	TARGET_CRASH,
	TARGET_HANG,
	TARGET_BOOT,
	TARGET_ANY,
};

struct target {
	enum target_kind kind;
	char *what;		/* invariant or title; NULL: none is asked for */
	char *scenario;		/* the one that shows it; NULL: any */
};

/** target_parse() - what a person asked for; RIG_USAGE: no such target */
int target_parse(const char *text, struct target *ret, struct rig_err *err) RIG_CHECKED;
void target_deinit(struct target *t);

/** target_text() - as target_parse() reads it, "" when open; without the scenario.  Caller frees. */
char *target_text(const struct target *t);

/**
 * target_choose() - the first finding of @record, the scenario with it; only for a record that is a FAIL
 * Errors: RIG_USAGE: the kernel did not come up, which must be asked for.
 */
int target_choose(const json_t *record, struct target *ret, struct rig_err *err) RIG_CHECKED;

/** target_finding() - the first finding of @record that is the target, borrowed; NULL: it is not shown
 *  An open target is shown by any failure. */
const json_t *target_finding(const struct target *t, const json_t *record);

/** target_json() - {"what", "scenario"}, new reference; target_from_json() reads it; false: it is none */
json_t *target_json(const struct target *t);
bool target_from_json(const json_t *o, struct target *ret);

#endif
