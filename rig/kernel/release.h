/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release: names of Debian's signed kernels, such as "6.12.117+deb12-cloud-amd64".  Pure.
 */
#ifndef RIG_KERNEL_RELEASE_H
#define RIG_KERNEL_RELEASE_H

#include <stdbool.h>
#include <stddef.h>

#define RELEASE_PACKAGE_PREFIX	"linux-image-"
#define RELEASE_DEFAULT_FLAVOUR	"cloud-amd64"

struct release {
	size_t base_len;	/* of "6.12.117+deb12" at the start of the name */
	const char *flavour;	/* "cloud-amd64" or "amd64", static */
};

/** release_parse() - false for anything but a signed release of a flavour the rig boots
 *  (-dbg, -unsigned, -rt, meta packages and names unfit for a path are no releases) */
bool release_parse(const char *name, struct release *ret);

/** release_is_bare() - the name of a release without its flavour: "6.1.0-53" */
bool release_is_bare(const char *name);

/** release_known_flavour() - the static name of flavour @text, or NULL */
const char *release_known_flavour(const char *text);

/** release_in_series() - is @name of @series ("6.12") and @flavour? */
bool release_in_series(const char *name, const char *series, const char *flavour);

/** release_compare() - Debian's version order: negative, 0, positive as a is older, same, newer */
int release_compare(const char *a, const char *b);

/** release_is_path_safe() - may the release of any kernel, packaged or not, name a folder? */
bool release_is_path_safe(const char *name);

#endif
