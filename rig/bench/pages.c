// SPDX-License-Identifier: GPL-2.0-or-later
/* The page reader against the kernel's exported files, inside the guest. */
#include <errno.h>
#include <stdio.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/bench.h"

#define BENCH_MS 300000u
#define GIB	 (1ull << 30)

struct range {
	const char *name, *what;
	uint64_t start, end; /* pages */
};

/* Median of million pages per second of one way. */
static int add_way(struct bench *b, const struct range *range, const char *way,
		   const json_t *answer, struct rig_err *err)
{
	const json_t *o = json_object_get(answer, way), *ns = json_object_get(o, "ns");
	json_int_t pages = json_integer_value(json_object_get(o, "pages"));
	AUTO_FREE double *speed = xcalloc(b->rounds, sizeof(*speed));
	char name[32], what[96];

	if (json_array_size(ns) != b->rounds || pages != (json_int_t)(range->end - range->start))
		return rig_err_set(err, RIG_AGENT, EBADMSG,
				   "bench-pages: %s read %lld pages of %s instead of %lld", way,
				   (long long)pages, range->what,
				   (long long)(range->end - range->start));
	for (unsigned int i = 0; i < b->rounds; i++) {
		json_int_t one = json_integer_value(json_array_get(ns, i));

		if (one <= 0)
			return rig_err_set(err, RIG_AGENT, EBADMSG,
					   "bench-pages: a round took no time");
		speed[i] = (double)pages * 1000 / (double)one;
	}
	snprintf(name, sizeof(name), "%s-%s", range->name, way);
	snprintf(what, sizeof(what), "%s, %lld runs", range->what,
		 (long long)json_integer_value(json_object_get(o, "runs")));
	table_add(&b->table, name, what, "Mpage/s", speed, b->rounds);
	return 0;
}

static double speed_of(const struct bench *b, const struct range *range, const char *way)
{
	AUTO_FREE char *name = xasprintf("%s-%s", range->name, way);

	return table_value(&b->table, name);
}

static int one_range(struct bench *b, struct machine *m, const struct range *range,
		     struct rig_err *err)
{
	static const char *const ways[] = { "raw", "raw-and-kpageflags", "exported" };
	AUTO_FREE char *ratio = xasprintf("%s-ratio", range->name);
	json_auto_t *answer = NULL;
	int r = qmp_call(vm_agent(m->vm), "bench-pages",
			 json_pack("{sI sI si}", "start", (json_int_t)range->start, "end",
				   (json_int_t)range->end, "rounds", (int)b->rounds),
			 clock_in_ms(BENCH_MS), &answer, NULL, err);

	for (size_t i = 0; i < ARRAY_SIZE(ways) && !r; i++)
		r = add_way(b, range, ways[i], answer, err);
	if (!r)
		table_add_one(&b->table, ratio, "raw / exported (kpageflags and kpagecount)", "",
			      speed_of(b, range, "raw") / speed_of(b, range, "exported"),
			      TARGET_AT_LEAST, 3);
	return r;
}

int bench_pages(struct bench *b, struct rig_err *err)
{
	struct range boot = { .name = "boot", .what = "boot memory" };
	struct range dimm = { .name = "dimm", .what = "an online DIMM of 1 GiB" };
	struct machine m = { 0 };
	int r = machine_boot(b, "rig/bench/scenarios/big.json", &m, err);

	if (r < 0)
		return r;
	/* q35 puts 2 GiB below the hole for devices, from 0 */
	boot.end = machine_find(m.scenario->machine)->memory_bytes / 4096;
	r = machine_plug(&m, "d0", GIB, &dimm.start, &dimm.end, err);
	if (!r)
		r = one_range(b, &m, &dimm, err);
	if (!r)
		r = one_range(b, &m, &boot, err);
	machine_deinit(&m);
	return r;
}
