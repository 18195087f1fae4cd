/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmlinux: what an ELF kernel says about itself.
 */
#ifndef RIG_KERNEL_VMLINUX_H
#define RIG_KERNEL_VMLINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct vmlinux {
	char *version;		/* behind "Linux version ", or NULL */
	char *build_id;		/* hex, or NULL */
	char *config;		/* IKCONFIG, or NULL */
	bool pvh;		/* has the Xen note that QEMU boots ELF images by */
};

void vmlinux_deinit(struct vmlinux *v);

/**
 * vmlinux_parse() - read an ELF kernel in memory
 * @path: for messages
 * @elf: the file up to the end of its last segment at least; the section table's place in the
 *	 header is wiped, as it usually lies behind
 * Errors: RIG_HOST -EINVAL: not an x86-64 kernel, or truncated.
 */
int vmlinux_parse(const char *path, char *elf, size_t len, struct vmlinux *ret,
		  struct rig_err *err) RIG_CHECKED;

/** vmlinux_load() - read of an open file just what vmlinux_parse() needs: not gigabytes of debug
 *  information.  Caller frees @ret. */
int vmlinux_load(const char *path, int fd, uint64_t file_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err) RIG_CHECKED;

#endif
