/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel: a kernel that can be booted, and what is known of it.  Level 2.
 *
 * A kernel is named by the user as
 *   debian:6.12                          newest of a series that the archive (or the cache) has
 *   debian:6.12:amd64                    the same, other flavour (cloud-amd64 is the default)
 *   debian:6.1.0-50-cloud-amd64          exactly this release
 *   built:6.12.117-0123456789ab          one that 'hotrig kernel build' has filed
 *   PATH                                 bzImage, vmlinux, or a kernel build tree after `make`
 *   PATH,modules=DIR[,config=FILE]       DIR holds modules.dep or lib/modules/<release>
 * What it can do comes from its config, never from the list of its modules; where the config is
 * unknown, kernel_has() says so and the caller probes in the guest.
 */
#ifndef RIG_KERNEL_KERNEL_H
#define RIG_KERNEL_KERNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct kernel {
	char *spec;		/* as the user named it */
	char *image;		/* path of bzImage or vmlinux */
	char *image_sha256;
	char *modules; /* folder with modules.dep.bin and friends; NULL: none */
	char *release; /* "6.12.117+deb12-cloud-amd64"; of modules and banner */
	char *version; /* whole banner text where known: "6.12.117+... (builder) #1 SMP ..." */
	char *build_id; /* hex, NULL when unknown */
	char *config; /* text of the config, NULL when unknown */
	char *config_source; /* "package", "IKCONFIG", "file", "build tree" */
	bool packaged; /* from the archive: has a lineage, so known bugs may apply */
	bool pvh; /* image is an ELF vmlinux with a PVH note */
};

enum kernel_feature { KERNEL_NO, KERNEL_MODULE, KERNEL_BUILTIN, KERNEL_UNKNOWN };

struct kernel_resolve_options {
	bool may_fetch;		/* false: cache and files only */
	void (*progress)(void *arg, const char *text);	/* may be NULL */
	void *progress_arg;
};

/**
 * kernel_resolve() - make the kernel named @spec ready to boot, fetching it if it must
 * Errors: RIG_USAGE for a malformed name; RIG_MISSING with -ENOENT for a release that the
 * archive no longer serves and the cache has not; RIG_HOST for everything else (unreadable file,
 * not a kernel image, no network, damaged cache that could not be mended).
 */
int kernel_resolve(const char *spec, const struct kernel_resolve_options *options,
		   struct kernel **ret, struct rig_err *err) RIG_CHECKED;
void kernel_destroy(struct kernel *k);

/** kernel_option() - CONFIG_@name (without prefix): builtin, module, no, or unknown */
enum kernel_feature kernel_option(const struct kernel *k, const char *name);

/** kernel_identity() - {spec, release, version, build_id, config_source, config_sha256, image,
 *  image_sha256}; unknown ones are left out.  New reference. */
json_t *kernel_identity(const struct kernel *k);

#endif
