/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apt: the host's package archive, read through a state of our own, so that nothing is installed,
 * no root is needed and the host's own lists stay as they are.
 *
 * The caller holds the store's lock, but for apt_read_releases() and apt_lists_are_fresh().
 */
#ifndef RIG_KERNEL_APT_H
#define RIG_KERNEL_APT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

/** apt_lists_are_fresh() - were the lists below folder @dir fetched within the last six hours? */
bool apt_lists_are_fresh(const char *dir);

/** apt_read_releases() - add to @ret the kernel releases served when the lists were last fetched */
void apt_read_releases(const char *dir, struct strv *ret);

/**
 * apt_refresh() - fetch the lists of packages from the host's sources
 * Where only some sources fail, what the others serve is known, but the lists count as stale.
 * Errors: RIG_HOST, RIG_INTERRUPTED.
 */
int apt_refresh(const char *dir, struct rig_err *err) RIG_CHECKED;

/**
 * apt_candidate() - the version of @package that would be downloaded; @ret: NULL when none is served
 * The version is safe as part of a path.  Caller frees @ret.
 */
int apt_candidate(const char *dir, const char *package, char **ret, struct rig_err *err) RIG_CHECKED;

/** apt_download_package() - put the file of @package into folder @to; @ret: its path */
int apt_download_package(const char *dir, const char *package, const char *to, char **ret,
			 struct rig_err *err) RIG_CHECKED;

/** apt_download() - put the package file of kernel @release into folder @to; @ret: its path */
int apt_download(const char *dir, const char *release, const char *to, char **ret,
		 struct rig_err *err) RIG_CHECKED;

#endif
