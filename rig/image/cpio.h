/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpio: a newc archive in memory, the same bytes for the same members.  Level 3.
 *
 * Owner, group, device and times are 0 and inodes count from 1, so nothing of the host shows.
 */
#ifndef RIG_IMAGE_CPIO_H
#define RIG_IMAGE_CPIO_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct cpio;

/** one member; @path is absolute as the guest sees it, the type comes from @mode */
struct cpio_member {
	const char *path;
	mode_t mode;			/* S_IFREG, S_IFDIR or S_IFCHR, and permissions */
	unsigned int major, minor;	/* S_IFCHR only */
	const void *data;		/* S_IFREG only */
	size_t len;
};

int cpio_create(struct cpio **ret, struct rig_err *err) RIG_CHECKED;
void cpio_destroy(struct cpio *c);	/* NULL allowed */

/**
 * cpio_add() - append one member
 * The kernel makes no folders on its own, so those above it are added first where missing; a
 * folder that is there already is not added again.
 */
int cpio_add(struct cpio *c, const struct cpio_member *m, struct rig_err *err) RIG_CHECKED;

/** cpio_finish() - close the archive and hand out its bytes; only cpio_destroy() may follow */
int cpio_finish(struct cpio *c, char **ret, size_t *ret_len, struct rig_err *err) RIG_CHECKED;

/**
 * cpio_list() - what an archive holds
 * @ret: new reference, array of {path, size} in archive order, paths absolute
 * Errors: RIG_HOST when the bytes are no whole newc archive.
 */
int cpio_list(const void *data, size_t len, json_t **ret, struct rig_err *err) RIG_CHECKED;

#endif
