/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repertoire: all scenarios there are, each with a digest of its file.  Level 7.
 *
 * A result of a scenario that has been changed since is a result of another one.
 */
#ifndef RIG_MATRIX_REPERTOIRE_H
#define RIG_MATRIX_REPERTOIRE_H

#include "batch/selection.h"

struct repertoire_entry {
	const struct scenario *scenario;
	char digest[65];	/* SHA-256 of its file, hex */
};

struct repertoire {
	struct repertoire_entry *entry;	/* by name */
	size_t nr;
	struct selection selection;	/* has the scenarios */
};

/** repertoire_load() - of the tree.  Errors: RIG_USAGE: a scenario is malformed */
int repertoire_load(struct repertoire *ret, struct rig_err *err) RIG_CHECKED;
void repertoire_deinit(struct repertoire *r);

#endif
