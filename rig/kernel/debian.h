/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian: bring a kernel of the Debian archive into the store, or find it there.
 */
#ifndef RIG_KERNEL_DEBIAN_H
#define RIG_KERNEL_DEBIAN_H

#include <stdbool.h>

#include "base/mem.h"
#include "kernel/kernel.h"
#include "kernel/spec.h"
#include "kernel/store.h"

/**
 * debian_resolve() - the release that @spec (not a path) means, intact in the store
 * Without a network the newest cached release of a series is taken, and @options->progress told.
 * Errors: as kernel_resolve().  Caller frees @ret.
 */
int debian_resolve(struct store *store, const struct kernel_spec *spec,
		   const struct kernel_resolve_options *options, char **ret,
		   struct rig_err *err) RIG_CHECKED;

/**
 * debian_releases() - add to @ret all releases that the archive serves and all in the store, some twice
 * @ret_known: false: what the archive serves could not be found out, @options->progress is told why
 * Errors: RIG_HOST: the store; RIG_INTERRUPTED.
 */
int debian_releases(struct store *store, const struct kernel_resolve_options *options, struct strv *ret,
		    bool *ret_known, struct rig_err *err) RIG_CHECKED;

#endif
