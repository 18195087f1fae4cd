/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selection: scenarios and kernels as a person names them, ready to run.  Level 6.
 */
#ifndef RIG_BATCH_SELECTION_H
#define RIG_BATCH_SELECTION_H

#include "batch/progress.h"
#include "kernel/kernel.h"
#include "scenario/scenario.h"

struct selection {
	struct scenario **scenario;
	size_t nr_scenarios, cap_scenarios;
	struct kernel **kernel;
	size_t nr_kernels, cap_kernels;
};

/**
 * selection_add_scenarios() - those that one argument names, in the catalogue's order
 * @arg: a name, a pattern ("dimm/" and a star), "core", or a path that ends in ".json"
 * Errors: RIG_USAGE: a scenario is malformed, or none is meant.
 */
int selection_add_scenarios(struct selection *s, const char *arg, struct rig_err *err) RIG_CHECKED;

/**
 * selection_add_kernel() - the kernel named @spec, fetched when it must be; @progress is told
 * Errors: as kernel_resolve(); RIG_MISSING: the release is served no more.
 */
int selection_add_kernel(struct selection *s, const char *spec, struct progress *progress,
			 struct rig_err *err) RIG_CHECKED;

void selection_deinit(struct selection *s);

#endif
