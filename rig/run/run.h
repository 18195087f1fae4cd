/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run: one scenario on one kernel while it happens.  Level 5; shared by runner and steps only.
 */
#ifndef RIG_RUN_H
#define RIG_RUN_H

#include "run/guest.h"
#include "run/ports.h"
#include "kernel/kernel.h"
#include "model/leaks.h"
#include "model/model.h"
#include "record/record.h"
#include "scenario/scenario.h"
#include "splat/splat.h"
#include "template/template.h"
#include "run/runner.h"
#include "run/tape.h"
#include "vm/vm.h"

#define BOOT_MS 180000u		/* patience until the agent's greeting, unless the request has its own */
#define LOOK_MS 60000u		/* patience for one look at the machine */

/* A step that has been started and may not be finished yet. */
struct active_step {
	const struct step *step;
	uint64_t until_ns;
	size_t qmp_from;	/* QMP events before belong to earlier steps */
	size_t agent_from;	/* and the agent's */
	uint64_t *request;		/* ids of agent commands under way */
	size_t nr_requests;
	bool refused;		/* QEMU refused the command: nothing to wait for */
	uint64_t was_bytes;	/* resize, await of a size: plugged when it began */
	size_t was_blocks;	/* and the memory blocks that it had then */
	uint64_t ndctl_ns;	/* namespace, enable: how long ndctl ran, by the guest's clock */
};

struct uevent_want {
	char text[64];		/* "online memory32" */
};

struct witness;
struct namespace;

struct run_times {
	uint64_t start_ns, booted_ns, steps_ns, end_ns;	/* CLOCK_MONOTONIC; 0: not reached */
	uint64_t machine_ns, machine_end_ns;	/* from before QEMU begins until all is done in it, or failed */
};

struct run {
	const struct run_request *request;
	const struct scenario *scenario;
	const struct kernel *kernel;
	struct loop *loop;
	struct vm *vm;
	const char *image_sha256;
	const struct vm_config *plan;	/* the machine as it would boot by itself */
	struct vm_config config;	/* as it was started; shape NULL: it was not */
	struct template template;	/* it started from this one; dir NULL: it booted */
	char *draft_ram;		/* memory of the template that is made; config.ram points to it */
	bool unsound;			/* template or host were at fault: no finding counts */
	bool lost_time;			/* the kernel said so, and it was the host's fault */
	struct tape *tape;		/* of the template, or for the one that is made; NULL: neither */
	struct guest guest;
	struct record *record;
	struct model model;
	bool modelled;			/* the model has its baseline */
	struct snapshot base;
	struct findings findings;
	struct leaks leaks;
	struct splat_scanner *splats;
	size_t splats_seen, kmsg_seen;	/* judged so far: splats; agent events */
	const char *step_name;		/* whose splats and findings these are */
	struct active_step *background;	/* running ones; step NULL: free */
	size_t nr_background;
	struct uevent_want *uevents;	/* expected of the current step */
	size_t nr_uevents, cap_uevents;
	size_t uevents_from;		/* agent events judged so far for uevents */
	size_t await_qmp_from, await_agent_from;	/* an await counts what came since here */
	uint64_t seed;
	struct pci_port port[MAX_PORTS];
	struct namespace *namespaces;
	size_t nr_namespaces, cap_namespaces;
	struct run_times time;
	json_t *steps, *notes;		/* arrays for the record */
	bool booted;			/* the agent has answered */
	struct witness *witness;	/* NULL: nothing is read from outside */
	const struct page_layout *layout;	/* of whoever reads the pages that are judged; from the baseline on */
	struct fallback fallback;	/* as the kernel log has it */
	bool ram_moved;			/* since the witness asked QEMU where RAM is */
	bool unmapping;			/* QEMU is letting go of a removed backend */
	bool looking;			/* the error came while looking, not from a step */
	char console_line[256], init_said[256];	/* the line that grows; the last one of pid 1 */
	size_t console_len;
	bool init_ran;			/* pid 1 is there: from here on the agent is ours */
	uint64_t mark_ns, vcpu_wait_ns;	/* at the start of the step */
	uint64_t ns_per_gib;	/* of the step: a namespace got its memmap so fast; 0: none did */
};

/** run_finding() - a finding of the current step about no page */
#define run_finding(run, invariant, expected, ...) \
	finding_addf(&(run)->findings, (run)->step_name, (invariant), (expected), __VA_ARGS__)

#endif
