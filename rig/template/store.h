/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the folder that holds the templates, its names and its limit.  Level 2, part of template.
 */
#ifndef RIG_TEMPLATE_STORE_H
#define RIG_TEMPLATE_STORE_H

#include "template/template.h"

#define MANIFEST "manifest.json"
#define TEMPORARY "tmp."	/* begins the name of a folder that is being made or dropped */
#define TEMPLATE_FORMAT 1

/** store_path() - folder of the templates: $HOTRIG_TEMPLATES, else in the cache; made; caller frees */
int template_store_path(char **ret, struct rig_err *err) RIG_CHECKED;
/** template_store_name() - "<16 digits>-<variant>"; caller frees */
char *template_store_name(const char *key, unsigned int variant);

/** template_store_lock() - become the only one who adds or drops; returns the lock */
int template_store_lock(const char *store, uint64_t until_ns, struct rig_err *err) RIG_CHECKED;

/** template_store_sweep() - under the lock: what killed makers left */
void template_store_sweep(const char *store);

/** template_store_make_room() - under the lock: drop the longest unused until @bytes more fit
 *  -ENOSPC when what is in use leaves no room */
int template_store_make_room(const char *store, uint64_t bytes, struct rig_err *err) RIG_CHECKED;

/** template_store_bytes() - what a folder takes on disk */
uint64_t template_store_bytes(int dir);

/** template_store_remove() - drop a folder that nobody uses; -EBUSY */
int template_store_remove(const char *store, const char *name, struct rig_err *err) RIG_CHECKED;

#endif
