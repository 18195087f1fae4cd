// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "bisect/marks.h"

#define NO_CHECKOUT "'--no-checkout' "

/* git-bisect(1) has no words for them but its texts and exit codes */
enum { GIT_ALL_SKIPPED = 2, GIT_MERGE_BASE_IS_BAD = 3 };

/* "<id> is the first bad commit" */
static bool is_found(const char *text)
{
	for (; text; text = strchr(text, '\n')) {
		size_t len;

		text += *text == '\n';
		for (len = 0; isxdigit((unsigned char)text[len]); len++)
			;
		if (len >= 40 && !strncmp(text + len, " is the first ", strlen(" is the first ")))
			return true;
	}
	return false;
}

static int read_next(struct marks *m, struct rig_err *err)
{
	AUTO_FREE char *id = NULL;
	int r = git_do(m->dir, &id, err, "rev-parse", "--verify", "BISECT_HEAD", NULL);

	if (!r && strlen(id) > GIT_ID_MAX)
		r = rig_err_set(err, RIG_HOST, EBADMSG, "git names a commit '%s'", id);
	if (!r)
		snprintf(m->next, sizeof(m->next), "%s", id);
	return r;
}

static int take_answer(struct marks *m, const struct proc_result *result, struct rig_err *err)
{
	AUTO_FREE char *said = NULL;
	int code = WIFEXITED(result->status) ? WEXITSTATUS(result->status) : -1;

	if (code == GIT_ALL_SKIPPED)
		m->state = MARKS_ALL_SKIPPED;
	else if (code == GIT_MERGE_BASE_IS_BAD)
		m->state = MARKS_OLD_IS_NEW;
	else if (!code && is_found(result->out))
		m->state = MARKS_FOUND;
	else if (!code)
		m->state = MARKS_NEXT;
	else
		said = git_complaint(result);
	if (said)
		return rig_err_set(err, RIG_HOST, EIO, "'git bisect' failed in '%s': %s", m->dir, said);
	return m->state == MARKS_NEXT ? read_next(m, err) : 0;
}

int marks_begin(struct marks *m, const char *old, const char *new, struct rig_err *err)
{
	AUTO_FREE char *term_old = xasprintf("--term-old=%s", m->term_old),
		       *term_new = xasprintf("--term-new=%s", m->term_new);
	AUTO_PROC_RESULT struct proc_result start = { 0 };
	bool plain = !strcmp(m->term_old, "good") && !strcmp(m->term_new, "bad");
	int r;

	if (plain)	/* git does not let its own words be said */
		r = git_ask(m->dir, &start, err, "bisect", "start", "--no-checkout", new, old, "--", NULL);
	else
		r = git_ask(m->dir, &start, err, "bisect", "start", "--no-checkout", term_old, term_new, new, old,
			    "--", NULL);
	if (!r)
		r = take_answer(m, &start, err);
	if (r < 0 && strstr(err->text, "term"))
		err->cause = RIG_USAGE;
	return r;
}

int marks_add(struct marks *m, const char *term, const char *commit, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	char before[sizeof(m->next)];
	int r;

	memcpy(before, m->next, sizeof(before));
	r = git_ask(m->dir, &result, err, "bisect", term, commit, NULL);
	if (!r)
		r = take_answer(m, &result, err);
	if (!r && m->state == MARKS_NEXT && !strcmp(before, m->next))
		r = rig_err_set(err, RIG_HOST, ELOOP, "git asks for %.12s again", m->next);
	return r;
}

int marks_suspects(const struct marks *m, struct strv *ret, struct rig_err *err)
{
	AUTO_FREE char *new = xasprintf("refs/bisect/%s", m->term_new),
		       *old = xasprintf("--glob=refs/bisect/%s-*", m->term_old), *text = NULL;
	int r = git_do(m->dir, &text, err, "rev-list", "--topo-order", "--reverse", new, "--not", old, NULL);

	if (!r)
		git_lines(text, ret);
	return r;
}

/* A person who replays it wants the commits checked out */
int marks_log(const struct marks *m, char **ret, struct rig_err *err)
{
	AUTO_FREE char *log = NULL;
	char *at;
	int r = git_do(m->dir, &log, err, "bisect", "log", NULL);

	if (r < 0)
		return r;
	at = strstr(log, NO_CHECKOUT);
	if (at)
		memmove(at, at + strlen(NO_CHECKOUT), strlen(at + strlen(NO_CHECKOUT)) + 1);
	*ret = xasprintf("%s\n", log);
	return 0;
}
