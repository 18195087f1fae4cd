/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program: a program in the guest that a step runs to its end.  Level 5.
 */
#ifndef RIG_PROGRAM_H
#define RIG_PROGRAM_H

#include "run/run.h"

struct program {
	char *output;		/* both streams as one text; "" when it is no text */
	int exit_code;
	int signal;		/* that killed it; 0: it exited */
	uint64_t ns;		/* how long it ran, by the guest's clock; 0: the agent does not say */
};

/** program_take() - what the agent says of a program that has ended; @name: for messages */
int program_take(const json_t *answer, const char *name, struct program *ret, struct rig_err *err) RIG_CHECKED;

/**
 * program_run() - run @argv, which ends with NULL
 * Errors: RIG_TIMEOUT when it does not end; RIG_USAGE when the image has no such program.
 */
int program_run(struct run *run, const char *const *argv, uint64_t until_ns, struct program *ret,
		struct rig_err *err) RIG_CHECKED;
void program_deinit(struct program *p);
#define AUTO_PROGRAM __attribute__((cleanup(program_deinit)))

/** program_judge() - whether it ended as the step expects: exit code 0 unless it says otherwise, and
 *  the text that it says; a finding when not.  Returns whether it did its work: exit code 0. */
bool program_judge(struct run *run, const struct step *step, const struct program *p);

#endif
