/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_repository: a small git repository in a folder of its own, for unit tests.
 *
 * The state of a test is the path of the folder: repo/, cache/, results/.  Commits have times of their own, a
 * minute apart, so ids are the same each time.
 */
#ifndef RIG_TESTS_SAMPLE_REPOSITORY_H
#define RIG_TESTS_SAMPLE_REPOSITORY_H

#include "kernel_samples.h"

int sample_repository_set_up(void **state);
int sample_repository_tear_down(void **state);

/** sample_repository_at() - path of @name in the test's folder; caller frees */
char *sample_repository_at(void **state, const char *name);

/** sample_repository_git() - git in folder @where of the test's, which must succeed; what it prints, caller frees */
char *sample_repository_git(void **state, const char *where, ...) __attribute__((sentinel));

/** sample_repository_commit() - commit file @name with @text on the branch that is checked out; the id, caller frees */
char *sample_repository_commit(void **state, const char *name, const char *text);

/** sample_repository_merge() - merge @other into it; the id, caller frees */
char *sample_repository_merge(void **state, const char *other);

/** sample_repository_worktree() - folder of the one linked worktree that it has; caller frees */
char *sample_repository_worktree(void **state);

#endif
