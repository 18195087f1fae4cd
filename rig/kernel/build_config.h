/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build_config: the config a kernel is to have, out of fragments, and making it so.  Level 2.
 */
#ifndef RIG_KERNEL_BUILD_CONFIG_H
#define RIG_KERNEL_BUILD_CONFIG_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/fragment.h"

#define BUILD_CONFIG_BASE "base"

/**
 * build_config_read() - base.config of folder @dir with fragments @names laid over it
 * A name is a fragment of that folder; what has a slash in it is a path.
 * Errors: RIG_USAGE: no such fragment, naming those there are; malformed.
 */
int build_config_read(const char *dir, char *const *names, size_t n, struct wanted *ret,
		      struct rig_err *err) RIG_CHECKED;

struct build_config_place {
	const char *tree, *objects;
	const char *log_path;
	int keep_fd;
	uint64_t until_ns;
};

/**
 * build_config_make() - put .config into the object folder: allnoconfig with @wanted laid over it
 * One that is the same already is left alone, so that make need not look at it.
 * @ret: its text; caller frees
 * Errors: RIG_USAGE (RIG_KERNEL when only the base is concerned): -EOPNOTSUPP, the tree cannot give what is wanted,
 * naming each; as make_run().
 */
int build_config_make(const struct build_config_place *at, const struct wanted *wanted, char **ret,
		      struct rig_err *err) RIG_CHECKED;

#endif
