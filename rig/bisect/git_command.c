// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "bisect/git_command.h"

#define PATIENCE_MS	(30 * 60 * 1000)	/* to check out a kernel on a slow disk */

/* Without a value: not to be there.  All that `git rev-parse --local-env-vars` has, and what would ask or page. */
static const char *const environment[] = {
	"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
	"GIT_GRAFT_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE",
	"GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES",
	"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat", "GIT_EDITOR=true", NULL
};

/*
 * A bisect in another worktree is none of the hooks' business, and all of the tree is wanted.  A file is written
 * anew, and compiled, when its inode was merely touched, by a backup or a link: not for that.
 */
static const char *const settings[] = {
	"core.trustctime=false",
	"core.hooksPath=/dev/null", "core.fsmonitor=false", "core.sparseCheckout=false", "gc.auto=0",
	"maintenance.auto=false", "submodule.recurse=false", "advice.detachedHead=false", "color.ui=false",
	"i18n.logOutputEncoding=UTF-8", "log.showSignature=false",
};

static int run(const char *dir, const struct strv *args, struct proc_result *ret, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };
	int r;

	strv_add(&argv, "git");
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		strv_add(&argv, "-c");
		strv_add(&argv, settings[i]);
	}
	for (size_t i = 0; i < args->n; i++)
		strv_add(&argv, args->v[i]);
	r = proc_run(argv.v, (char *const *)environment, dir, clock_in_ms(PATIENCE_MS), ret, err);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT, "there is no program 'git': install package 'git'");
	return r < 0 && err->cause == RIG_TIMEOUT
		       ? rig_err_set(err, RIG_HOST, ETIMEDOUT, "'git %s' does not come to an end", args->v[0])
		       : r;
}

static void take_args(struct strv *args, va_list ap)
{
	const char *arg;

	while ((arg = va_arg(ap, const char *)))
		strv_add(args, arg);
}

int git_ask(const char *dir, struct proc_result *ret, struct rig_err *err, ...)
{
	AUTO_STRV struct strv args = { 0 };
	va_list ap;

	va_start(ap, err);
	take_args(&args, ap);
	va_end(ap);
	return run(dir, &args, ret, err);
}

int git_do_argv(const char *dir, const struct strv *args, char **ret, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_FREE char *said = NULL;
	int r = run(dir, args, &result, err);

	if (r < 0)
		return r;
	if (!git_succeeded(&result)) {
		said = git_complaint(&result);
		return rig_err_set(err, RIG_HOST, EIO, "'git %s' failed in '%s': %s", args->v[0], dir, said);
	}
	if (ret) {
		if (result.out_len && result.out[result.out_len - 1] == '\n')
			result.out[result.out_len - 1] = '\0';
		*ret = TAKE_PTR(result.out);
	}
	return 0;
}

int git_do(const char *dir, char **ret, struct rig_err *err, ...)
{
	AUTO_STRV struct strv args = { 0 };
	va_list ap;

	va_start(ap, err);
	take_args(&args, ap);
	va_end(ap);
	return git_do_argv(dir, &args, ret, err);
}

bool git_succeeded(const struct proc_result *r)
{
	return WIFEXITED(r->status) && !WEXITSTATUS(r->status);
}

/* The first line that is no hint; a bisect tells on stdout what is wrong with the ends */
char *git_complaint(const struct proc_result *r)
{
	const char *text = *r->errout ? r->errout : r->out;

	if (WIFSIGNALED(r->status))
		return xasprintf("killed by SIG%s", sigabbrev_np(WTERMSIG(r->status)));
	while (!strncmp(text, "hint:", 5) && strchr(text, '\n'))
		text = strchr(text, '\n') + 1;
	for (const char *const *word = (const char *const[]){ "fatal: ", "error: ", NULL }; *word; word++)
		if (!strncmp(text, *word, strlen(*word)))
			text += strlen(*word);
	return *text ? xstrndup(text, strcspn(text, "\n")) : xasprintf("exit code %d", WEXITSTATUS(r->status));
}

void git_lines(const char *text, struct strv *ret)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = xstrndup(text, len);

		if (len)
			strv_add(ret, line);
		text += len + (text[len] == '\n');
	}
}
