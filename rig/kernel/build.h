/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build: a kernel from source, filed in the store.  Level 2.
 *
 *	kernels/objects/<tree>.lock		one build of a tree at a time
 *	kernels/objects/<tree>-<config>/	object folder, kept: a changed tree builds in seconds
 *	kernels/patched/<tree>/			see patched_tree.h
 *
 * All of objects/ and patched/ may be removed at any time but during a build.  The few object folders used
 * last are kept, and none that filled the disk.  One whose last build was killed may have half-written objects: when
 * the next build fails there, it is done once more from nothing.
 */
#ifndef RIG_KERNEL_BUILD_H
#define RIG_KERNEL_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/build_log.h"
#include "kernel/kernel.h"

struct build_request {
	const char *tree;		/* folder, or "debian-source:6.12" */
	const char *clean;		/* git's id of what is in @tree; the caller vouches that nothing
					 * differs and stays so.  NULL: that is looked up */
	const char *fragments_dir;	/* where base.config is, and those that are named */
	char *const *fragments;		/* names of that folder, or paths; NULL: none */
	size_t nr_fragments;
	const char *series;		/* NULL: none */
	unsigned int jobs;		/* of make; 0: as many as there are processors */
	struct kernel_resolve_options options;	/* progress: one line for what begins */
	uint64_t *make_ns;		/* what make took of the time; NULL: nobody asks */
	/* for each step of make; @expected is what it takes in all, as far as that can be known */
	void (*on_step)(void *arg, const struct build_log *log, size_t expected);
	void *arg;
};

/**
 * build_kernel() - build it unless it is there
 * @ret_key: name it "built:KEY"; caller frees
 * @ret_new: had to be built
 * Errors: RIG_USAGE: no kernel tree, a fragment or a series that does not fit; RIG_MISSING: source is not
 * served; RIG_KERNEL: the first error of make, or the tree lacks what base.config needs; RIG_HOST: a tool is
 * missing or was killed, disk full; RIG_INTERRUPTED.
 */
int build_kernel(const struct build_request *request, char **ret_key, bool *ret_new,
		 struct rig_err *err) RIG_CHECKED;

#endif
