// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "bisect/by_hand.h"
#include "bisect/git_command.h"

#define MAX_LOG_BYTES	(16u << 20)
#define COMMAND		"git bisect "

static int add(const struct git_bisect *g, struct journal *j, const char *commit, enum verdict v, const char *reason,
	       struct rig_err *err)
{
	if (!strcmp(commit, g->commits->good) || !strcmp(commit, g->commits->bad) || journal_tested(j, commit))
		return 0;
	return journal_add(j, json_pack("{ssssso}", "tested", commit, "verdict", verdict_name(v), "reason",
					journal_text(reason)), err);
}

int by_hand_skip(const struct git_bisect *g, struct journal *j, const char *name, struct rig_err *err)
{
	AUTO_FREE char *commit = NULL;
	int r = commits_find(g->commits, name, &commit, err);

	if (r < 0)
		return r;
	if (!strcmp(commit, g->commits->good) || !strcmp(commit, g->commits->bad))
		return rig_err_set(err, RIG_USAGE, EINVAL, "'%s' is an end, which must be tested: it cannot be skipped",
				   name);
	return add(g, j, commit, VERDICT_SKIP, "to be skipped, as asked", err);
}

/* 1: @term is a mark, of which @ret is the verdict */
static bool find_verdict(const struct git_bisect *g, const char *term, enum verdict *ret)
{
	bool is_new = !strcmp(term, g->term_new);

	if (!strcmp(term, "skip")) {
		*ret = VERDICT_SKIP;
		return true;
	}
	*ret = is_new == g->commits->bad_is_new ? VERDICT_BAD : VERDICT_GOOD;
	return is_new || !strcmp(term, g->term_old);
}

/* "git bisect good 0123..." */
static int add_line(const struct git_bisect *g, struct journal *j, const char *line, const char *reason,
		    struct rig_err *err)
{
	char term[64], name[GIT_ID_MAX + 1], more;
	AUTO_FREE char *commit = NULL;
	enum verdict v;
	int r;

	if (*line == '#' || !strncmp(line, COMMAND "start", strlen(COMMAND "start")))
		return 0;
	if (sscanf(line, COMMAND "%63s %64s %c", term, name, &more) != 2 || !find_verdict(g, term, &v))
		return rig_err_set(err, RIG_USAGE, EINVAL, "this is no line of a 'git bisect log' with the terms '%s' and "
				   "'%s': '%.80s'", g->term_old, g->term_new, line);
	r = commits_find(g->commits, name, &commit, err);
	return r < 0 ? r : add(g, j, commit, v, reason, err);
}

int by_hand_replay(const struct git_bisect *g, struct journal *j, const char *path, struct rig_err *err)
{
	AUTO_FREE char *text = NULL, *reason = xasprintf("as '%s' says", path);
	AUTO_STRV struct strv lines = { 0 };
	int r = io_read_file(path, MAX_LOG_BYTES, &text, NULL, err);

	if (r < 0) {
		err->cause = RIG_USAGE;
		return r;
	}
	git_lines(text, &lines);
	for (size_t i = 0; i < lines.n && !r; i++)
		r = add_line(g, j, lines.v[i], reason, err);
	return r;
}
