// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs that start from a template, and how many of them an hour holds. */
#include "base/clean.h"
#include "base/mem.h"
#include "bench/bench.h"

#define SCENARIO	"dimm/online-movable"
#define FAMILY		"dimm/*"

static int add_rate(struct bench *b, unsigned int jobs, enum target target, struct rig_err *err)
{
	const struct whole_request request = { .scenario = FAMILY, .jobs = jobs };
	AUTO_FREE char *name = xasprintf("hour-%u", jobs);
	AUTO_FREE char *what = xasprintf("verified runs of " FAMILY " in an hour, --jobs %u", jobs);
	AUTO_FREE double *rate = xcalloc(b->rounds, sizeof(*rate));
	struct row *row;

	for (unsigned int i = 0; i < b->rounds; i++) {
		struct whole w = { 0 };
		int r = whole_run(b, &request, &w, err);

		if (r < 0)
			return r;
		rate[i] = 3600.0 * w.runs / w.total_s;
		whole_deinit(&w);
	}
	row = table_add(&b->table, name, what, "", rate, b->rounds);
	row->target = target;
	row->limit = 6000;
	return 0;
}

int bench_warm(struct bench *b, struct rig_err *err)
{
	const struct whole_request request = { .scenario = SCENARIO };
	AUTO_FREE double *all = xcalloc(b->rounds * 3ul, sizeof(*all));
	double *boot = all, *run = all + b->rounds, *steps = all + b->rounds * 2ul;

	/* the first round makes the template, or finds it made, and does not count */
	for (unsigned int i = 0; i <= b->rounds; i++) {
		struct machine m = { 0 };
		struct whole w = { 0 };
		int r = machine_boot(b, "scenarios/" SCENARIO ".json", &m, err);

		if (r < 0)
			return r;
		boot[i ? i - 1 : 0] = m.boot_s;
		machine_deinit(&m);
		r = whole_run(b, &request, &w, err);
		if (r < 0)
			return r;
		run[i ? i - 1 : 0] = w.total_s;
		steps[i ? i - 1 : 0] = w.steps_s;
		whole_deinit(&w);
	}
	table_add(&b->table, "warm-boot", "T0 once more: QEMU by hand until the agent greets", "s", boot, b->rounds);
	table_add(&b->table, "warm", "hotrig run " SCENARIO ", exec to exit", "s", run, b->rounds);
	table_add(&b->table, "warm-steps", "of that in the steps, looks included", "s", steps, b->rounds);
	table_add_one(&b->table, "warm-ratio", "warm-boot / warm", "", table_value(&b->table, "warm-boot") /
		      table_value(&b->table, "warm"), TARGET_AT_LEAST, 12);
	if (add_rate(b, 1, TARGET_NONE, err) < 0)
		return -err->eno;
	return add_rate(b, 2, TARGET_AT_LEAST, err);
}
