/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps: what each kind of step does.  Level 5.
 *
 * A step is started and finished; in the foreground at once, in the background its join finishes
 * it.  Finishing tells the model what happened and adds a finding when the kernel did not answer as
 * the scenario says.  An error means that the step could not be carried out or judged; its cause
 * says whose fault that is.
 */
#ifndef RIG_STEPS_H
#define RIG_STEPS_H

#include "run/run.h"

int step_start(struct run *run, const struct step *step, struct active_step *active, struct rig_err *err)
	RIG_CHECKED;
int step_finish(struct run *run, struct active_step *active, struct rig_err *err) RIG_CHECKED;
void active_step_deinit(struct active_step *active);

/** step_deadline_ms() - the scenario's, or that of its kind */
uint64_t step_deadline_ms(const struct step *step);

/** step_lacks() - CONFIG name that this kind of step needs and the kernel says it has not; else NULL */
const char *step_lacks(const struct step *step, const struct kernel *kernel);

/** step_judge_qmp() - QEMU refused a step's command: as expected, or a finding; 0 */
int step_judge_qmp(struct run *run, const struct step *step, const struct qmp_error *error);

/* Kinds, by file. */
struct step_ops {
	uint64_t deadline_ms;
	int (*start)(struct run *run, struct active_step *a, struct rig_err *err);	/* may be NULL */
	int (*finish)(struct run *run, struct active_step *a, struct rig_err *err);
};
extern const struct step_ops plug_ops, unplug_ops;				/* step_plug.c, step_unplug.c */
extern const struct step_ops resize_ops;					/* step_resize.c */
extern const struct step_ops online_ops, offline_ops;				/* step_block.c */
extern const struct step_ops namespace_ops;					/* step_namespace.c */
extern const struct step_ops disable_ops, enable_ops, destroy_ops;		/* step_drive.c */
extern const struct step_ops convert_ops;					/* step_convert.c */
extern const struct step_ops fill_ops, check_ops, release_ops, run_ops;		/* step_guest.c */
extern const struct step_ops walk_ops;						/* step_walk.c */
extern const struct step_ops devmem_ops;					/* step_devmem.c */
extern const struct step_ops poison_ops;					/* step_poison.c */
extern const struct step_ops write_ops, inject_ops, policy_ops, await_ops;	/* step_guest.c */

/* check and release of something that a walk began, step_walk.c */
bool step_is_of_walk(const struct run *run, const struct step *step);
int walk_check(struct run *run, struct active_step *a, struct rig_err *err) RIG_CHECKED;
int walk_release(struct run *run, struct active_step *a, struct rig_err *err) RIG_CHECKED;
extern const struct step_ops leaks_ops;						/* step_leaks.c */

#endif
