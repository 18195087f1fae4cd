// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample_repository.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/proc.h"

char *sample_repository_at(void **state, const char *name)
{
	return xasprintf("%s/%s", (char *)*state, name);
}

int sample_repository_set_up(void **state)
{
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");
	AUTO_FREE char *cache = NULL, *repo = NULL;

	assert_non_null(mkdtemp(dir));
	*state = dir;
	cache = sample_repository_at(state, "cache");
	repo = sample_repository_at(state, "repo");
	setenv("HOTRIG_CACHE", cache, 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "A", 1);
	setenv("GIT_AUTHOR_EMAIL", "a@example.org", 1);
	setenv("GIT_COMMITTER_NAME", "A", 1);
	setenv("GIT_COMMITTER_EMAIL", "a@example.org", 1);
	setenv("SAMPLE_MINUTE", "0", 1);
	free(sample_repository_git(state, ".", "init", "--quiet", "--initial-branch=main", repo, NULL));
	return 0;
}

int sample_repository_tear_down(void **state)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(*state, &err), 0);
	free(*state);
	return 0;
}

char *sample_repository_git(void **state, const char *where, ...)
{
	AUTO_FREE char *dir = sample_repository_at(state, where);
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	struct rig_err err;
	const char *arg;
	va_list ap;

	strv_add(&argv, "git");
	va_start(ap, where);
	while ((arg = va_arg(ap, const char *)))
		strv_add(&argv, arg);
	va_end(ap);
	if (proc_run(argv.v, NULL, dir, clock_in_ms(60000), &result, &err) < 0)
		fail_msg("%s", err.text);
	if (result.status)
		fail_msg("git %s: %s%s", argv.v[1], result.out, result.errout);
	return xstrndup(result.out, result.out_len - (result.out_len && result.out[result.out_len - 1] == '\n'));
}

/* The clock of commits */
static void tick(void)
{
	int minute = atoi(getenv("SAMPLE_MINUTE")) + 1;
	AUTO_FREE char *date = xasprintf("@%d +0000", 1700000000 + minute * 60), *next = xasprintf("%d", minute);

	setenv("GIT_AUTHOR_DATE", date, 1);
	setenv("GIT_COMMITTER_DATE", date, 1);
	setenv("SAMPLE_MINUTE", next, 1);
}

char *sample_repository_commit(void **state, const char *name, const char *text)
{
	AUTO_FREE char *below = xasprintf("repo/%s", name), *path = sample_repository_at(state, below);

	sample_store_text(path, text);
	tick();
	free(sample_repository_git(state, "repo", "add", name, NULL));
	free(sample_repository_git(state, "repo", "commit", "--quiet", "--allow-empty", "-m", text, NULL));
	return sample_repository_git(state, "repo", "rev-parse", "HEAD", NULL);
}

char *sample_repository_merge(void **state, const char *other)
{
	tick();
	free(sample_repository_git(state, "repo", "merge", "--quiet", "--no-ff", "-m", "merge", other, NULL));
	return sample_repository_git(state, "repo", "rev-parse", "HEAD", NULL);
}

char *sample_repository_worktree(void **state)
{
	AUTO_FREE char *list = sample_repository_git(state, "repo", "worktree", "list", "--porcelain", NULL);
	const char *second = strstr(list, "\n\nworktree ");

	assert_non_null(second);
	second += strlen("\n\nworktree ");
	return xstrndup(second, strcspn(second, "\n"));
}
