/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner: one scenario on one kernel, from boot to record.  Level 5.
 */
#ifndef RIG_RUNNER_H
#define RIG_RUNNER_H

#include <jansson.h>
#include <stdbool.h>

#include "image/image.h"
#include "kernel/kernel.h"
#include "known/known.h"
#include "model/model.h"
#include "model/outcome.h"
#include "scenario/scenario.h"
#include "vm/vm.h"

/* What is other than the scenario says, so that it is tried there, too. */
struct run_variant {
	const char *name;
	const char *machine;		/* shape that stands in for the scenario's; NULL: that */
	char *const *kernel_args;	/* more of them; NULL-terminated; NULL: none */
};

struct run_request {
	const struct scenario *scenario;
	const struct kernel *kernel;
	const struct run_variant *variant;	/* NULL: as the scenario says */
	const json_t *part_of;		/* object: the larger whole, as the record is to say; NULL: none */
	const char *agent;		/* path of the static agent */
	const char *results;		/* folder */
	const char *qemu;		/* NULL: from PATH */
	enum accel accel;		/* decided */
	const char *accel_why;		/* why not KVM; NULL */
	enum memmap_era era;		/* forced; ERA_UNKNOWN: found out */
	uint64_t boot_ms;		/* patience until the agent's greeting; 0: default */
	bool cold;			/* boot, even where a template could be used */
	unsigned int template;		/* which of several of the same machine */
	const struct known *known;	/* NULL: no failure is expected */
	const char *lineage;		/* release that the kernel is one of; NULL: it is of none */
	void (*progress)(void *arg, const char *step, size_t number, size_t of);	/* may be NULL */
	void *progress_arg;
	void (*word)(void *arg, const char *text);	/* what a person should know now; may be NULL */
	void *word_arg;
	void (*rest)(void *arg, bool resting);	/* nothing is to do until the guest goes on by itself; may be NULL */
	void *rest_arg;
};

struct run_result {
	enum outcome outcome;
	enum fail_kind kind;
	json_t *known_bugs;	/* that it shows, or should; NULL: none */
	json_t *record;		/* what result.json holds; caller decrefs */
	char *path;		/* folder of the record; NULL when it could not be written */
};

/**
 * runner_run() - run it and leave a record
 * Fails only when no record can be made at all; whatever goes wrong in the run is in the result.
 */
int runner_run(const struct run_request *request, struct run_result *ret, struct rig_err *err) RIG_CHECKED;
void run_result_deinit(struct run_result *r);

/** runner_limit_ms() - more than all deadlines of the run together: one that takes longer is stuck */
uint64_t runner_limit_ms(const struct run_request *request);

/** runner_label() - what the record is named after, see record_create(); caller frees */
char *runner_label(const struct run_request *request);
/** runner_machine() - name of the shape that it runs on */
const char *runner_machine(const struct run_request *request);
/** runner_image() - the image that the scenario needs on the kernel */
int runner_image(const struct run_request *request, struct image *ret, struct rig_err *err) RIG_CHECKED;
/** runner_vm_config() - the machine as it will be started; @cmdline: freed by the caller */
struct vm_config runner_vm_config(const struct run_request *request, const struct image *image,
				  char **cmdline);

#endif
