/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build_tools: the host programs that a build of a kernel needs.  Level 2.
 */
#ifndef RIG_KERNEL_BUILD_TOOLS_H
#define RIG_KERNEL_BUILD_TOOLS_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/fragment.h"

/** build_tools_has() - is program @name in PATH? */
bool build_tools_has(const char *name);

/** build_tools_compiler() - first line of what gcc says of its version; caller frees.  RIG_HOST: there is none */
int build_tools_compiler(char **ret, struct rig_err *err) RIG_CHECKED;

/** build_tools_check() - RIG_HOST -ENOENT naming the first program that is missing, and its package */
int build_tools_check(const struct wanted *wanted, bool patches, struct rig_err *err) RIG_CHECKED;

#endif
