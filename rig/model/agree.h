/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agree: the parts of model_agree().  Level 3, for rig/model only. */
#ifndef RIG_AGREE_H
#define RIG_AGREE_H

#include "model/model.h"

struct pair {
	const struct page_layout *l;
	const struct snapshot *s;
	const char *step;
	struct findings *out;
	uint64_t reserved;
	int offline;
};

void agree_nodes(const struct pair *p);
void agree_pageblocks(const struct pair *p);

#endif
