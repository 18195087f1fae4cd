/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims: what the mailing-list threads say of the kernel, as data.  Level 2, pure but for
 * claims_load().
 *
 * A scenario names the claims it shows in its key "claims"; a claim that no scenario shows says why.
 * The file lies beside the scenarios and is read as strictly as they are: an unknown or duplicate
 * key, a wrong type or an id given twice is an error with file, line and JSON pointer.
 */
#ifndef RIG_CLAIMS_H
#define RIG_CLAIMS_H

#include <stddef.h>

#include "base/err.h"
#include "scenario/scenario.h"

#define CLAIMS_FILE "claims.json"	/* below the root of a catalogue */

struct claim_thread {
	char *id;		/* "000" */
	char *subject;		/* with author and year */
};

struct claim {
	size_t thread;		/* index in the threads */
	char *id;		/* "A1" */
	char *text;		/* one line: a short quotation, or what it comes to */
	char *sides;		/* which kernels are on which side of a change; NULL: all alike */
	char *why_none;		/* why no scenario shows it; NULL: one does */
};

struct claims {
	struct claim_thread *thread;
	size_t nr_threads;
	struct claim *claim;	/* thread by thread, in the order of the file */
	size_t nr_claims, cap_claims;
};

/** claims_parse() - @path stands in messages.  Errors: RIG_USAGE, "PATH:LINE: POINTER: ..." */
int claims_parse(const char *path, const char *text, size_t len, struct claims **ret,
		 struct rig_err *err) RIG_CHECKED;
/** claims_load() - CLAIMS_FILE of the catalogue @root */
int claims_load(const char *root, struct claims **ret, struct rig_err *err) RIG_CHECKED;
void claims_destroy(struct claims *c);

static inline void claims_clean(struct claims **c)
{
	claims_destroy(*c);
}
#define AUTO_CLAIMS __attribute__((cleanup(claims_clean)))

const struct claim *claims_find(const struct claims *c, const char *id);	/* NULL: none */

/** claims_check() - each claim that the scenario names is there.  Errors: RIG_USAGE, as above */
int claims_check(const struct claims *c, const struct scenario *s, struct rig_err *err) RIG_CHECKED;

#endif
