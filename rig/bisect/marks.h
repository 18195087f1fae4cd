/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * marks: a `git bisect` in a worktree of ours: commits are marked, git says which comes next.  Level 7.
 *
 * It is git's own, so its log can be replayed, and git's rules of merges and skipped commits hold.  git only
 * chooses (--no-checkout): a commit is checked out when it has to be built.  The state is made from nothing each time
 * (marks_begin()) out of what the journal knows, whatever an interrupted one has left there.
 */
#ifndef RIG_BISECT_MARKS_H
#define RIG_BISECT_MARKS_H

#include "base/err.h"
#include "base/mem.h"
#include "bisect/git_command.h"

enum marks_state {
	MARKS_NEXT,		/* @next has to be marked */
	MARKS_FOUND,		/* there is a first one of the new kind */
	MARKS_ALL_SKIPPED,	/* it is one of marks_suspects(), and all others of those are skipped */
	MARKS_OLD_IS_NEW,	/* a commit that both ends come from is like the new end: @next */
};

struct marks {
	const char *dir;			/* borrowed: of the worktree */
	const char *term_old, *term_new;	/* borrowed: as git is to call them */
	enum marks_state state;
	char next[GIT_ID_MAX + 1];
};

/**
 * marks_begin() - forget what was marked there, and begin between two ends
 * The caller has filled in dir and terms.
 * Errors: RIG_USAGE: git will not have the terms; as git_do().
 */
int marks_begin(struct marks *m, const char *old, const char *new, struct rig_err *err) RIG_CHECKED;

/** marks_add() - @term: term_old, term_new or "skip"; @commit: @m->next */
int marks_add(struct marks *m, const char *term, const char *commit, struct rig_err *err) RIG_CHECKED;

/** marks_suspects() - add to @ret those that may be the first one of the new kind, old to new, as git knows by now */
int marks_suspects(const struct marks *m, struct strv *ret, struct rig_err *err) RIG_CHECKED;

/** marks_log() - what `git bisect replay` takes, in any worktree; caller frees */
int marks_log(const struct marks *m, char **ret, struct rig_err *err) RIG_CHECKED;

#endif
