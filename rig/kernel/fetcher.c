// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/apt.h"
#include "kernel/deb.h"
#include "kernel/fetcher.h"
#include "kernel/module_tree.h"

void fetcher_deinit(struct fetcher *f)
{
	free(f->apt_dir);
}

void fetcher_tell(const struct fetcher *f, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	if (!f->options->progress)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	va_end(ap);
	f->options->progress(f->options->progress_arg, text);
}

int fetcher_lock(struct fetcher *f, struct rig_err *err)
{
	return store_lock(f->store, f->options->progress, f->options->progress_arg, err);
}

int fetcher_refresh(struct fetcher *f, bool even_if_fresh, struct rig_err *err)
{
	int r;

	if (f->refreshed || (!even_if_fresh && apt_lists_are_fresh(f->apt_dir)))
		return 0;
	f->refreshed = true;
	r = fetcher_lock(f, &f->refresh_err);
	/* another process may have done it while we waited */
	if (!r && (even_if_fresh || !apt_lists_are_fresh(f->apt_dir))) {
		fetcher_tell(f, "refreshing the list of kernels in the archive");
		r = apt_refresh(f->apt_dir, &f->refresh_err);
	}
	if (r < 0 && f->refresh_err.cause == RIG_INTERRUPTED) {
		*err = f->refresh_err;
		return r;
	}
	f->refresh_failed = r < 0;
	return 0;
}

static bool is_served(const struct fetcher *f, const char *release)
{
	AUTO_STRV struct strv served = { 0 };

	apt_read_releases(f->apt_dir, &served);
	for (size_t i = 0; i < served.n; i++)
		if (!strcmp(served.v[i], release))
			return true;
	return false;
}

/* "linux-image-..._6.12.117-1_amd64.deb": apt writes a colon as %3a, else the version is plain */
static char *version_of_package(const char *deb_path)
{
	const char *start = strrchr(deb_path, '/'), *end;

	start = start ? strchr(start, '_') : NULL;
	end = start ? strchr(start + 1, '_') : NULL;
	return end ? xstrndup(start + 1, (size_t)(end - start - 1)) : xstrdup("unknown");
}

static int check_unpacked(const char *root, const char *release, const char *deb_path,
			  struct rig_err *err)
{
	static const char *const wanted[] = { "boot/vmlinuz-", "boot/config-", "lib/modules/" };

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		AUTO_FREE char *name = xasprintf("%s%s", wanted[i], release);
		AUTO_FREE char *path = xasprintf("%s/%s", root, name);

		if (!io_exists(path))
			return rig_err_set(err, RIG_HOST, ENOENT, "package file '%s' has no '%s'",
					   deb_path, name);
	}
	return 0;
}

static int fill(struct fetcher *f, const char *release, const char *tmp, struct rig_err *err)
{
	AUTO_FREE char *root = xasprintf("%s/root", tmp), *deb = NULL, *version = NULL;
	int r;

	fetcher_tell(f, "downloading kernel %s", release);
	r = apt_download(f->apt_dir, release, tmp, &deb, err);
	if (!r)
		r = io_mkdirs(root, err);
	if (r < 0)
		return r;
	fetcher_tell(f, "unpacking kernel %s", release);
	r = deb_unpack(deb, root, err);
	if (!r)
		r = check_unpacked(root, release, deb, err);
	if (!r)
		r = module_tree_index(root, release, err);
	if (r < 0)
		return r;
	version = version_of_package(deb);
	return store_add(f->store, root, release, version, err);
}

static int fetch_to_temporary(struct fetcher *f, const char *release, struct rig_err *err)
{
	AUTO_FREE char *tmp = NULL;
	struct rig_err ignored;
	int r, removed;

	r = store_make_temporary(f->store, &tmp, err);
	if (r < 0)
		return r;
	r = fill(f, release, tmp, err);
	removed = io_remove_tree(tmp, &ignored);
	(void)removed;		/* what is left, the next holder of the lock sweeps */
	return r;
}

static int not_served(const struct fetcher *f, const char *release, struct rig_err *err)
{
	if (f->refresh_failed) {
		*err = f->refresh_err;
		err->cause = RIG_HOST;
		return -err->eno;
	}
	return rig_err_set(err, RIG_MISSING, ENOENT,
			   "kernel '%s' is not in the cache and the archive no longer serves it: 'hotrig kernel list' shows what is cached",
			   release);
}

/* Lists of some hours ago may name what the archive has dropped since */
int fetcher_fetch(struct fetcher *f, const char *release, struct rig_err *err)
{
	int r;

	r = fetcher_refresh(f, !is_served(f, release), err);
	if (r < 0)
		return r;
	if (!is_served(f, release))
		return not_served(f, release, err);
	r = fetch_to_temporary(f, release, err);
	if (r < 0 && err->cause == RIG_HOST && !f->refreshed) {
		struct rig_err download_err = *err;

		r = fetcher_refresh(f, true, err);
		if (r < 0)
			return r;
		if (!f->refresh_failed && !is_served(f, release))
			return not_served(f, release, err);
		*err = download_err;
		r = -err->eno;
	}
	return r;
}
