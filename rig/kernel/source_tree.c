// SPDX-License-Identifier: GPL-2.0-or-later
#include <fts.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kernel/release.h"
#include "kernel/source_tree.h"

#define GIT_MS			(5 * 60 * 1000)
#define MAX_MAKEFILE_BYTES	(1u << 20)

void source_tree_deinit(struct source_tree *t)
{
	free(t->dir);
	free(t->version);
	*t = (struct source_tree){ 0 };
}

static bool has(const char *dir, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

	return io_exists(path);
}

/* "VERSION = 6" in the first lines of the Makefile; caller frees */
static char *makefile_value(const char *text, const char *key)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;

		line += *line == '\n';
		if (strncmp(line, key, strlen(key)))
			continue;
		value = line + strlen(key);
		value += strspn(value, " \t");
		if (*value == '=') {
			value++;
			value += strspn(value, " \t");
			return xstrndup(value, strcspn(value, " \t\r\n"));
		}
	}
	return NULL;
}

static int read_version(const char *dir, char **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/Makefile", dir), *text = NULL, *major = NULL,
		       *minor = NULL, *sub = NULL, *extra = NULL, *version = NULL;
	struct rig_err no_makefile;

	if (io_read_file(path, MAX_MAKEFILE_BYTES, &text, NULL, &no_makefile) == 0) {
		major = makefile_value(text, "VERSION");
		minor = makefile_value(text, "PATCHLEVEL");
		sub = makefile_value(text, "SUBLEVEL");
		extra = makefile_value(text, "EXTRAVERSION");
	}
	if (major && minor && sub)
		version = xasprintf("%s.%s.%s%s", major, minor, sub, extra ? extra : "");
	if (!version || !release_is_path_safe(version) || !has(dir, "Kconfig") ||
	    !has(dir, "arch/x86/Kconfig") || !has(dir, "scripts/kconfig"))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' is no kernel tree: its top has no Makefile with VERSION, "
				   "Kconfig, arch/x86 and scripts/kconfig",
				   dir);
	*ret = TAKE_PTR(version);
	return 0;
}

/* The kernel's makefiles refuse to build such a tree elsewhere */
static int check_clean(const char *dir, struct rig_err *err)
{
	static const char *const traces[] = { ".config", "include/config",
					      "arch/x86/include/generated" };

	for (size_t i = 0; i < ARRAY_SIZE(traces); i++)
		if (has(dir, traces[i]))
			return rig_err_set(err, RIG_HOST, EINVAL,
					   "tree '%s' has been built in place (it has '%s'): run "
					   "'make mrproper' there, or name a copy",
					   dir, traces[i]);
	return 0;
}

static void add_text(SHA2_CTX *ctx, const char *text, size_t len)
{
	SHA256Update(ctx, (const unsigned char *)text, len);
}

static void add_stat(SHA2_CTX *ctx, const char *name, const struct stat *st)
{
	AUTO_FREE char *line = xasprintf("%s %o %lld %lld.%09ld\n", name, st->st_mode,
					 (long long)st->st_size, (long long)st->st_mtim.tv_sec,
					 st->st_mtim.tv_nsec);

	add_text(ctx, line, strlen(line));
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A folder's own size and time say nothing: an editor's file that came and went changes them */
static int digest_files(const char *dir, SHA2_CTX *ctx, struct rig_err *err)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *e;
	int r = 0;

	while (!r && fts && (e = fts_read(fts))) {
		if (e->fts_level == 1 && !strcmp(e->fts_name, ".git"))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info == FTS_F || e->fts_info == FTS_SL || e->fts_info == FTS_SLNONE)
			add_stat(ctx, e->fts_path + strlen(dir), e->fts_statp);
		else if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR || e->fts_info == FTS_NS)
			r = rig_err_set(err, RIG_HOST, e->fts_errno, "cannot read '%s': %s",
					e->fts_path, strerror(e->fts_errno));
		if (!r && loop_interrupted())
			r = rig_err_set(err, RIG_INTERRUPTED, EINTR,
					"interrupted while looking at '%s'", dir);
	}
	if (!fts)
		r = rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", dir, strerror(errno));
	else
		fts_close(fts);
	return r;
}

/* -ENODATA, with no error to tell: git is not there or will not have it */
static int add_git(const char *dir, SHA2_CTX *ctx, const char *const args[],
		   struct proc_result *ret, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };
	int r;

	strv_add(&argv, "git");
	strv_add(&argv, "--no-optional-locks");
	for (size_t i = 0; args[i]; i++)
		strv_add(&argv, args[i]);
	r = proc_run(argv.v, NULL, dir, clock_in_ms(GIT_MS), ret, err);
	if (r < 0)
		return err->cause == RIG_INTERRUPTED ? r : -ENODATA;
	if (!WIFEXITED(ret->status) || WEXITSTATUS(ret->status))
		return -ENODATA;
	add_text(ctx, ret->out, ret->out_len);
	return 0;
}

/* What git does not know and does not ignore is part of the tree as well */
static void add_unknown(const char *dir, SHA2_CTX *ctx, const struct proc_result *list)
{
	for (const char *name = list->out; name < list->out + list->out_len;
	     name += strlen(name) + 1) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, name);
		struct stat st = { 0 };

		if (lstat(path, &st) == 0)
			add_stat(ctx, name, &st);
	}
}

static int digest_git(const char *dir, SHA2_CTX *ctx, struct rig_err *err)
{
	static const char *const commit[] = { "rev-parse", "HEAD^{tree}", NULL };
	static const char *const diff[] = {
		"diff", "HEAD", "--binary", "--no-ext-diff", "--no-color", "--no-textconv", NULL
	};
	static const char *const unknown[] = { "ls-files", "--others", "--exclude-standard", "-z",
					       NULL };
	const char *const *const all[] = { commit, diff, unknown };
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(all); i++) {
		AUTO_PROC_RESULT struct proc_result result = { 0 };

		r = add_git(dir, ctx, all[i], &result, err);
		if (!r && all[i] == unknown)
			add_unknown(dir, ctx, &result);
	}
	return r;
}

static int digest_tree(const char *dir, char hex[65], struct rig_err *err)
{
	SHA2_CTX ctx;
	int r = -ENODATA;

	SHA256Init(&ctx);
	if (has(dir, ".git"))
		r = digest_git(dir, &ctx, err);
	if (r == -ENODATA) {
		SHA256Init(&ctx);
		r = digest_files(dir, &ctx, err);
	}
	SHA256End(&ctx, hex);
	return r;
}

/* As digest_git() has it when nothing differs */
static void digest_clean(const char *tree_id, char hex[65])
{
	AUTO_FREE char *text = xasprintf("%s\n", tree_id);

	io_sha256_hex(text, strlen(text), hex);
}

static int look(const char *path, const char *clean, struct source_tree *ret, struct rig_err *err)
{
	struct source_tree t = { .dir = realpath(path, NULL) };
	struct stat st;
	int r;

	if (!t.dir || stat(t.dir, &st) < 0)
		r = rig_err_set(err, RIG_USAGE, errno, "cannot open kernel tree '%s': %s", path,
				strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		r = rig_err_set(err, RIG_USAGE, ENOTDIR, "'%s' is no kernel tree: it is no folder",
				path);
	else
		r = read_version(t.dir, &t.version, err);
	if (!r)
		r = check_clean(t.dir, err);
	if (!r && clean)
		digest_clean(clean, t.state);
	else if (!r)
		r = digest_tree(t.dir, t.state, err);
	if (r < 0) {
		source_tree_deinit(&t);
		return r;
	}
	*ret = t;
	return 0;
}

int source_tree_open(const char *path, struct source_tree *ret, struct rig_err *err)
{
	return look(path, NULL, ret, err);
}

int source_tree_open_clean(const char *path, const char *tree_id, struct source_tree *ret,
			   struct rig_err *err)
{
	return look(path, tree_id, ret, err);
}
