// SPDX-License-Identifier: GPL-2.0-or-later
/* How long a scenario will take.  A guess in steps: who is wrong loses a few seconds, and nothing else. */
#include "scenario/scenario.h"

#define BESIDE_WALKERS	4u	/* as many steps: the guest's processors are the walkers', nearly, to the end */
#define NEXT_TRY	32u	/* as many steps: a driver tries again after 50 s, which need no processor */

static bool is_long_wait(const struct step *step)
{
	return step->kind == STEP_AWAIT && step->device;
}

size_t scenario_length(const struct scenario *s)
{
	size_t length = 0, each = 1;

	for (const struct step *step = s->steps; step < s->steps + s->nr_steps; step++) {
		length += is_long_wait(step) ? NEXT_TRY : each;
		if (step->kind == STEP_WALK)
			each = BESIDE_WALKERS;
	}
	return length;
}
