/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest: sha256 of files that are looked at again and again, such as kernels and images.
 *
 * Remembered in the cache by what the file system says of the file (device, inode, size, times of
 * change), as git does: what is written to a file shows there, damage of the disk itself does not.
 */
#ifndef RIG_KERNEL_DIGEST_H
#define RIG_KERNEL_DIGEST_H

#include "base/err.h"

/** digest_fd() - of the whole file @fd is open for; @path: for messages */
int digest_fd(const char *path, int fd, char hex[65], struct rig_err *err) RIG_CHECKED;

/** digest_file() - the same for the regular file at @path */
int digest_file(const char *path, char hex[65], struct rig_err *err) RIG_CHECKED;

#endif
