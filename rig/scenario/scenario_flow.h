/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_flow: what is there at a point of the list of steps, and whether a step may follow.  Level 2,
 * private to the scenario module.
 */
#ifndef RIG_SCENARIO_FLOW_H
#define RIG_SCENARIO_FLOW_H

#include <jansson.h>

#include "scenario/scenario_step.h"

struct flow {
	const struct scenario *s;
	json_t *devices, *fills;
	json_t *resizable;	/* id -> true: of devices that were last plugged as virtio-mem */
	json_t *driverless;	/* id -> true: devices that are disabled, virtio-mem and persistent memory */
	json_t *namespaces;	/* id -> whether it is system RAM */
	json_t *mapped;		/* id of a namespace -> id of the fill that is on it */
	json_t *names;		/* step name -> pointer of the step */
	json_t *begun;		/* background name -> index of the step */
	json_t *joined;		/* background name -> true */
	struct rig_err *err;
};

/** flow_err() - -EINVAL with the place of the step in front */
int flow_err(const struct flow *f, const struct step *step, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** flow_use() - the device or fill @id of @set is there and in nobody's hands */
int flow_use(const struct flow *f, const struct step *step, const json_t *set, const char *id) RIG_CHECKED;

/* Persistent memory, scenario_flow_pmem.c: each checks one step and notes what it leaves behind. */
int flow_claim_new(const struct flow *f, const struct step *step, const char *id) RIG_CHECKED;
int flow_namespace(const struct flow *f, const struct step *step) RIG_CHECKED;
int flow_made(const struct flow *f, const struct step *step) RIG_CHECKED;	/* disable, enable, destroy, convert */
int flow_region(const struct flow *f, const struct step *step) RIG_CHECKED;	/* disable, enable of what it is on */
int flow_fill(const struct flow *f, const struct step *step) RIG_CHECKED;
void flow_release(const struct flow *f, const struct step *step);

#endif
