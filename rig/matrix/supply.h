/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supply: the kernels of a matrix made ready to boot: fetched, or built with the config of the variant.  Level 7.
 *
 * One that cannot be had is no reason to stop: its cells say why, and the others run.
 */
#ifndef RIG_MATRIX_SUPPLY_H
#define RIG_MATRIX_SUPPLY_H

#include "batch/progress.h"
#include "kernel/kernel.h"
#include "matrix/matrix.h"

struct supply_entry {
	const struct matrix_kernel *of;
	const struct matrix_variant *variant;	/* whose config it has; NULL: none of a variant's own */
	struct kernel *kernel;	/* NULL: it cannot be had */
	struct rig_err trouble;
};

struct supply {
	struct supply_entry *entry;
	size_t nr, cap;
	struct progress *progress;
};

/**
 * supply_get() - the kernel of a cell, made ready when it is first asked for
 * @ret: the supply's, until the next call.  Errors: RIG_INTERRUPTED alone.
 */
int supply_get(struct supply *s, const struct matrix_kernel *k, const struct matrix_variant *v,
	       const struct supply_entry **ret, struct rig_err *err) RIG_CHECKED;
void supply_deinit(struct supply *s);

#endif
