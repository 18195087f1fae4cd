// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "bisect/git_command.h"
#include "bisect/worktree.h"

#define REASON "hotrig bisect builds here"

void worktree_close(struct worktree *w)
{
	clean_close(&w->lock_fd);
	free(w->repository);
	free(w->dir);
	*w = (struct worktree){ .lock_fd = -1 };
}

static int take(struct worktree *w, const char *repository, struct rig_err *err)
{
	AUTO_FREE char *sub = NULL, *cache = NULL, *above = NULL, *path = NULL;
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char hex[65];
	int r;

	io_sha256_hex(repository, strlen(repository), hex);
	sub = xasprintf("bisect/%.16s", hex);
	r = io_cache_dir(sub, &cache, err);
	if (r < 0)
		return r;
	above = realpath(cache, NULL);	/* as git will call it, wherever it is asked */
	if (!above)
		return rig_err_set(err, RIG_HOST, errno, "cannot find folder '%s': %s", cache, strerror(errno));
	w->repository = xstrdup(repository);
	w->dir = xasprintf("%s/tree", above);
	path = xasprintf("%s/lock", above);
	/* not flock(2): what runs for a dead bisect would have it for a while yet */
	w->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (w->lock_fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot write '%s': %s; set HOTRIG_CACHE to a folder of "
				   "your own", path, strerror(errno));
	if (fcntl(w->lock_fd, F_SETLK, &whole) == 0 || (errno != EACCES && errno != EAGAIN))
		return 0;
	return rig_err_set(err, RIG_USAGE, EBUSY, "another bisect of '%s' is at work in '%s': wait for its end, or "
			   "bisect in a clone", repository, w->dir);
}

/* Nobody else has the worktree, so whoever took these locks is dead */
static int drop_locks(const char *git_dir, struct rig_err *err)
{
	char *const roots[] = { (char *)git_dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int r = 0;

	while (!r && fts && (e = fts_read(fts))) {
		const char *end = strrchr(e->fts_name, '.');

		if (e->fts_info == FTS_F && end && !strcmp(end, ".lock") && unlink(e->fts_path) < 0)
			r = rig_err_set(err, RIG_HOST, errno, "cannot remove '%s': %s", e->fts_path,
					strerror(errno));
	}
	if (fts)
		fts_close(fts);
	return r;
}

/* 1: it is one of @w->repository, and in order; whatever is odd about it is told by 0.  A folder
 * above may be a repository, too, and git would find that one; what has the user's own HEAD is none of ours. */
static int is_whole(const struct worktree *w, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_FREE char *link = xasprintf("%s/.git", w->dir), *bisect = NULL;
	AUTO_STRV struct strv said = { 0 };
	int r;

	if (!io_exists(link))
		return 0;
	r = git_ask(w->dir, &result, err, "rev-parse", "--path-format=absolute", "--git-common-dir", "--git-dir",
		    "--show-toplevel", "--verify", "HEAD", NULL);
	if (r < 0)
		return r;
	git_lines(result.out, &said);
	if (!git_succeeded(&result) || said.n != 4 || strcmp(said.v[0], w->repository) ||
	    !strcmp(said.v[1], w->repository) || strcmp(said.v[2], w->dir))
		return 0;
	bisect = xasprintf("%s/refs/bisect", said.v[1]);
	r = drop_locks(said.v[1], err);
	if (!r)
		r = io_remove_tree(bisect, err);	/* made anew, and half-written ones are in the way */
	/* what a checkout has written that was cut off is in no index */
	return r < 0 ? r : !git_do(w->dir, NULL, err, "clean", "-ffdxq", NULL);
}

int worktree_remove(const struct worktree *w, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	int r = io_remove_tree(w->dir, err);

	/* what is not there any more git forgets; what it never knew it complains of */
	return r < 0 ? r : git_ask(w->repository, &result, err, "worktree", "remove", "--force", "--force", w->dir, NULL);
}

static int make(const struct worktree *w, const char *commit, struct rig_err *err)
{
	int r = worktree_remove(w, err);

	return r < 0 ? r : git_do(w->repository, NULL, err, "worktree", "add", "--quiet", "--force", "--force",
				  "--detach", "--no-checkout", "--lock", "--reason", REASON, w->dir, commit, NULL);
}

int worktree_open(const char *repository, const char *commit, struct worktree *ret, struct rig_err *err)
{
	struct worktree w = { .lock_fd = -1 };
	int r = take(&w, repository, err);

	if (!r) {
		r = is_whole(&w, err);
		r = r ? r : make(&w, commit, err);
	}
	if (r < 0) {
		worktree_close(&w);
		return r;
	}
	*ret = w;
	return 0;
}

int worktree_checkout(const struct worktree *w, const char *commit, char **ret_tree, struct rig_err *err)
{
	int r = git_do(w->dir, NULL, err, "checkout", "--quiet", "--force", "--detach", commit, NULL);

	if (r < 0 && strstr(err->text, "No space left on device"))
		return rig_err_set(err, RIG_HOST, ENOSPC, "no space left for '%s': free some, or move the cache with "
				   "HOTRIG_CACHE", w->dir);
	return r < 0 ? r : git_do(w->dir, ret_tree, err, "rev-parse", "--verify", "HEAD^{tree}", NULL);
}
