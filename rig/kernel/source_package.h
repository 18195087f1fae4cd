/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_package: Debian's linux-source packages, unpacked in the cache.  Level 2.
 *
 *	kernels/sources/<series>_<package version>/	the tree
 */
#ifndef RIG_KERNEL_SOURCE_PACKAGE_H
#define RIG_KERNEL_SOURCE_PACKAGE_H

#include <stdbool.h>

#include "kernel/kernel.h"
#include "kernel/store.h"

#define SOURCE_PACKAGE_PREFIX "debian-source:"

/**
 * source_package_unpack() - the tree that @name, "debian-source:6.12", means: the newest one served
 * Without a network the newest one in the cache, and @options->progress told.
 * Errors: RIG_USAGE: malformed; RIG_MISSING: not served; RIG_HOST; RIG_INTERRUPTED.  Caller frees @ret.
 */
int source_package_unpack(struct store *store, const char *name,
			  const struct kernel_resolve_options *options, char **ret,
			  struct rig_err *err) RIG_CHECKED;

#endif
