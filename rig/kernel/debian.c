// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/mem.h"
#include "kernel/apt.h"
#include "kernel/debian.h"
#include "kernel/fetcher.h"
#include "kernel/release.h"

static int resolve_release(struct fetcher *f, const char *release, struct rig_err *err)
{
	struct rig_err found;
	int r, state;

	state = store_verify(f->store, release, &found);
	if (!state)
		return 0;
	if (!f->options->may_fetch) {
		*err = found;
		return rig_err_set(err, RIG_HOST, found.eno,
				   "%s: run 'hotrig kernel fetch debian:%s'", found.text, release);
	}
	r = fetcher_lock(f, err);
	if (r < 0)
		return r;
	state = store_verify(f->store, release, &found);
	if (!state)
		return 0;	/* the one we waited for has fetched it */
	if (state == -EUCLEAN)
		fetcher_tell(f, "%s: fetching it anew", found.text);
	r = fetcher_fetch(f, release, err);
	if (r < 0 && state == -EUCLEAN && err->cause == RIG_MISSING)
		return rig_err_set(err, RIG_HOST, EUCLEAN,
				   "%s, and the archive no longer serves it", found.text);
	if (r < 0 && state == -EUCLEAN && err->cause == RIG_HOST)
		return rig_err_set(err, RIG_HOST, err->eno, "%s, and cannot be fetched anew: %s",
				   found.text, err->text);
	if (r < 0 && err->cause == RIG_HOST)
		return rig_err_wrap(err, "cannot fetch kernel '%s'", release);
	return r;
}

static void take_newer(char **newest, const char *release, const struct kernel_spec *spec)
{
	if (!release_in_series(release, spec->series, spec->flavour) ||
	    (*newest && release_compare(release, *newest) <= 0))
		return;
	free(*newest);
	*newest = xstrdup(release);
}

static char *newest_served(const struct fetcher *f, const struct kernel_spec *spec)
{
	AUTO_STRV struct strv served = { 0 };
	char *newest = NULL;

	apt_read_releases(f->apt_dir, &served);
	for (size_t i = 0; i < served.n; i++)
		take_newer(&newest, served.v[i], spec);
	return newest;
}

/* @damaged: one newer than @intact that is not intact, if any.  Checks no more than it must. */
static int newest_cached(const struct fetcher *f, const struct kernel_spec *spec, char **intact,
			 char **damaged, struct rig_err *err)
{
	AUTO_STRV struct strv releases = { 0 };
	int r = store_list_releases(f->store, &releases, err);

	for (size_t i = releases.n; !r && i > 0 && !*intact; i--) {
		const char *release = releases.v[i - 1];
		struct rig_err ignored;

		if (!release_in_series(release, spec->series, spec->flavour))
			continue;
		if (store_verify(f->store, release, &ignored) == 0)
			*intact = xstrdup(release);
		else if (!*damaged)
			*damaged = xstrdup(release);
	}
	return r;
}

static int no_release(const struct fetcher *f, const struct kernel_spec *spec, struct rig_err *err)
{
	if (!f->options->may_fetch)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "no %s kernel of series '%s' is in the cache: run 'hotrig kernel fetch debian:%s:%s'",
				   spec->flavour, spec->series, spec->series, spec->flavour);
	if (f->refresh_failed) {
		*err = f->refresh_err;
		err->cause = RIG_HOST;
		return rig_err_wrap(err, "cannot find a %s kernel of series '%s'", spec->flavour,
				    spec->series);
	}
	return rig_err_set(err, RIG_MISSING, ENOENT,
			   "neither the archive nor the cache has a %s kernel of series '%s'",
			   spec->flavour, spec->series);
}

/* The release to try to have, besides the newest intact one in the cache; NULL: none */
static int wanted_release(struct fetcher *f, const struct kernel_spec *spec, const char *cached,
			  const char *damaged, char **ret, struct rig_err *err)
{
	char *served = NULL;
	int r;

	if (f->options->may_fetch) {
		r = fetcher_refresh(f, false, err);
		if (r < 0)
			return r;
		served = newest_served(f, spec);
		if (!served && !cached) {
			r = fetcher_refresh(f, true, err);
			if (r < 0)
				return r;
			served = newest_served(f, spec);
		}
	}
	if (!served && damaged)
		served = xstrdup(damaged);
	*ret = served;
	return 0;
}

static int resolve_series(struct fetcher *f, const struct kernel_spec *spec, char **ret,
			  struct rig_err *err)
{
	AUTO_FREE char *cached = NULL, *damaged = NULL, *wanted = NULL;
	int r;

	r = newest_cached(f, spec, &cached, &damaged, err);
	if (!r)
		r = wanted_release(f, spec, cached, damaged, &wanted, err);
	if (r < 0)
		return r;
	if (!wanted && !cached)
		return no_release(f, spec, err);
	if (wanted && (!cached || release_compare(wanted, cached) > 0)) {
		r = resolve_release(f, wanted, err);
		if (!r)
			*ret = TAKE_PTR(wanted);
		if (!r || !cached || err->cause == RIG_INTERRUPTED)
			return r;
		fetcher_tell(f, "%s; using kernel %s from the cache", err->text, cached);
	} else if (f->refresh_failed) {
		fetcher_tell(
			f,
			"cannot refresh the list of kernels (%s): using kernel %s from the cache",
			f->refresh_err.text, cached);
	}
	*ret = TAKE_PTR(cached);
	return 0;
}

static struct fetcher new_fetcher(struct store *store, const struct kernel_resolve_options *options)
{
	return (struct fetcher){
		.store = store, .options = options, .apt_dir = xasprintf("%s/apt", store_dir(store)),
	};
}

int debian_resolve(struct store *store, const struct kernel_spec *spec,
		   const struct kernel_resolve_options *options, char **ret, struct rig_err *err)
{
	struct fetcher f __attribute__((cleanup(fetcher_deinit))) = new_fetcher(store, options);
	int r;

	if (spec->kind == KERNEL_SPEC_SERIES)
		return resolve_series(&f, spec, ret, err);
	r = resolve_release(&f, spec->release, err);
	if (!r)
		*ret = xstrdup(spec->release);
	return r;
}

int debian_releases(struct store *store, const struct kernel_resolve_options *options, struct strv *ret,
		    bool *ret_known, struct rig_err *err)
{
	struct fetcher f __attribute__((cleanup(fetcher_deinit))) = new_fetcher(store, options);
	AUTO_STRV struct strv served = { 0 };
	int r = fetcher_refresh(&f, false, err);

	if (!r)
		r = store_list_releases(store, ret, err);
	if (r < 0)
		return r;
	if (f.refresh_failed)
		fetcher_tell(&f, "cannot refresh the list of kernels: %s", f.refresh_err.text);
	apt_read_releases(f.apt_dir, &served);
	for (size_t i = 0; i < served.n; i++)
		strv_add(ret, served.v[i]);
	*ret_known = served.n > 0;
	return 0;
}
