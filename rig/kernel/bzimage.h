/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bzimage: the setup header of an x86 bzImage (Documentation/arch/x86/boot.rst).
 */
#ifndef RIG_KERNEL_BZIMAGE_H
#define RIG_KERNEL_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define BZIMAGE_HEAD_BYTES 65536	/* boot sector and setup code: 65 sectors at most */

struct bzimage {
	char *version;			/* of the header; NULL when it has none */
	uint64_t payload_offset;	/* in the file */
	uint64_t payload_bytes;		/* 0: unknown */
};

/**
 * bzimage_parse() - check the header in the first @len bytes (up to BZIMAGE_HEAD_BYTES) of @path
 * @file_bytes: size of the whole file, to notice a truncated one
 * Errors: RIG_HOST -EINVAL saying what the file is instead.  Caller frees @ret->version.
 */
int bzimage_parse(const char *path, const unsigned char *head, size_t len, uint64_t file_bytes,
		  struct bzimage *ret, struct rig_err *err) RIG_CHECKED;

/** bzimage_unpack() - the vmlinux inside; caller frees @ret */
int bzimage_unpack(int fd, const struct bzimage *image, char **ret, size_t *ret_len,
		   struct rig_err *err) RIG_CHECKED;

#endif
