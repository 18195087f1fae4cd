/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill_dax: persistent memory mapped into a program, as a device of device-dax or as a file that a
 * file system keeps on it.  Agent.
 *
 * What is mapped are the pages of the medium themselves, in ZONE_DEVICE; no page cache lies between.
 * All return 0 or a positive errno.
 */
#ifndef RIG_AGENT_FILL_DAX_H
#define RIG_AGENT_FILL_DAX_H

#include <stdint.h>

/** dax_map_device() - the first @bytes of "/dev/dax0.0"; EINVAL when they are no multiple of its alignment */
int dax_map_device(const char *device, uint64_t bytes, uint64_t **ret);

/** dax_mount() - the ext4 of @device at @where, which is made; ENODEV: the kernel has no ext4 built in */
int dax_mount(const char *device, const char *where);
int dax_unmount(const char *where);

/** dax_map_file() - a new file of @bytes below @where; ENOTSUP when the kernel would use its page cache */
int dax_map_file(const char *where, uint64_t bytes, uint64_t **ret);

#endif
