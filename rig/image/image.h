/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: the initramfs that the guest runs from.  Level 3, knows kernels, not machines.
 *
 * Holds /init (the static guest agent, which is its own supervisor when it is pid 1), the wanted
 * modules with their closure, unpacked, and a load order in /etc/hotrig/modules, and ndctl and
 * daxctl with the libraries they need.  Same inputs, same bytes; kept in the cache under the
 * digest of its inputs.
 */
#ifndef RIG_IMAGE_IMAGE_H
#define RIG_IMAGE_IMAGE_H

#include <jansson.h>

#include "base/err.h"
#include "kernel/kernel.h"

struct image_spec {
	const char *agent;		/* path of the static agent binary */
	char *const *load;		/* modules that init loads, in this order (closure first);
					 * NULL-terminated; a builtin one is skipped; parameters
					 * may follow after a space */
	char *const *carry;		/* modules put in with their closure, loaded on request */
	char *const *tools;		/* host programs to carry, e.g. "ndctl" */
};

struct image {
	char *path;		/* uncompressed newc archive in the cache */
	char sha256[65];	/* of its bytes */
};

/*
 * In the guest:
 *   /modules/NAME.ko	unpacked, names with '_'
 *   /etc/hotrig/modules	what init loads at boot, in order: lines "PATH[ PARAMETERS]"
 *   /etc/hotrig/carry	per carried module a line "NAME[ PATH]...": its whole closure in load
 *			order, itself last; some may be loaded already; NAME alone is built in
 *   /usr/bin/TOOL	with libraries where its loader looks without an ld.so.cache
 * A kernel without a modules folder has everything built in as far as the image knows.
 */

/**
 * image_build() - make or find the image
 * Errors: RIG_MISSING -ENOENT when the kernel has no such module (text names it); RIG_HOST.
 */
int image_build(const struct kernel *k, const struct image_spec *spec, struct image *ret,
		struct rig_err *err) RIG_CHECKED;
void image_deinit(struct image *image);

/** image_contents() - array of {path, size} in archive order; new reference */
int image_contents(const struct image *image, json_t **ret, struct rig_err *err) RIG_CHECKED;

#endif
