// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "bisect/commits.h"
#include "bisect/git_command.h"

#define UNSHALLOW "the clone is shallow: 'git fetch --unshallow' brings the rest of its history"

void commits_deinit(struct commits *c)
{
	free(c->dir);
	free(c->repository);
	free(c->good);
	free(c->bad);
	*c = (struct commits){ 0 };
}

const char *commits_old(const struct commits *c)
{
	return c->bad_is_new ? c->good : c->bad;
}

const char *commits_new(const struct commits *c)
{
	return c->bad_is_new ? c->bad : c->good;
}

static int find_repository(const char *dir, char **ret, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct stat st;
	int r;

	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return rig_err_set(err, RIG_USAGE, ENOTDIR, "'%s' is no folder: name one in a git repository of "
				   "the kernel", dir);
	r = git_ask(dir, &result, err, "rev-parse", "--path-format=absolute", "--git-common-dir", NULL);
	if (r < 0)
		return r;
	if (!git_succeeded(&result)) {
		AUTO_FREE char *said = git_complaint(&result);

		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is no git repository of the kernel: %s", dir, said);
	}
	*ret = xstrndup(result.out, strcspn(result.out, "\n"));
	return 0;
}

/* 0: @dir says no, 1: yes */
static int is_so(const char *dir, const char *question, struct rig_err *err)
{
	AUTO_FREE char *said = NULL;
	int r = git_do(dir, &said, err, "rev-parse", question, NULL);

	return r < 0 ? r : !strcmp(said, "true");
}

static int find_commit(const char *dir, const char *name, bool shallow, char **ret, struct rig_err *err)
{
	AUTO_FREE char *commit = xasprintf("%s^{commit}", name);
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	/* what begins with "-" is a name as well, and a wrong one */
	int r = git_ask(dir, &result, err, "rev-parse", "--verify", "--quiet", "--end-of-options", commit, NULL);

	if (r < 0)
		return r;
	if (!git_succeeded(&result))
		return rig_err_set(err, RIG_USAGE, ENOENT, "there is no commit '%s' in '%s'%s%s", name, dir,
				   shallow ? "; " : "", shallow ? UNSHALLOW : "");
	*ret = xstrndup(result.out, strcspn(result.out, "\n"));
	return 0;
}

/* 0: exit code 1 says no, 1: yes; a repository that git cannot read says neither */
static int yes_or_no(const char *dir, const struct proc_result *result, struct rig_err *err)
{
	AUTO_FREE char *said = NULL;

	if (git_succeeded(result))
		return 1;
	if (WIFEXITED(result->status) && WEXITSTATUS(result->status) == 1)
		return 0;
	said = git_complaint(result);
	return rig_err_set(err, RIG_HOST, EIO, "git cannot follow the history in '%s': %s", dir, said);
}

/* 1: a child of a child of @old is @new */
static int is_ancestor(const char *dir, const char *old, const char *new, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	int r = git_ask(dir, &result, err, "merge-base", "--is-ancestor", old, new, NULL);

	return r < 0 ? r : yes_or_no(dir, &result, err);
}

static int have_ancestor(const char *dir, const char *a, const char *b, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	int r = git_ask(dir, &result, err, "merge-base", a, b, NULL);

	return r < 0 ? r : yes_or_no(dir, &result, err);
}

/* Where neither is the other's ancestor, git tries the commits that both come from first */
static int find_order(struct commits *c, const char *dir, bool named, bool shallow, struct rig_err *err)
{
	int forth = is_ancestor(dir, c->good, c->bad, err), back, related;

	if (forth < 0)
		return forth;
	back = is_ancestor(dir, c->bad, c->good, err);
	if (back < 0)
		return back;
	if (back && !named)
		return rig_err_set(err, RIG_USAGE, EINVAL, "the good end %.12s is newer than the bad end %.12s: turn "
				   "them round, or, if the commit that mended it is wanted, give the two kinds names "
				   "with --term-old and --term-new, such as 'broken' and 'fixed'", c->good, c->bad);
	c->bad_is_new = !back;
	if (forth || back)
		return 0;
	if (shallow)
		return rig_err_set(err, RIG_USAGE, EINVAL, "no history leads from %.12s to %.12s: %s", c->good, c->bad,
				   UNSHALLOW);
	related = have_ancestor(dir, c->good, c->bad, err);
	if (related < 0)
		return related;
	return related ? 0 : rig_err_set(err, RIG_USAGE, EINVAL, "the histories of %.12s and %.12s have nothing in "
					 "common: no commit leads from one to the other", c->good, c->bad);
}

static int count_suspects(struct commits *c, const char *dir, struct rig_err *err)
{
	AUTO_FREE char *text = NULL;
	int r = git_do(dir, &text, err, "rev-list", "--count", commits_new(c), "--not", commits_old(c), NULL);

	if (!r)
		c->suspects = strtoul(text, NULL, 10);
	return r;
}

static int look_for_changes(struct commits *c, const char *dir, struct rig_err *err)
{
	AUTO_FREE char *changes = NULL;
	int r = is_so(dir, "--is-inside-work-tree", err);

	if (r > 0)
		r = git_do(dir, &changes, err, "--no-optional-locks", "status", "--porcelain",
			   "--untracked-files=no", NULL);
	if (r < 0)
		return r;
	c->dirty = changes && *changes;
	return 0;
}

int commits_open(const char *dir, const char *good, const char *bad, bool named, struct commits *ret,
		 struct rig_err *err)
{
	struct commits c = { .dir = xstrdup(dir) };
	int shallow = 0, r;

	r = find_repository(dir, &c.repository, err);
	if (!r)
		r = shallow = is_so(dir, "--is-shallow-repository", err);
	if (r >= 0)
		r = find_commit(dir, good, shallow, &c.good, err);
	if (!r)
		r = find_commit(dir, bad, shallow, &c.bad, err);
	if (!r && !strcmp(c.good, c.bad))
		r = rig_err_set(err, RIG_USAGE, EINVAL, "good '%s' and bad '%s' are the same commit %.12s", good, bad,
				c.good);
	if (!r)
		r = find_order(&c, dir, named, shallow, err);
	if (!r)
		r = count_suspects(&c, dir, err);
	if (!r)
		r = look_for_changes(&c, dir, err);
	if (r < 0) {
		commits_deinit(&c);
		return r;
	}
	*ret = c;
	return 0;
}

int commits_find(const struct commits *c, const char *name, char **ret, struct rig_err *err)
{
	return find_commit(c->dir, name, false, ret, err);
}

int commits_about(const struct commits *c, const char *commit, char **ret, struct rig_err *err)
{
	return git_do(c->repository, ret, err, "show", "--no-patch", "--format=%h (\"%s\")%nAuthor: %an <%ae>%nDate:   %ad",
		      commit, NULL);
}
