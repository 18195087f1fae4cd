/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io: whole files and folders on the host, with named errors.  Level 0.
 */
#ifndef RIG_IO_H
#define RIG_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * io_read_file() - read a whole file
 * @max_bytes: more than that is -EFBIG
 * @ret: allocated, one NUL byte behind the content; caller frees
 * @ret_len: content length; may be NULL
 */
int io_read_file(const char *path, size_t max_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err) RIG_CHECKED;

/** io_write_all() - write everything; short writes are continued; 0 or -errno, no text */
int io_write_all(int fd, const void *data, size_t len) RIG_CHECKED;

/**
 * io_write_file() - write beside @path, fsync, rename over it: readers see old or new, never half
 * The temporary name ends in ".tmp.<pid>", which sweepers know.
 */
int io_write_file(const char *path, const void *data, size_t len, struct rig_err *err) RIG_CHECKED;

/** io_mkdirs() - make @path and what is missing above it; existing is fine */
int io_mkdirs(const char *path, struct rig_err *err) RIG_CHECKED;

/** io_remove_tree() - remove a file or a folder with all in it, not following links; absent is fine */
int io_remove_tree(const char *path, struct rig_err *err) RIG_CHECKED;

bool io_exists(const char *path);

/** io_cache_dir() - the rig's cache: $HOTRIG_CACHE, else $XDG_CACHE_HOME/hotrig, else
 *  ~/.cache/hotrig, with @sub appended when not NULL; created.  Caller frees @ret. */
int io_cache_dir(const char *sub, char **ret, struct rig_err *err) RIG_CHECKED;

/** io_sha256_hex() - digest of memory, 64 hex digits and NUL into @hex[65] */
void io_sha256_hex(const void *data, size_t len, char hex[65]);

#endif
