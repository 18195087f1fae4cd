/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_tree: a folder of kernel source, and by what it is told from its other states.  Level 2.
 *
 * A tree in git is known by its commit and what differs from it; any other one by path, size and
 * time of change of all its files, as make knows it.  Trees are read, never written to.
 */
#ifndef RIG_KERNEL_SOURCE_TREE_H
#define RIG_KERNEL_SOURCE_TREE_H

#include "base/err.h"

struct source_tree {
	char *dir;		/* absolute */
	char *version;		/* "6.12.117", of its Makefile */
	char state[65];		/* digest of what it is like now */
};

/**
 * source_tree_open() - look at the tree in folder @path
 * Errors: RIG_USAGE: no kernel tree; RIG_HOST: unreadable, or built in place: make would refuse.
 */
int source_tree_open(const char *path, struct source_tree *ret, struct rig_err *err) RIG_CHECKED;

/**
 * source_tree_open_clean() - the same without looking at 90000 files
 * @tree_id: git's, of what is checked out there; that nothing differs from it the caller knows
 */
int source_tree_open_clean(const char *path, const char *tree_id, struct source_tree *ret,
			   struct rig_err *err) RIG_CHECKED;
void source_tree_deinit(struct source_tree *t);

#endif
