/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the cache of kernels.
 *
 *	kernels/lock			held by whoever changes anything
 *	kernels/apt/			private state of apt
 *	kernels/debian/<release>/	boot/, lib/modules/<release>/ and hotrig.json with digests
 *	kernels/damaged/<release>/	set aside when a fresh copy took its place
 *	kernels/linked/<key>/		links to the modules of a build tree, with an index
 *	kernels/built/<key>/		see built.h; objects/, patched/, sources/: build.h, source_package.h
 *	kernels/tmp.*			half-made; whoever gets the lock next removes it
 *
 * A folder appears by rename, whole or not at all.  Reading takes no lock.  Nothing in debian/ is
 * ever removed.
 */
#ifndef RIG_KERNEL_STORE_H
#define RIG_KERNEL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct store;

int store_open(struct store **ret, struct rig_err *err) RIG_CHECKED;
void store_close(struct store *store);	/* unlocks; NULL allowed */

/** store_dir() - absolute path of kernels/, the store's */
const char *store_dir(const struct store *store);

/** store_kernel_dir() - where @release is or would be; caller frees */
char *store_kernel_dir(const struct store *store, const char *release);

/**
 * store_lock() - become the only one who changes the store, and sweep what killed ones left
 * @on_wait: called once when another process has the lock; may be NULL
 * Does nothing when this store has the lock already.
 * Errors: RIG_HOST (-ETIMEDOUT: gave up waiting; -EACCES: read-only for us), RIG_INTERRUPTED.
 */
int store_lock(struct store *store, void (*on_wait)(void *arg, const char *text), void *arg,
	       struct rig_err *err) RIG_CHECKED;

/** store_make_temporary() - a fresh folder to fill, under the lock; caller frees the path */
int store_make_temporary(struct store *store, char **ret, struct rig_err *err) RIG_CHECKED;

/** store_publish() - rename folder @from to @to, making what is above; @to exists: -EEXIST */
int store_publish(const char *from, const char *to, struct rig_err *err) RIG_CHECKED;

/**
 * store_add() - write digests into filled folder @from and make it the copy of @release
 * A damaged copy that is there already is set aside.
 * @package_version: for the record
 */
int store_add(struct store *store, const char *from, const char *release,
	      const char *package_version, struct rig_err *err) RIG_CHECKED;

/**
 * store_verify() - is the copy of @release there and as it was stored?
 * Cheap: sizes of all files, digests of image and config.
 * Errors: -ENOENT: not there; anything else: damaged, the text says how.
 */
int store_verify(const struct store *store, const char *release, struct rig_err *err) RIG_CHECKED;

/** store_list_releases() - add the names of all releases to @ret, oldest first, unchecked */
int store_list_releases(const struct store *store, struct strv *ret,
			struct rig_err *err) RIG_CHECKED;

struct store_entry {
	char *release;
	char *package_version;	/* NULL when damaged */
	char *added;		/* "2026-11-21T02:40:00Z"; NULL when damaged */
	uint64_t size_bytes;
	char *damage;		/* NULL: intact */
};

/** store_list() - the same with what is known of each; free with store_free_list() */
int store_list(const struct store *store, struct store_entry **ret, size_t *ret_n,
	       struct rig_err *err) RIG_CHECKED;
void store_free_list(struct store_entry *entries, size_t n);

#endif
