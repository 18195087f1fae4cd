/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history_class: what has become of a cell, by its runs of now and those before.  Level 5, pure.
 *
 * Only what the runs show is said.  Two runs of one kernel image can differ by chance, or by what is
 * around the kernel (rig, scenario, QEMU, host), but not by the kernel; so a failure is a regression only
 * where another image passed.  ERRORs and SKIPs say nothing of the kernel: they count where there is nothing else.
 */
#ifndef RIG_HISTORY_CLASS_H
#define RIG_HISTORY_CLASS_H

#include <stdbool.h>
#include <stddef.h>

#include "history/history_run.h"

enum history_class {
	HISTORY_PASS,		/* all runs of now passed */
	HISTORY_SKIP,		/* what it needs is missing */
	HISTORY_KNOWN,		/* fails as the known-bug file says */
	HISTORY_GONE,		/* a known bug did not show: the file is wrong, or the bug is mended */
	HISTORY_FLAKE,		/* fails in some runs, and one image did so before, in the same way */
	HISTORY_NEW_FLAKE,	/* fails in some of the runs of now, and never did before */
	HISTORY_SAME_KERNEL,	/* fails in all runs of now, and the very image passed before */
	HISTORY_FAILING,	/* fails, and never passed */
	HISTORY_NEW,		/* fails, and there is nothing to compare with */
	HISTORY_REGRESSION,	/* fails in all runs of now, and an earlier kernel passed */
	HISTORY_INFRASTRUCTURE,	/* trouble of rig or host: nothing is known about the kernel */
};

struct history_verdict {
	enum history_class class;
	bool news;		/* the last run before ended otherwise, or there was none */
	char reason[512];	/* one line */
};

const char *history_class_name(enum history_class class);	/* "pass", "same-kernel" ... */
const char *history_class_text(enum history_class class);	/* what it means, in one sentence */

/**
 * history_class_of() - judge the @nr_now runs of one cell, at least one
 * @before: runs of the same cell, oldest first; may be none
 */
void history_class_of(const struct history_run *now, size_t nr_now, const struct history_run *before,
		      size_t nr_before, struct history_verdict *ret);

#endif
