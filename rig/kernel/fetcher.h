/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetcher: from the archive into the store, with at most one refresh of the lists.
 */
#ifndef RIG_KERNEL_FETCHER_H
#define RIG_KERNEL_FETCHER_H

#include "kernel/kernel.h"
#include "kernel/store.h"

struct fetcher {
	struct store *store;
	const struct kernel_resolve_options *options;
	char *apt_dir;			/* owned */
	bool refreshed;			/* the lists are as new as they get in this run */
	bool refresh_failed;
	struct rig_err refresh_err;	/* why */
};

void fetcher_deinit(struct fetcher *f);

/** fetcher_tell() - one line of progress for the caller's caller */
void fetcher_tell(const struct fetcher *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

int fetcher_lock(struct fetcher *f, struct rig_err *err) RIG_CHECKED;

/**
 * fetcher_refresh() - fetch the lists unless they are fresh or it was done before
 * Only ^C is an error: with lists from last week, or with a kernel in the cache, one can go on
 * without a network, and whoever cannot reports refresh_err.
 */
int fetcher_refresh(struct fetcher *f, bool even_if_fresh, struct rig_err *err) RIG_CHECKED;

/** fetcher_fetch() - put @release into the store; under the lock.  RIG_MISSING: not served */
int fetcher_fetch(struct fetcher *f, const char *release, struct rig_err *err) RIG_CHECKED;

#endif
