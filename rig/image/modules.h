/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules: which module files a module needs, in load order, from the kernel's own index.  Level 3.
 *
 * Reads modules.dep.bin, modules.builtin.bin and modules.softdep of one modules folder through
 * libkmod, with no modprobe rule of the host in force.  Knows nothing of images.
 */
#ifndef RIG_IMAGE_MODULES_H
#define RIG_IMAGE_MODULES_H

#include <stddef.h>

#include "base/err.h"

struct modules;

/** module files in load order; { 0 } is the empty list, it owns its strings */
struct module_list {
	struct module_file {
		char *name;	/* as the kernel shows it: '_', never '-' */
		char *file;	/* on the host, maybe compressed */
	} *v;
	size_t n, cap;
};

void module_list_deinit(struct module_list *l);
#define AUTO_MODULE_LIST __attribute__((cleanup(module_list_deinit)))

/**
 * modules_open() - open a modules folder
 * @dir: NULL for a kernel without one: each module then counts as built in, and the guest shows
 *       what is really there
 */
int modules_open(const char *dir, struct modules **ret, struct rig_err *err) RIG_CHECKED;
void modules_close(struct modules *m);	/* NULL allowed */

/**
 * modules_closure() - @name and all it needs, softdeps ("pre") included
 * @name: '-' and '_' are equal
 * @ret: a filled list, the module itself last; empty when it is built in
 * Errors: RIG_MISSING -ENOENT when the kernel has no such module.
 */
int modules_closure(struct modules *m, const char *name, struct module_list *ret,
		    struct rig_err *err) RIG_CHECKED;

/** module_name_normalise() - '-' becomes '_'.  Caller frees. */
char *module_name_normalise(const char *name) __attribute__((returns_nonnull));

/**
 * module_unpack() - the ELF object of a .ko, .ko.xz, .ko.zst or .ko.gz
 * @file: for messages
 * @data: content of the file
 */
int module_unpack(const char *file, const void *data, size_t len, char **ret, size_t *ret_len,
		  struct rig_err *err) RIG_CHECKED;

#endif
