// SPDX-License-Identifier: GPL-2.0-or-later
/* A cold run of the real command against the same machine started by hand. */
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bench/bench.h"

#define SCENARIO "dimm/online-movable"

struct cold {
	double *boot, *total, *guest, *rest; /* seconds, one of each a round */
};

/* One boot by hand and one run, so that whatever slows the host slows both. */
static int one_round(struct bench *b, size_t i, struct cold *c, struct rig_err *err)
{
	struct machine m = { 0 };
	struct whole w = { 0 };
	int r = machine_boot(b, "scenarios/" SCENARIO ".json", &m, err);

	if (r < 0)
		return r;
	c->boot[i] = m.boot_s;
	machine_deinit(&m);
	r = whole_run(b, &(struct whole_request){ .scenario = SCENARIO, .cold = true }, &w, err);
	if (r < 0)
		return r;
	c->total[i] = w.total_s;
	c->guest[i] = w.steps_s + w.baseline_s;
	c->rest[i] = w.total_s - w.steps_s;
	whole_deinit(&w);
	return 0;
}

int bench_cold(struct bench *b, struct rig_err *err)
{
	struct table *t = &b->table;
	AUTO_FREE double *all = xcalloc(b->rounds * 4ul, sizeof(*all));
	struct cold c = { all, all + b->rounds, all + b->rounds * 2ul, all + b->rounds * 3ul };

	for (unsigned int i = 0; i < b->rounds; i++) {
		int r = one_round(b, i, &c, err);

		if (r < 0)
			return r;
	}
	table_add(t, "boot", "T0: QEMU by hand until the agent greets", "s", c.boot, b->rounds);
	table_add(t, "run", "hotrig run --cold " SCENARIO ", exec to exit", "s", c.total, b->rounds);
	table_add(t, "run-guest", "of that in baseline and steps", "s", c.guest, b->rounds);
	table_add(t, "run-rest", "of that outside the steps (baseline counted to the rig)", "s",
		  c.rest, b->rounds);
	table_add_one(t, "cold-ratio", "(run - run-guest) / boot", "",
		      (table_value(t, "run") - table_value(t, "run-guest")) /
			      table_value(t, "boot"),
		      TARGET_AT_MOST, 1.15);
	table_add_one(t, "cold-ratio-strict", "run-rest / boot", "",
		      table_value(t, "run-rest") / table_value(t, "boot"), TARGET_AT_MOST, 1.15);
	return 0;
}
