/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: where the rig's own files are: beside the program, or where HOTRIG_DATA says.  Level 0.
 */
#ifndef RIG_TREE_H
#define RIG_TREE_H

#define KNOWN_BUGS "kernels/known-bugs.json"

/** tree_path() - path of a file that belongs to the rig, e.g. "scenarios"; caller frees */
char *tree_path(const char *below);

#endif
