/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec: how the user names a kernel (see kernel.h).  Pure: touches no file.
 */
#ifndef RIG_KERNEL_SPEC_H
#define RIG_KERNEL_SPEC_H

#include "base/err.h"

enum kernel_spec_kind { KERNEL_SPEC_SERIES, KERNEL_SPEC_RELEASE, KERNEL_SPEC_BUILT, KERNEL_SPEC_PATH };

struct kernel_spec {
	enum kernel_spec_kind kind;
	char *series;		/* "6.12"; SERIES only */
	const char *flavour;	/* static; SERIES only */
	char *release;		/* RELEASE only */
	char *key;		/* BUILT only */
	char *path;		/* PATH only, as are the next two */
	char *modules;		/* NULL: look for them */
	char *config;		/* NULL: look for it */
};

/** kernel_spec_parse() - RIG_USAGE -EINVAL when @text names no kernel */
int kernel_spec_parse(const char *text, struct kernel_spec *ret, struct rig_err *err) RIG_CHECKED;
void kernel_spec_deinit(struct kernel_spec *spec);

#endif
