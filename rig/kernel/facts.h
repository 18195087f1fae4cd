/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts: what a kernel image says about itself, remembered in the cache by its digest.
 *
 * Unpacking a bzImage takes seconds, so it happens once.  What cannot be unpacked is unknown, and
 * no error; a file that is no kernel is one.
 */
#ifndef RIG_KERNEL_FACTS_H
#define RIG_KERNEL_FACTS_H

#include <stdbool.h>

#include "base/err.h"

struct facts {
	char sha256[65];
	bool pvh;
	char *release; /* safe as the name of a folder; NULL: unknown, as are the next ones */
	char *version;
	char *build_id;
	char *config;		/* IKCONFIG */
};

int facts_read(const char *image_path, struct facts *ret, struct rig_err *err) RIG_CHECKED;
void facts_deinit(struct facts *facts);

#endif
