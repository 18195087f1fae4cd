/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * releases: those of one series and flavour, in order, and which numbers are missing.  Level 7, pure.
 */
#ifndef RIG_BISECT_RELEASES_H
#define RIG_BISECT_RELEASES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

struct releases {
	struct strv name;	/* old to new: the older end, ..., the newer end */
	/*
	 * Array, old to new, of {"name", "before", "reason", "certain"}: "before" is the next release that there is.
	 * "6.1.0-47" counts every release that ever was: a number that is missing was dropped, for certain.  "6.12.100"
	 * is a version of upstream's; Debian packages some of them only, so a missing one is named, and that is all.
	 */
	json_t *gaps;
	bool is_all;		/* the archive could be asked */
};

/** releases_check_ends() - RIG_USAGE when no kernels lie between: the same, or of other series or flavours */
int releases_check_ends(const char *good, const char *bad, struct rig_err *err) RIG_CHECKED;

/**
 * releases_init() - those of @known from @older to @newer, both always included
 * @known: names in any order, some perhaps twice, of any series
 * @is_all: @known has all that the archive serves; false: it could not be asked
 */
void releases_init(struct releases *r, const struct strv *known, const char *older, const char *newer, bool is_all);
void releases_deinit(struct releases *r);

/** releases_json() - {"releases", "gaps", "all"}, new reference; releases_from_json() reads it; false: it is none */
json_t *releases_json(const struct releases *r);
bool releases_from_json(const json_t *o, struct releases *ret);

#endif
