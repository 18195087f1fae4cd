/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalogue: the scenarios below a folder, and what their parser cannot check.  Level 8.
 */
#ifndef RIG_CATALOGUE_H
#define RIG_CATALOGUE_H

#include "base/err.h"
#include "base/mem.h"
#include "scenario/claims.h"
#include "scenario/scenario.h"

struct catalogue {
	struct scenario **scenario;	/* by name */
	size_t nr, cap;
	struct claims *claims;		/* the rig's; NULL until somebody needs them */
	struct strv mistakes;		/* one line for each file that cannot be used */
};

/** catalogue_check() - the machine is one that the rig has, and so is each claim that it shows */
int catalogue_check(struct catalogue *c, const struct scenario *s, struct rig_err *err) RIG_CHECKED;
/** catalogue_claims() - c->claims, read when they are not there yet */
int catalogue_claims(struct catalogue *c, struct rig_err *err) RIG_CHECKED;
/** catalogue_load() - the scenarios below @root; a file that is wrong goes to the mistakes */
int catalogue_load(struct catalogue *c, const char *root, struct rig_err *err) RIG_CHECKED;
void catalogue_deinit(struct catalogue *c);
#define AUTO_CATALOGUE __attribute__((cleanup(catalogue_deinit)))

#endif
