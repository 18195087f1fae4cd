// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "kernel/copy.h"

static int cannot_copy(const char *from, const char *to, int eno, struct rig_err *err)
{
	if (eno == ENOSPC || eno == EDQUOT)
		return rig_err_set(err, RIG_HOST, ENOSPC,
				   "no space left for '%s': free some, or move the cache with "
				   "HOTRIG_CACHE",
				   to);
	return rig_err_set(err, RIG_HOST, eno, "cannot copy '%s' to '%s': %s", from, to,
			   strerror(eno));
}

static int copy_bytes(int in, int out)
{
	AUTO_FREE char *chunk = xcalloc(1, 256 << 10);
	ssize_t n;
	int r = 0;

	while (!r && (n = read(in, chunk, 256 << 10)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : io_write_all(out, chunk, (size_t)n);
	}
	return r;
}

int copy_file(const char *from, const char *to, struct rig_err *err)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
	struct stat st;
	int r = 0;

	if (in < 0 || fstat(in, &st) < 0)
		return cannot_copy(from, to, errno, err);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (out < 0)
		return cannot_copy(from, to, errno, err);
	r = copy_bytes(in, out);
	if (r < 0) {
		unlink(to);
		return cannot_copy(from, to, -r, err);
	}
	return 0;
}

static int link_file(const FTSENT *e, const char *to, struct rig_err *err)
{
	const struct timespec times[2] = { e->fts_statp->st_atim, e->fts_statp->st_mtim };
	int r;

	if (link(e->fts_path, to) == 0)
		return 0;
	if (errno != EXDEV && errno != EPERM && errno != EACCES && errno != EMLINK &&
	    errno != EOPNOTSUPP)
		return cannot_copy(e->fts_path, to, errno, err);
	r = copy_file(e->fts_path, to, err);
	if (!r)
		utimensat(AT_FDCWD, to, times, 0);
	return r;
}

static int copy_symlink(const FTSENT *e, const char *to, struct rig_err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlink(e->fts_path, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	return n < 0 || symlink(target, to) < 0 ? cannot_copy(e->fts_path, to, errno, err) : 0;
}

static int copy_entry(FTS *fts, FTSENT *e, const char *to, struct rig_err *err)
{
	if (loop_interrupted())
		return rig_err_set(err, RIG_INTERRUPTED, EINTR, "interrupted while copying to '%s'",
				   to);
	switch (e->fts_info) {
	case FTS_D:
		if (e->fts_level == 1 && !strcmp(e->fts_name, ".git"))
			return fts_set(fts, e, FTS_SKIP);
		return mkdir(to, 0755) < 0 ? cannot_copy(e->fts_path, to, errno, err) : 0;
	case FTS_F:
		/* a worktree's .git is a file */
		return e->fts_level == 1 && !strcmp(e->fts_name, ".git") ? 0
									 : link_file(e, to, err);
	case FTS_SL:
	case FTS_SLNONE:
		return copy_symlink(e, to, err);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return cannot_copy(e->fts_path, to, e->fts_errno, err);
	default:
		return 0;
	}
}

int copy_tree_linked(const char *from, const char *to, struct rig_err *err)
{
	char *const roots[] = { (char *)from, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;
	int r = 0;

	if (!fts)
		return cannot_copy(from, to, errno, err);
	while (!r && (e = fts_read(fts))) {
		AUTO_FREE char *path = xasprintf("%s%s", to, e->fts_path + strlen(from));

		r = copy_entry(fts, e, path, err);
	}
	fts_close(fts);
	return r;
}
