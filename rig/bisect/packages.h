/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packages: a bisect over the releases of a Debian series, without a build.  Level 7.
 *
 * Which releases there are is written into the journal at the start, so that one that is served or dropped
 * later changes nothing.  A release that cannot be tested is passed over for the nearest that can; what
 * is not tested at the end, or was dropped before, makes the answer an interval.
 */
#ifndef RIG_BISECT_PACKAGES_H
#define RIG_BISECT_PACKAGES_H

#include "bisect/answer.h"
#include "bisect/exam.h"
#include "bisect/releases.h"
#include "kernel/kernel.h"

struct packages {
	struct releases releases;
	bool bad_is_new;
	const char *good, *bad;		/* borrowed */
};

/** packages_end() - the release that @spec names: a release, or the newest of a series.  Caller frees.
 *  Errors: RIG_USAGE: it is no packaged kernel; as kernel_resolve(). */
int packages_end(const char *spec, const struct kernel_resolve_options *options, char **ret, struct rig_err *err)
	RIG_CHECKED;

/** packages_init() - the releases between the ends: as the journal has them, or as they are now
 *  Errors: RIG_USAGE: see releases_check_ends(); RIG_HOST; RIG_INTERRUPTED. */
int packages_init(struct packages *p, const char *good, const char *bad, struct journal *journal,
		  const struct kernel_resolve_options *options, struct rig_err *err) RIG_CHECKED;
void packages_deinit(struct packages *p);

/** packages_kernel() - for exam_source.kernel; @arg: struct kernel_resolve_options */
int packages_kernel(void *arg, const char *release, struct kernel **ret, struct rig_err *err);

struct packages_found {
	const char *last, *first;	/* of the releases */
	json_t *between;		/* see answer.h; owned */
};

/** packages_search() - after the ends were checked; errors as exam_take() */
int packages_search(const struct packages *p, struct exam *e, struct packages_found *ret, struct rig_err *err)
	RIG_CHECKED;

#endif
