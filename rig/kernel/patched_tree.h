/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patched_tree: a copy of a tree with a series applied, kept so that the next series builds in seconds.  Level 2.
 *
 *	FOLDER/tree/	hard links to the base, but for the files that patches speak of: those are copies
 *	FOLDER/state	of base and series that the tree has; not there while it is changed
 *	FOLDER/touched	files that are not links, or not as the base has them
 *
 * make goes by times: a file that one series changed and the next does not gets the time of now, not its old one.
 * The caller makes sure that nobody else uses the folder.
 */
#ifndef RIG_KERNEL_PATCHED_TREE_H
#define RIG_KERNEL_PATCHED_TREE_H

#include "kernel/series.h"
#include "kernel/source_tree.h"

/** patched_tree_make() - @ret: the tree; caller frees.  Errors: as series_apply(); RIG_INTERRUPTED. */
int patched_tree_make(const char *folder, const struct source_tree *base, const struct series *s,
		      char **ret, struct rig_err *err) RIG_CHECKED;

#endif
