/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: many runs, some at a time, each in a process of its own (batch/pool.h).  Level 6.
 *
 * Runs begin in the order of the list and end in any.  Each hands over what it left as soon as it has
 * ended, in the parent; a run whose process was lost has an ERROR and a record, too.
 */
#ifndef RIG_BATCH_H
#define RIG_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "batch/progress.h"
#include "kernel/kernel.h"
#include "known/known.h"
#include "run/runner.h"
#include "scenario/scenario.h"

/* How all runs of a batch are done.  Strings and objects are borrowed. */
struct batch_how {
	const char *agent;		/* path of the static agent */
	const char *results;		/* folder of the records */
	const char *qemu;		/* NULL: from PATH */
	enum accel accel;		/* ACCEL_AUTO: found out before the first run */
	enum memmap_era era;		/* ERA_UNKNOWN: found out in each guest */
	unsigned int boot_s, jobs;	/* 0: default, as the host allows */
	bool cold;			/* no templates */
	const struct known *known;	/* NULL: no failure is expected */
	const char *known_as;		/* release whose bugs all kernels have; NULL: their own */
};

struct batch_run {
	const struct scenario *scenario;
	const struct kernel *kernel;
	const struct run_variant *variant;	/* NULL: as the scenario says */
	const json_t *part_of;			/* see run_request; NULL: none */
	unsigned int template;			/* which of several of the same machine */
	enum accel accel;			/* that it needs; ACCEL_AUTO: as the batch says.  KVM where it is
						 * not used is a SKIP */
};

struct batch {
	const struct batch_how *how;
	const struct batch_run *run;
	size_t nr;
	struct progress *progress;
	/* @run has ended; @result is the batch's, NULL when it could leave no record.
	 * false: begin no more, those that run are the last */
	bool (*on_result)(void *arg, size_t run, const struct run_result *result);
	void *arg;
};

/**
 * batch_run() - do them all, or as many as had begun at ^C: loop_interrupted() tells
 * Errors: RIG_HOST: a run could leave no record at all, or no process can be made; RIG_QEMU, RIG_HOST:
 * no accelerator as demanded; RIG_INTERRUPTED while it was found out.  Those that began were handed over.
 */
int batch_run(const struct batch *b, struct rig_err *err) RIG_CHECKED;

/** batch_dry_run() - print QEMU's command line of each, and run nothing */
int batch_dry_run(const struct batch *b, struct rig_err *err) RIG_CHECKED;

#endif
