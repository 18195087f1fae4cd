/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * by_hand: what a person knows of single commits goes into the journal, and they are not tried.  Level 7.
 *
 * The ends are: what is looked for is seen at them.  What the journal has already is not changed.
 */
#ifndef RIG_BISECT_BY_HAND_H
#define RIG_BISECT_BY_HAND_H

#include "bisect/git.h"

/** by_hand_skip() - @name is of no use; RIG_USAGE: there is no such commit, or it is an end */
int by_hand_skip(const struct git_bisect *g, struct journal *j, const char *name, struct rig_err *err) RIG_CHECKED;

/** by_hand_replay() - take over what a file that `git bisect log` has written says; RIG_USAGE: it is none */
int by_hand_replay(const struct git_bisect *g, struct journal *j, const char *path, struct rig_err *err) RIG_CHECKED;

#endif
