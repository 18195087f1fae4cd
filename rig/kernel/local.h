/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * local: the parts of a kernel that the user names by a path: image, config, modules.
 *
 * The functions are called in this order, facts being read after the image was found; each fills
 * its part of the kernel.
 */
#ifndef RIG_KERNEL_LOCAL_H
#define RIG_KERNEL_LOCAL_H

#include "kernel/kernel.h"
#include "kernel/spec.h"
#include "kernel/store.h"

struct local {
	const struct kernel_spec *spec;
	const struct kernel_resolve_options *options;
	struct store *store;
	bool is_build_tree;	/* set by local_find_image() */
};

int local_find_image(struct local *local, struct kernel *k, struct rig_err *err) RIG_CHECKED;
int local_find_config(const struct local *local, struct kernel *k, struct rig_err *err) RIG_CHECKED;
int local_find_modules(const struct local *local, struct kernel *k,
		       struct rig_err *err) RIG_CHECKED;

/** local_read_config() - text of a config file, plain or compressed; caller frees */
int local_read_config(const char *path, char **ret, struct rig_err *err) RIG_CHECKED;

#endif
