// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "kernel/series.h"

#define MAX_BYTES	(64u << 20)
#define PATCH_MS	(2 * 60 * 1000)

void series_deinit(struct series *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].text);
	}
	free(s->v);
	*s = (struct series){ 0 };
}

static bool holds_diff(const char *text)
{
	return !strncmp(text, "--- ", 4) || !strncmp(text, "diff --git ", 11) ||
	       strstr(text, "\n--- a/") || strstr(text, "\ndiff --git ") ||
	       (strstr(text, "\n--- ") && strstr(text, "\n+++ "));
}

static void add_patch(struct series *s, char *name, char *text)
{
	GROW(s->v, s->n, s->cap);
	s->v[s->n++] = (struct patch){ name, text };
}

/* "From 0123abcd... Mon Sep 17 00:00:00 2001" after an empty line; what a mail cites has '>' in front */
static const char *next_mail(const char *text)
{
	const char *p = strstr(text, "\n\nFrom ");

	while (p && !memchr(p + 7, ':', strcspn(p + 7, "\n")))
		p = strstr(p + 2, "\n\nFrom ");
	return p ? p + 2 : text + strlen(text);
}

/* A subject may go on in lines that begin with a space: the first one is enough of a name */
static char *name_mail(const char *mail, const char *path, size_t number)
{
	static const char key[] = "\nSubject: ";
	const char *head_end = strstr(mail, "\n\n"), *subject = strstr(mail, key);

	if (!subject || (head_end && subject > head_end))
		return number ? xasprintf("%s, mail %zu", path, number + 1) : xstrdup(path);
	subject += strlen(key);
	return xstrndup(subject, strcspn(subject, "\r\n"));
}

static int read_mails(const char *path, struct series *s, struct rig_err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *text = NULL;
	size_t number = 0, len;
	int r = io_read_file(path, MAX_BYTES, &text, &len, err);

	if (r < 0)
		return r;
	for (const char *mail = text, *end; *mail; mail = end, number++) {
		AUTO_FREE char *one = NULL, *name = NULL;

		end = next_mail(mail);
		one = xstrndup(mail, (size_t)(end - mail));
		name = name_mail(one, slash ? slash + 1 : path, number);
		if (holds_diff(one))
			add_patch(s, TAKE_PTR(name), TAKE_PTR(one));
	}
	return 0;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) && !strcmp(name + len - strlen(end), end);
}

static int is_patch(const struct dirent *e)
{
	return *e->d_name != '.' && (ends_in(e->d_name, ".patch") || ends_in(e->d_name, ".diff"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(const char *path, struct series *s, struct rig_err *err)
{
	struct dirent **names;
	int n = scandir(path, &names, is_patch, by_name), r = 0;

	if (n < 0)
		return rig_err_set(err, RIG_USAGE, errno, "cannot read folder '%s': %s", path,
				   strerror(errno));
	for (int i = 0; i < n; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", path, names[i]->d_name), *text = NULL;

		if (!r)
			r = io_read_file(file, MAX_BYTES, &text, NULL, err);
		if (!r && holds_diff(text))
			add_patch(s, xstrdup(names[i]->d_name), TAKE_PTR(text));
		free(names[i]);
	}
	free(names);
	return r;
}

int series_read(const char *path, struct series *ret, struct rig_err *err)
{
	struct series s = { 0 };
	struct stat st;
	SHA2_CTX ctx;
	int r;

	if (stat(path, &st) < 0)
		return rig_err_set(err, RIG_USAGE, errno, "cannot open series '%s': %s", path,
				   strerror(errno));
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "series '%s' is neither a folder nor a file", path);
	r = S_ISDIR(st.st_mode) ? read_folder(path, &s, err) : read_mails(path, &s, err);
	if (!r && !s.n)
		r = rig_err_set(err, RIG_USAGE, EINVAL,
				"series '%s' holds no patch: name a mailbox, or a folder of .patch "
				"files",
				path);
	if (r < 0) {
		series_deinit(&s);
		return r;
	}
	SHA256Init(&ctx);
	for (size_t i = 0; i < s.n; i++)
		SHA256Update(&ctx, (const unsigned char *)s.v[i].text, strlen(s.v[i].text) + 1);
	SHA256End(&ctx, s.digest);
	*ret = s;
	return 0;
}

static bool is_inside(const char *name)
{
	return *name && *name != '/' && strcmp(name, "..") && strncmp(name, "../", 3) &&
	       !strstr(name, "/../");
}

static void add_file(const char *line, struct strv *ret)
{
	static const struct {
		const char *start;
		unsigned int strip;
	} kinds[] = { { "--- ", 1 },
		      { "+++ ", 1 },
		      { "rename from ", 0 },
		      { "rename to ", 0 },
		      { "copy to ", 0 } };
	size_t len = strcspn(line, "\t\r\n");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t skip = strlen(kinds[i].start);
		AUTO_FREE char *name = NULL;
		const char *slash;

		if (len <= skip || strncmp(line, kinds[i].start, skip))
			continue;
		name = xstrndup(line + skip, len - skip);
		slash = kinds[i].strip ? strchr(name, '/') : NULL;
		if (*name != '/' && (slash || !kinds[i].strip) &&
		    is_inside(slash ? slash + 1 : name))
			strv_add(ret, slash ? slash + 1 : name);
	}
}

void series_files(const struct series *s, struct strv *ret)
{
	for (size_t i = 0; i < s->n; i++)
		for (const char *line = s->v[i].text; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			add_file(line, ret);
		}
}

/* patch(1) tells the file it is at, then the hunks that failed in it */
static int does_not_apply(const struct patch *p, const char *said, struct rig_err *err)
{
	static const char at[] = "patching file ";
	char file[256] = "";

	for (const char *line = said; line; line = strchr(line, '\n')) {
		int len;

		line += *line == '\n';
		len = (int)strcspn(line, "\n");
		if (!strncmp(line, at, strlen(at)))
			snprintf(file, sizeof(file), "%.*s", len - (int)strlen(at),
				 line + strlen(at));
		else if (!strncmp(line, "Hunk #", 6) && strstr(line, "FAILED") &&
			 strstr(line, "FAILED") < line + len)
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "patch '%s' does not apply: '%s', %.*s", p->name, file,
					   len, line);
	}
	return rig_err_set(err, RIG_USAGE, EINVAL, "patch '%s' does not apply: %.*s", p->name,
			   (int)strcspn(said, "\n"), said);
}

static int apply_one(const struct patch *p, const char *dir, const char *scratch,
		     struct rig_err *err)
{
	/* exactly, as git am does: a hunk that is only much like it may land in the wrong function */
	static const char *const options[] = { "patch", "-p1", "--batch", "--forward", "--fuzz=0",
					       "--no-backup-if-mismatch", "--reject-file=-", "-i" };
	static const char *const env[] = { "LC_ALL=C", NULL };
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		strv_add(&argv, options[i]);
	strv_add(&argv, scratch);
	r = io_write_file(scratch, p->text, strlen(p->text), err);
	if (!r)
		r = proc_run(argv.v, (char *const *)env, dir, clock_in_ms(PATCH_MS), &result, err);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "cannot run 'patch': install the package patch");
	if (r < 0)
		return r;
	if (strstr(result.errout, "No space left"))
		return rig_err_set(err, RIG_HOST, ENOSPC, "no space left to apply patch '%s'",
				   p->name);
	return WIFEXITED(result.status) && !WEXITSTATUS(result.status)
		       ? 0
		       : does_not_apply(p, *result.out ? result.out : result.errout, err);
}

int series_apply(const struct series *s, const char *dir, const char *scratch, struct rig_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < s->n; i++)
		r = apply_one(&s->v[i], dir, scratch, err);
	unlink(scratch);
	return r;
}
