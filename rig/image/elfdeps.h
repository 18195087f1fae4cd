/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elfdeps: what a host program needs to run elsewhere: its interpreter and libraries.  Level 3.
 *
 * Files are read once; the bytes that were looked at are the bytes handed out.
 */
#ifndef RIG_IMAGE_ELFDEPS_H
#define RIG_IMAGE_ELFDEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/** files for the guest, each image path once; { 0 } is the empty set, it owns all it points to */
struct elfdeps {
	struct elfdep {
		char *host;	/* where it was found */
		char *image;	/* where the guest's loader looks for it */
		char *data;
		size_t len;
	} *v;
	size_t n, cap;
};

void elfdeps_deinit(struct elfdeps *d);
#define AUTO_ELFDEPS __attribute__((cleanup(elfdeps_deinit)))

/**
 * elfdeps_add_program() - add a program and its whole closure
 * @name: a path, or a name searched in PATH and the usual bin folders
 * @image: path in the image
 * Libraries are searched as the loader does: DT_RUNPATH (or DT_RPATH) with $ORIGIN, then the
 * default folders.  In the guest there is no ld.so.cache, so one from a folder that only the
 * cache knows goes to a folder that the loader has built in.
 * Errors: RIG_HOST -ENOENT names the program or library.  @d may have grown on failure.
 */
int elfdeps_add_program(struct elfdeps *d, const char *name, const char *image,
			struct rig_err *err) RIG_CHECKED;

/** elfdeps_check_static() - an error unless the bytes are an ELF program without interpreter */
int elfdeps_check_static(const char *host, const char *data, size_t len,
			 struct rig_err *err) RIG_CHECKED;

#endif
