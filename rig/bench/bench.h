/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench: how much the rig costs beside the guest.  A program of its own, above everything else.
 */
#ifndef RIG_BENCH_H
#define RIG_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bench/table.h"
#include "image/image.h"
#include "kernel/kernel.h"
#include "scenario/scenario.h"
#include "vm/vm.h"

struct bench {
	unsigned int rounds;
	const char *kernel_spec;
	char *hotrig, *agent;		/* programs */
	char *results;			/* private folder */
	struct kernel *kernel;
	enum accel accel;
	struct table table;
};

/* A machine that was started by hand: no runner, no record. */
struct machine {
	struct scenario *scenario;
	struct image image;
	struct loop *loop;
	struct vm *vm;
	double boot_s;		/* from the start of QEMU to the agent's greeting */
};

/** machine_boot() - the machine of a scenario, with the very argv that the rig would use */
int machine_boot(struct bench *b, const char *scenario, struct machine *ret, struct rig_err *err)
	RIG_CHECKED;
void machine_deinit(struct machine *m);

/** machine_plug() - add a DIMM and online it, movable; its range in pages */
int machine_plug(struct machine *m, const char *id, uint64_t bytes, uint64_t *ret_start,
		 uint64_t *ret_end, struct rig_err *err) RIG_CHECKED;

/* What the real command was seen to do. */
struct whole {
	double total_s;		/* from fork to exit */
	double steps_s;		/* in the steps of the scenario */
	double baseline_s;	/* from the agent's greeting to the first step */
	double peak_mib;	/* of the process that ran the last scenario */
	double record_kib;
	unsigned int runs;	/* that passed */
	json_t *steps;		/* of the record; owned */
};

struct whole_request {
	const char *scenario;	/* or a pattern: then the figures but total_s are those of the last */
	bool cold;
	unsigned int jobs;	/* 0: one */
};

/** whole_run() - fork and exec hotrig; an error unless it passes */
int whole_run(struct bench *b, const struct whole_request *request, struct whole *ret, struct rig_err *err)
	RIG_CHECKED;
void whole_deinit(struct whole *w);

/* The parts of a measurement; each adds its rows. */
int bench_cold(struct bench *b, struct rig_err *err) RIG_CHECKED;	/* cold.c */
int bench_warm(struct bench *b, struct rig_err *err) RIG_CHECKED;	/* warm.c */
int bench_pages(struct bench *b, struct rig_err *err) RIG_CHECKED;	/* pages.c */
int bench_memory(struct bench *b, struct rig_err *err) RIG_CHECKED;	/* memory.c */

#endif
