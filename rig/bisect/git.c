// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "bisect/ends.h"
#include "bisect/git.h"
#include "bisect/marks.h"

#define LOG "bisect.log"

void git_answer_deinit(struct git_answer *a)
{
	free(a->first);
	free(a->last);
	json_decref(a->between);
	free(a->about);
	free(a->log);
	*a = (struct git_answer){ 0 };
}

static int make_kernel(void *arg, const char *commit, struct kernel **ret, struct rig_err *err)
{
	const struct git_bisect *g = arg;
	AUTO_FREE char *tree = NULL;
	int r;

	if (g->on_commit)
		g->on_commit(g->arg, commit);
	r = worktree_checkout(g->worktree, commit, &tree, err);
	return r < 0 ? r : g->build(g->arg, g->worktree, tree, ret, err);
}

struct exam_source git_source(const struct git_bisect *g)
{
	return (struct exam_source){ .kernel = make_kernel, .make_ns = g->make_ns, .arg = (void *)g };
}

/* In git's words, which go by age */
static const char *term_of(const struct git_bisect *g, enum verdict v)
{
	if (v != VERDICT_GOOD && v != VERDICT_BAD)
		return "skip";
	return (v == VERDICT_BAD) == g->commits->bad_is_new ? g->term_new : g->term_old;
}

/* For a person who wants to go on by hand, now or after any end */
static int keep_log(const struct marks *m, const struct exam *e, char **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" LOG, journal_dir(e->journal)), *log = NULL;
	int r = marks_log(m, &log, err);

	if (!r)
		r = io_write_file(path, log, strlen(log), err);
	if (!r && ret)
		*ret = TAKE_PTR(log);
	return r;
}

static int go_on(const struct git_bisect *g, struct exam *e, struct marks *m, struct rig_err *err)
{
	const json_t *line;
	int r = exam_take(e, m->next, false, &line, err);

	if (!r)
		r = marks_add(m, term_of(g, exam_verdict(line)), m->next, err);
	return r < 0 ? r : keep_log(m, e, NULL, err);
}

static bool is_old_kind(const struct git_bisect *g, const struct exam *e, const char *commit)
{
	const json_t *line = journal_tested(e->journal, commit);

	return line && !strcmp(term_of(g, exam_verdict(line)), g->term_old);
}

/* The nearest one that was tried: children come before their parents.  Behind a merge it may be none of the history that is
 * searched, and then it is the end. */
static int find_last(const struct git_bisect *g, const struct exam *e, struct git_answer *a, struct rig_err *err)
{
	AUTO_FREE char *before = xasprintf("%s^@", commits_old(g->commits)), *text = NULL;
	AUTO_STRV struct strv commits = { 0 };
	const char *last = commits_old(g->commits);
	int r = git_do(g->worktree->dir, &text, err, "rev-list", "--topo-order", a->first, "--not", before, NULL);

	if (r < 0)
		return r;
	git_lines(text, &commits);
	for (size_t i = 0; i < commits.n; i++)
		if (is_old_kind(g, e, commits.v[i])) {
			last = commits.v[i];
			break;
		}
	a->last = xstrdup(last);
	return 0;
}

/* The newest suspect is the one that was tried and is of the new kind */
static int find_suspects(const struct exam *e, const struct marks *m, struct git_answer *a, struct rig_err *err)
{
	AUTO_STRV struct strv suspects = { 0 };
	int r = marks_suspects(m, &suspects, err);

	if (r < 0)
		return r;
	if (!suspects.n)
		return rig_err_set(err, RIG_HOST, EBADMSG, "git has no suspects left in '%s'", m->dir);
	a->first = xstrdup(suspects.v[suspects.n - 1]);
	a->between = json_array();
	for (size_t i = 0; i + 1 < suspects.n; i++) {
		const json_t *line = journal_tested(e->journal, suspects.v[i]);
		const char *reason = json_string_value(json_object_get(line, "reason"));

		json_array_append_new(a->between, json_pack("{ssss}", "name", suspects.v[i], "reason",
							    reason ? reason : "not tried"));
	}
	return 0;
}

static int conclude(const struct git_bisect *g, const struct exam *e, const struct marks *m,
		    struct git_answer *ret, struct rig_err *err)
{
	struct git_answer a = { 0 };
	int r;

	if (m->state == MARKS_OLD_IS_NEW)
		return rig_err_set(err, RIG_USAGE, EINVAL, "%.12s, which both ends come from, is '%s' already: between it and "
				   "%.12s there is one that made it '%s'; name it as the other end", m->next, g->term_new,
				   commits_old(g->commits), g->term_old);
	r = find_suspects(e, m, &a, err);
	if (!r)
		r = find_last(g, e, &a, err);
	if (!r)
		r = commits_about(g->commits, a.first, &a.about, err);
	if (!r)
		r = keep_log(m, e, &a.log, err);
	if (r < 0) {
		git_answer_deinit(&a);
		return r;
	}
	*ret = a;
	return 0;
}

int git_search(const struct git_bisect *g, struct exam *e, struct git_answer *ret, struct rig_err *err)
{
	struct marks m = { .dir = g->worktree->dir, .term_old = g->term_old, .term_new = g->term_new };
	int r = marks_begin(&m, commits_old(g->commits), commits_new(g->commits), err);

	if (!r)
		r = ends_check(e, g->commits->good, g->commits->bad, err);
	while (!r && m.state == MARKS_NEXT)
		r = go_on(g, e, &m, err);
	return r < 0 ? r : conclude(g, e, &m, ret, err);
}
