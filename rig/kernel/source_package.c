// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kernel/apt.h"
#include "kernel/fetcher.h"
#include "kernel/source_package.h"

#define UNPACK_MS	(30 * 60 * 1000)

struct source_package {
	struct fetcher f;
	const char *series;
	char *package;		/* "linux-source-6.12" */
	char *above;		/* kernels/sources */
};

static void deinit(struct source_package *p)
{
	fetcher_deinit(&p->f);
	free(p->package);
	free(p->above);
}

static bool is_series(const char *s)
{
	size_t major = strspn(s, "0123456789"),
	       minor = s[major] == '.' ? strspn(s + major + 1, "0123456789") : 0;

	return major && minor && !s[major + 1 + minor] && strlen(s) < 16;
}

/* The newest version in the cache, or NULL */
static char *newest_cached(const struct source_package *p)
{
	AUTO_FREE char *start = xasprintf("%s_", p->series);
	DIR *d = opendir(p->above);
	char *newest = NULL;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *version = e->d_name + strlen(start);

		if (strncmp(e->d_name, start, strlen(start)) ||
		    (newest && strverscmp(version, newest) <= 0))
			continue;
		free(newest);
		newest = xstrdup(version);
	}
	if (d)
		closedir(d);
	return newest;
}

static int run(const struct strv *argv, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	int r = proc_run(argv->v, NULL, NULL, clock_in_ms(UNPACK_MS), &result, err);

	if (!r)
		r = proc_check(&result, argv->v[0], err);
	if (r < 0 && (r == -ENOSPC || strstr(err->text, "No space left")))
		return rig_err_set(
			err, RIG_HOST, ENOSPC,
			"no space left for the source of a kernel: free some, or move the "
			"cache with HOTRIG_CACHE");
	if (r < 0 && err->cause == RIG_TIMEOUT)
		err->cause = RIG_HOST;
	return r;
}

static int open_package(const char *deb, const char *dir, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };

	strv_add(&argv, "dpkg-deb");
	strv_add(&argv, "-x");
	strv_add(&argv, deb);
	strv_add(&argv, dir);
	return run(&argv, err);
}

static int open_archive(const char *archive, const char *tree, struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };

	strv_add(&argv, "tar");
	strv_add(&argv, "-xf");
	strv_add(&argv, archive);
	strv_add(&argv, "-C");
	strv_add(&argv, tree);
	strv_add(&argv, "--strip-components=1");
	strv_add(&argv, "--no-same-owner");
	return run(&argv, err);
}

/* The package holds an archive in turn; apt has checked the one, and with it the other */
static int unpack(const struct source_package *p, const char *tmp, const char *tree,
		  struct rig_err *err)
{
	AUTO_FREE char *deb = NULL, *archive = xasprintf("%s/usr/src/%s.tar.xz", tmp, p->package);
	int r;

	fetcher_tell(&p->f, "downloading package %s", p->package);
	r = apt_download_package(p->f.apt_dir, p->package, tmp, &deb, err);
	if (!r)
		r = io_mkdirs(tree, err);
	if (r < 0)
		return r;
	fetcher_tell(&p->f, "unpacking package %s", p->package);
	r = open_package(deb, tmp, err);
	if (!r && !io_exists(archive))
		r = rig_err_set(err, RIG_HOST, ENOENT, "package '%s' has no '%s'", p->package,
				strrchr(archive, '/') + 1);
	return r < 0 ? r : open_archive(archive, tree, err);
}

static int add_tree(struct source_package *p, const char *to, struct rig_err *err)
{
	AUTO_FREE char *tmp = NULL, *tree = NULL;
	struct rig_err ignored;
	int r;

	r = store_make_temporary(p->f.store, &tmp, err);
	if (r < 0)
		return r;
	tree = xasprintf("%s/tree", tmp);
	r = unpack(p, tmp, tree, err);
	if (!r)
		r = store_publish(tree, to, err);
	if (io_remove_tree(tmp, &ignored) < 0)
		return r;	/* the next holder of the lock sweeps it */
	return r;
}

static int no_version(const struct source_package *p, struct rig_err *err)
{
	if (p->f.refresh_failed) {
		*err = p->f.refresh_err;
		err->cause = RIG_HOST;
		return rig_err_wrap(err, "cannot find package '%s'", p->package);
	}
	return rig_err_set(err, RIG_MISSING, ENOENT, "the archive serves no package '%s'",
			   p->package);
}

static int provide(struct source_package *p, const char *served, char **ret, struct rig_err *err)
{
	AUTO_FREE char *cached = newest_cached(p), *dir = NULL;
	const char *version = served ? served : cached;
	int r = 0;

	if (!version)
		return no_version(p, err);
	if (!served)
		fetcher_tell(&p->f, "the archive serves no source now: using %s from the cache",
			     cached);
	dir = xasprintf("%s/%s_%s", p->above, p->series, version);
	if (!io_exists(dir)) {
		r = fetcher_lock(&p->f, err);
		if (!r && !io_exists(dir))
			r = add_tree(p, dir, err);
	}
	if (!r)
		*ret = TAKE_PTR(dir);
	return r;
}

int source_package_unpack(struct store *store, const char *name,
			  const struct kernel_resolve_options *options, char **ret,
			  struct rig_err *err)
{
	const char *series = name + strlen(SOURCE_PACKAGE_PREFIX);
	struct source_package p __attribute__((cleanup(deinit))) = {
		.f = { .store = store,
		       .options = options,
		       .apt_dir = xasprintf("%s/apt", store_dir(store)) },
		.series = series,
		.package = xasprintf("linux-source-%s", series),
		.above = xasprintf("%s/sources", store_dir(store)),
	};
	AUTO_FREE char *served = NULL;
	int r;

	if (!is_series(series))
		return rig_err_set(err, RIG_USAGE, EINVAL,
				   "'%s' names no source: use debian-source:SERIES, such as "
				   "debian-source:6.12",
				   name);
	r = fetcher_refresh(&p.f, false, err);
	if (!r)
		r = apt_candidate(p.f.apt_dir, p.package, &served, err);
	if (!r && !served && !p.f.refreshed) {
		r = fetcher_refresh(&p.f, true, err);
		if (!r)
			r = apt_candidate(p.f.apt_dir, p.package, &served, err);
	}
	return r < 0 ? r : provide(&p, served, ret, err);
}
