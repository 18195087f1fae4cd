/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git_build: a kernel of the commit that is checked out in a worktree.  Level 7.
 */
#ifndef RIG_BISECT_GIT_BUILD_H
#define RIG_BISECT_GIT_BUILD_H

#include "bisect/worktree.h"
#include "kernel/build.h"

/**
 * git_build() - build it, unless it is there
 * @how: tree and clean are left to this
 * @tree: git's id of what is checked out
 * Errors: as build_kernel() and kernel_resolve().
 */
int git_build(const struct build_request *how, const struct worktree *w, const char *tree, struct kernel **ret,
	      struct rig_err *err) RIG_CHECKED;

#endif
