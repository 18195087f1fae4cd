/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commits: a repository of the user's and the two ends of a bisect in it.  Level 7.
 *
 * It is only read, and without the locks that git takes when it could.
 */
#ifndef RIG_BISECT_COMMITS_H
#define RIG_BISECT_COMMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct commits {
	char *dir;		/* the folder that was named: HEAD and the like are of its worktree */
	char *repository;	/* what all its worktrees share, usually DIR/.git; absolute */
	char *good, *bad;	/* ids */
	bool bad_is_new;	/* the good one is the older; false: what mended it is looked for */
	size_t suspects;	/* commits that may be the first of the new kind, the new end among them */
	bool dirty;		/* the folder has changes that no commit has */
};

/**
 * commits_open() - look both ends up
 * @dir: folder in a repository
 * @named: the person has names for old and new, so that good may be the newer one
 * Errors: RIG_USAGE: no repository, no such commit, the same one twice, the wrong order, no history in common, or
 * a shallow clone that lacks it; RIG_HOST: a repository that git cannot read; as git_ask().
 */
int commits_open(const char *dir, const char *good, const char *bad, bool named, struct commits *ret,
		 struct rig_err *err) RIG_CHECKED;
void commits_deinit(struct commits *c);

/** commits_old() - the older end; commits_new() - the newer one; borrowed */
const char *commits_old(const struct commits *c);
const char *commits_new(const struct commits *c);

/** commits_find() - id of the commit that a person calls @name; caller frees; RIG_USAGE: there is none */
int commits_find(const struct commits *c, const char *name, char **ret, struct rig_err *err) RIG_CHECKED;

/** commits_about() - subject, author and date of @commit as git shows them; caller frees */
int commits_about(const struct commits *c, const char *commit, char **ret, struct rig_err *err) RIG_CHECKED;

#endif
