/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worktree: a linked worktree of the user's repository, in the cache, in which commits are checked out.  Level 7.
 *
 *	CACHE/bisect/<digest>/tree	the worktree; the digest is of the repository's path
 *	CACHE/bisect/<digest>/lock	one bisect of a repository at a time
 *
 * Always the same path, so that objects of the last build fit; only what differs between two commits is
 * written.  To the user's repository it is one more line in `git worktree list`, locked against pruning: work
 * tree, branch, index and configuration stay as they are.  HEAD, index and the state of `git bisect` are each worktree's own.
 *
 * It may be left in any state by a kill and is mended when it is opened, or made anew.
 */
#ifndef RIG_BISECT_WORKTREE_H
#define RIG_BISECT_WORKTREE_H

#include "base/err.h"

struct worktree {
	char *repository;	/* see commits.h */
	char *dir;		/* absolute */
	int lock_fd;
};

/**
 * worktree_open() - have it, empty or at any commit
 * @commit: any that is there
 * Errors: RIG_USAGE -EBUSY: another bisect has it; RIG_HOST: no space, or the repository is not ours to write to.
 */
int worktree_open(const char *repository, const char *commit, struct worktree *ret, struct rig_err *err)
	RIG_CHECKED;

/** worktree_close() - unlock; the worktree stays.  { .lock_fd = -1 } is fine */
void worktree_close(struct worktree *w);

/**
 * worktree_checkout() - have @commit there, and nothing else
 * @ret_tree: git's id of its tree; caller frees
 * Errors: RIG_HOST; -ENOSPC: no space.
 */
int worktree_checkout(const struct worktree *w, const char *commit, char **ret_tree, struct rig_err *err)
	RIG_CHECKED;

/** worktree_remove() - nothing of it is left, in the repository neither; still locked */
int worktree_remove(const struct worktree *w, struct rig_err *err) RIG_CHECKED;

#endif
