/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module_tree: folders of modules as depmod leaves them.
 */
#ifndef RIG_KERNEL_MODULE_TREE_H
#define RIG_KERNEL_MODULE_TREE_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/store.h"

/** module_tree_is_indexed() - has @dir a modules.dep.bin? */
bool module_tree_is_indexed(const char *dir);

/** module_tree_index() - run depmod on @base/lib/modules/@release */
int module_tree_index(const char *base, const char *release, struct rig_err *err) RIG_CHECKED;

/**
 * module_tree_from_build() - index the modules of kernel build tree @tree
 * The tree is not touched: a folder of links in the store gets the index.
 * @ret: the folder; NULL when the tree has no modules.  Caller frees.
 * Errors: RIG_HOST, also when a module in modules.order was not built.
 */
int module_tree_from_build(struct store *store, const char *tree, const char *release,
			   const struct kernel_resolve_options *options, char **ret,
			   struct rig_err *err) RIG_CHECKED;

/** module_tree_from_folder() - the same for all modules below @dir, which lacks an index */
int module_tree_from_folder(struct store *store, const char *dir, const char *release,
			    const struct kernel_resolve_options *options, char **ret,
			    struct rig_err *err) RIG_CHECKED;

#endif
