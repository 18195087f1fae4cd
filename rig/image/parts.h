/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts: everything that goes into one image, as read from the host, and its digest.  Level 3.
 *
 * Each file is read once.  Modules stay packed here: a found image needs no unpacking.
 */
#ifndef RIG_IMAGE_PARTS_H
#define RIG_IMAGE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "image/image.h"

/* far above any real input: a bound on what one file may claim */
#define PART_MAX_BYTES ((size_t)256 << 20)

struct parts {
	struct part {
		char *path;			/* absolute, in the image */
		mode_t mode;
		unsigned int major, minor;	/* of a device */
		char *data;			/* of a file */
		size_t len;
		char *host;			/* file that it came from; NULL: made here */
		bool module;			/* @data is a module as read, packed */
	} *v;
	size_t n, cap;
	struct timespec began;	/* by the file system's clock, before the first file was read */
};

/** parts_gather() - read all that @spec wants; errors as image_build() */
int parts_gather(const struct kernel *k, const struct image_spec *spec, struct parts *ret,
		 struct rig_err *err) RIG_CHECKED;
void parts_deinit(struct parts *p);
#define AUTO_PARTS __attribute__((cleanup(parts_deinit)))

/** parts_add() - append an empty part to fill; valid until the next one is added */
struct part *parts_add(struct parts *p, const char *path, mode_t mode);

/** parts_add_modules() - modules of @dir (may be NULL) and the lists /etc/hotrig/{modules,carry} */
int parts_add_modules(struct parts *p, const char *dir, const struct image_spec *spec,
		      struct rig_err *err) RIG_CHECKED;

/** parts_digest() - sha256 over each path, mode and content, and over the rig's own layout */
void parts_digest(const struct parts *p, char hex[65]);

/** parts_pack() - the finished archive; caller frees @ret */
int parts_pack(const struct parts *p, char **ret, size_t *ret_len, struct rig_err *err) RIG_CHECKED;

#endif
