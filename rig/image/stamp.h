/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stamp: remembers which image came of which host files, so that they need not be read again.
 * Level 3, part of image.
 *
 * As make and git do, files are known by what the file system says of them: inode, size, times of
 * change.  Watched are all files that went into the image and those that say which they are: the
 * lists of modules, the loader's cache.  A stamp that does not fit in any way was never there.
 */
#ifndef RIG_IMAGE_STAMP_H
#define RIG_IMAGE_STAMP_H

#include <stdbool.h>

#include "image/parts.h"

/** stamp_find() - digest (of inputs) of the image that was made of the same files last time */
bool stamp_find(const char *dir, const struct kernel *k, const struct image_spec *spec, char digest[65]);
/** stamp_keep() - a cache that cannot be written only costs the next run its time */
void stamp_keep(const char *dir, const struct kernel *k, const struct image_spec *spec,
		const struct parts *parts, const char *digest);

#endif
