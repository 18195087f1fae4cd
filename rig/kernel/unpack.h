/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack: decompress memory (gzip, xz, zstd, lzma, bzip2, lz4, lzo; plain passes through).
 */
#ifndef RIG_KERNEL_UNPACK_H
#define RIG_KERNEL_UNPACK_H

#include <stddef.h>

#include "base/err.h"

/**
 * unpack_bytes() - decompress @len bytes at @data
 * @max_bytes: a result larger than that is -EFBIG
 * @ret: allocated, one NUL byte behind the content; caller frees
 * Errors: RIG_HOST -EINVAL when it does not decompress.
 */
int unpack_bytes(const void *data, size_t len, size_t max_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err) RIG_CHECKED;

#endif
