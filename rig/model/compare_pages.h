/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare_pages: the page, section and kpageflags half of model_compare().  Level 3, pure. */
#ifndef RIG_COMPARE_PAGES_H
#define RIG_COMPARE_PAGES_H

#include "model/model.h"

void compare_pages(struct model *m, const struct snapshot *s, const char *step, struct findings *out);
void compare_sections(const struct model *m, const struct snapshot *s, const char *step,
		      struct findings *out);

#endif
