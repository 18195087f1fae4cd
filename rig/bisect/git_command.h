/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git_command: git, asked about a repository of the user's or told to do something in a worktree of ours.  Level 7.
 *
 * What the environment says of other repositories is kept from it, as are hooks and whatever else in the user's
 * configuration would act on its own.  Messages are in English: a few are read.
 */
#ifndef RIG_BISECT_GIT_COMMAND_H
#define RIG_BISECT_GIT_COMMAND_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"

#define GIT_ID_MAX 64	/* hex digits: sha256 */

/**
 * git_ask() - run git in folder @dir; how it ended is the caller's to look at
 * @...: arguments, then NULL
 * Errors: RIG_HOST: there is no git, or it does not come to an end; RIG_INTERRUPTED.
 */
int git_ask(const char *dir, struct proc_result *ret, struct rig_err *err, ...)
	__attribute__((sentinel)) RIG_CHECKED;

/**
 * git_do() - the same where it must succeed
 * @ret: what it printed, without the last newline; caller frees; may be NULL
 * Errors: and RIG_HOST with what git says.
 */
int git_do(const char *dir, char **ret, struct rig_err *err, ...) __attribute__((sentinel)) RIG_CHECKED;

/** git_do_argv() - the same with arguments that are counted at run time */
int git_do_argv(const char *dir, const struct strv *args, char **ret, struct rig_err *err) RIG_CHECKED;

/** git_succeeded() - did it exit 0? */
bool git_succeeded(const struct proc_result *r);

/** git_complaint() - what it said of its failure, in one line; caller frees */
char *git_complaint(const struct proc_result *r);

/** git_lines() - the lines of @text added to @ret */
void git_lines(const char *text, struct strv *ret);

#endif
