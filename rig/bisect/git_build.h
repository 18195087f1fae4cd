/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git_build: a kernel of the commit that is checked out in a worktree.  Level 7.
 */
#ifndef RIG_BISECT_GIT_BUILD_H
#define RIG_BISECT_GIT_BUILD_H

#include "bisect/worktree.h"
#include "kernel/build.h"

/** git_build() - for git.h; @arg: the struct build_request to go by, of which tree and clean are set here
 *  Errors: as build_kernel() and kernel_resolve(). */
int git_build(void *arg, const struct worktree *w, const char *tree, struct kernel **ret, struct rig_err *err)
	RIG_CHECKED;

#endif
