/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest: what a template's files were when it was made, and whether they still are.  Level 2.
 *
 * Small files are known by their digest.  The memory, which is large, by size, inode and time of its
 * last change, which nobody changes by mapping it private; by a digest of its bytes on demand.
 */
#ifndef RIG_TEMPLATE_MANIFEST_H
#define RIG_TEMPLATE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/** manifest_make() - look at all files in @dir; new reference; @about borrowed */
int manifest_make(int dir, json_t *about, json_t **ret, struct rig_err *err) RIG_CHECKED;
/** manifest_read() - load and check against the files; -ESTALE names what differs */
int manifest_read(int dir, json_t **ret, struct rig_err *err) RIG_CHECKED;
/** manifest_check_memory() - the digests of the memory; -ESTALE */
int manifest_check_memory(int dir, const json_t *manifest, struct rig_err *err) RIG_CHECKED;

/** manifest_is_ram() - whether a file of a template is memory, by its name */
bool manifest_is_ram(const char *name);

#endif
