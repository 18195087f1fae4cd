/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_texts: the files of a guest that speak of memory, as far as a look needs them.  Level 5.
 */
#ifndef RIG_RUN_GUEST_TEXTS_H
#define RIG_RUN_GUEST_TEXTS_H

#include "model/model.h"
#include "run/guest.h"

enum texts_scope {
	TEXTS_STEP,	/* what is predicted */
	TEXTS_END,	/* what returns to its baseline too */
	TEXTS_START,	/* all there is, as far as any list names it or should */
};

/** guest_texts() - read them into s->counters; s->node_online is known already */
int guest_texts(struct guest *g, enum texts_scope scope, uint64_t until_ns, struct snapshot *s,
		struct rig_err *err) RIG_CHECKED;

/** guest_kcore() - /proc/kcore, with some pages of the ranges; a kernel without the file shows nothing of it */
int guest_kcore(struct guest *g, const struct model_range *range, size_t nr, uint64_t until_ns, struct snapshot *s,
		struct rig_err *err) RIG_CHECKED;

#endif
