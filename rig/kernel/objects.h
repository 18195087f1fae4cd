/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objects: object folders of kernel builds, the few used last.  Level 2.  See build.h for where they are.
 */
#ifndef RIG_KERNEL_OBJECTS_H
#define RIG_KERNEL_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "kernel/store.h"

struct objects {
	char *above;		/* kernels/objects */
	char *tree;		/* digest of the tree's path */
	char *patched;		/* where patched copies of the tree are kept */
	int lock_fd;		/* -1: not locked */
	char *dir, *log;	/* of objects_open() */
	bool cut_short;		/* the last build in dir was killed: what it left may be half-written */
};

/** objects_lock() - be the only one that builds the tree in folder @tree.  RIG_HOST, RIG_INTERRUPTED */
int objects_lock(struct objects *o, const struct store *store, const char *tree,
		 const struct kernel_resolve_options *options, uint64_t until_ns,
		 struct rig_err *err) RIG_CHECKED;

/** objects_open() - the folder for source in @source built with this config and compiler; the log is empty */
int objects_open(struct objects *o, const char *source, const char *config, const char *compiler,
		 struct rig_err *err) RIG_CHECKED;

/** objects_finish() - make has come to its own end there, whatever that is; else the folder counts as cut short */
void objects_finish(struct objects *o);

/** objects_renew() - empty the folder */
int objects_renew(struct objects *o, struct rig_err *err) RIG_CHECKED;

/** objects_close() - unlock.  { .lock_fd = -1 } is fine */
void objects_close(struct objects *o);

/** objects_drop() - remove the folder and the patched copy with all in them */
void objects_drop(struct objects *o);

/**
 * objects_expected_steps() - how many steps this build may take: what the last one of the folder took, or of
 * any folder when this one is new; a guess when there was none
 */
size_t objects_expected_steps(const struct objects *o);
void objects_note_steps(const struct objects *o, size_t steps);

#endif
