/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series: patches in their order, out of a folder or a mailbox.  Level 2.
 *
 * Of a folder: what ends in .patch or .diff, by name, as git format-patch numbers it.  Of a mailbox, or a
 * single file: each mail that holds a diff, called by its subject; cover letters are passed over.
 */
#ifndef RIG_KERNEL_SERIES_H
#define RIG_KERNEL_SERIES_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct patch {
	char *name, *text;
};

struct series {
	struct patch *v;
	size_t n, cap;
	char digest[65];	/* of all texts */
};

/** series_read() - RIG_USAGE: not there, or there is no patch in it */
int series_read(const char *path, struct series *ret, struct rig_err *err) RIG_CHECKED;
void series_deinit(struct series *s);

/** series_files() - add to @ret the files that the patches speak of, relative to the tree; some twice */
void series_files(const struct series *s, struct strv *ret);

/**
 * series_apply() - change the tree in folder @dir
 * @scratch: a path that may be written
 * Errors: RIG_USAGE: a patch does not apply exactly, naming it, the file and the hunk; RIG_HOST.
 * The tree is left as it is then.
 */
int series_apply(const struct series *s, const char *dir, const char *scratch, struct rig_err *err)
	RIG_CHECKED;

#endif
