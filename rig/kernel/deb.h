/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deb: take the kernel out of a Debian package without installing it.
 */
#ifndef RIG_KERNEL_DEB_H
#define RIG_KERNEL_DEB_H

#include "base/err.h"

/**
 * deb_unpack() - unpack boot/ and lib/modules/ of package file @deb_path below folder @dir
 * usr/lib/modules is put into lib/modules.  @dir exists and is the caller's alone; on failure it
 * is left half filled, for the caller to remove.  Only regular files are taken.
 */
int deb_unpack(const char *deb_path, const char *dir, struct rig_err *err) RIG_CHECKED;

#endif
