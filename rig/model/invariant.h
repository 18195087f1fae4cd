/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * invariant: everything that must hold, by stable name, and why.  Level 1, a table.
 *
 * The one place where an invariant is explained: findings, `hotrig explain` and the documentation
 * take the text from here.
 */
#ifndef RIG_INVARIANT_H
#define RIG_INVARIANT_H

#include <stdbool.h>
#include <stddef.h>

struct invariant {
	const char *name;	/* "page.refcount" */
	const char *rule;	/* one sentence: what must hold; stands in a finding as "why" */
	const char *reason;	/* why the kernel must keep it, and where that is decided */
};

/** invariant_find() - NULL when there is none of that name */
const struct invariant *invariant_find(const char *name);
/** invariant_goes_on() - the machine is what a scenario takes it for, even where this one does not hold */
bool invariant_goes_on(const char *name);
/** invariant_at() - walk the table in order of name; NULL behind the end */
const struct invariant *invariant_at(size_t i);

#endif
