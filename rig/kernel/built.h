/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * built: kernels made from source, in the store.  Level 2.
 *
 *	kernels/built/<key>/	vmlinux or bzImage, config, build.log, identity.json
 *
 * The key is "<version>-<digest>", of source, patches, wanted config and compiler: the same key is the
 * same kernel.  A folder appears whole or not at all.  Those used last are kept, and all that were used within
 * a day; the time of identity.json is that of the last use.
 */
#ifndef RIG_KERNEL_BUILT_H
#define RIG_KERNEL_BUILT_H

#include <jansson.h>
#include <stdbool.h>

#include "kernel/kernel.h"
#include "kernel/store.h"

#define BUILT_PREFIX "built:"

/** built_key_is_valid() - may @key name a folder? */
bool built_key_is_valid(const char *key);

bool built_is_there(const struct store *store, const char *key);

/** built_image() - path of the image of @key; caller frees */
char *built_image(const struct store *store, const char *key);

struct built_parts {
	const char *image, *config, *log;	/* paths */
	bool image_is_elf;
	bool strip;		/* of debug information; its BTF stays */
	json_t *identity;	/* gets the image's digest */
};

/** built_add() - file them as @key, and drop what is too much; under the store's lock; there already: nothing */
int built_add(struct store *store, const char *key, const struct built_parts *parts,
	      struct rig_err *err) RIG_CHECKED;

/** built_fill() - image and config of @key into @k, which is a use; RIG_HOST: not there, or damaged */
int built_fill(const struct store *store, const char *key, struct kernel *k, struct rig_err *err)
	RIG_CHECKED;

/** built_list() - add the keys of all to @ret, by name */
void built_list(const struct store *store, struct strv *ret);

#endif
