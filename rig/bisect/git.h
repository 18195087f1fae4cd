/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git: a bisect over commits: git chooses, an exam decides.  Level 7.
 *
 * The journal is the only thing that is remembered.  Each start goes the same way from the beginning:
 *
 *	1. the worktree is locked, mended or made (worktree.h)
 *	2. `git bisect start` in it, from nothing (marks.h)
 *	3. both ends are taken to the exam (ends.h)
 *	4. git names the next commit; it is taken to the exam; it is marked; again
 *	5. git knows the first one, or that all that are left were skipped
 *
 * A commit whose verdict the journal has goes through the exam at once, without a checkout.  git's choice
 * depends on nothing but the ends and the marks, so whoever was killed, at any moment, comes by the same commits to
 * the same answer; a verdict is in the journal before git is told, and a mark that was not made is made then.
 */
#ifndef RIG_BISECT_GIT_H
#define RIG_BISECT_GIT_H

#include <jansson.h>

#include "bisect/commits.h"
#include "bisect/exam.h"
#include "bisect/worktree.h"

struct git_bisect {
	const struct commits *commits;
	const struct worktree *worktree;
	const char *term_old, *term_new;	/* for git; neither NULL */
	/* make a kernel of what is checked out, of which @tree is git's id; errors as of an exam's source */
	int (*build)(void *arg, const struct worktree *w, const char *tree, struct kernel **ret,
		     struct rig_err *err);
	const uint64_t *make_ns;		/* see struct exam_source; build() sets it */
	/* it begins with @commit: about to be checked out and built; may be NULL */
	void (*on_commit)(void *arg, const char *commit);
	void *arg;
};

/** git_source() - where an exam has its kernels from: candidates are ids of commits */
struct exam_source git_source(const struct git_bisect *g);

struct git_answer {
	char *first;		/* of the new kind */
	char *last;		/* of the old kind before it, tested */
	json_t *between;	/* array of {"name", "reason"}, old to new: skipped ones that may be the first, too */
	char *about, *log;	/* see answer.h */
};

/**
 * git_search() - find the first commit of the new kind
 * The log as `git bisect log` has it is in "bisect.log" of the journal's folder after each mark.
 * Errors: RIG_USAGE: an end is not what it is said to be, or git will not have the terms; trouble, as exam_take().
 */
int git_search(const struct git_bisect *g, struct exam *e, struct git_answer *ret, struct rig_err *err)
	RIG_CHECKED;
void git_answer_deinit(struct git_answer *a);

#endif
