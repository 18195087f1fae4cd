/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_digest: hotrig.json, by which a cached kernel is known to be intact.  Used by store only.
 */
#ifndef RIG_KERNEL_STORE_DIGEST_H
#define RIG_KERNEL_STORE_DIGEST_H

#include "base/err.h"
#include "kernel/store.h"

/** store_digest_write() - put hotrig.json into kernel folder @dir; the image must be there */
int store_digest_write(const char *dir, const char *release, const char *package_version,
		       struct rig_err *err) RIG_CHECKED;

/** store_digest_check() - compare @dir with it and fill size, date and version of @ret */
int store_digest_check(const char *dir, const char *release, struct store_entry *ret,
		       struct rig_err *err) RIG_CHECKED;

#endif
