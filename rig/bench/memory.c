// SPDX-License-Identifier: GPL-2.0-or-later
/* What a 16 GiB DIMM costs: memory of rig and agent, time, size of the record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/bench.h"
#include "run/guest.h"

#define SCENARIO "rig/bench/scenarios/big.json"
#define SCAN_MS	 120000u
#define GIB	 (1ull << 30)

/* The most that the agent ever had in memory. */
static int agent_peak(struct machine *m, double *ret_mib, struct rig_err *err)
{
	json_auto_t *answer = NULL;
	unsigned long kib;
	const char *at;
	int r = qmp_call(vm_agent(m->vm), "read-files",
			 json_pack("{s[s]}", "paths", "/proc/self/status"), clock_in_ms(SCAN_MS),
			 &answer, NULL, err);

	if (r < 0)
		return r;
	at = json_string_value(
		json_object_get(json_object_get(answer, "files"), "/proc/self/status"));
	at = at ? strstr(at, "VmHWM:") : NULL;
	if (!at || sscanf(at, "VmHWM: %lu kB", &kib) != 1)
		return rig_err_set(err, RIG_AGENT, EBADMSG, "/proc/self/status has no VmHWM");
	*ret_mib = (double)kib / 1024;
	return 0;
}

static int add_peak(struct bench *b, struct machine *m, const char *name, const char *what,
		    enum target target, struct rig_err *err)
{
	double mib;
	int r = agent_peak(m, &mib, err);

	if (!r)
		table_add_one(&b->table, name, what, "MiB", mib, target, 16);
	return r;
}

/* Scan as the rig does and throw the result away. */
static int scan(struct guest *g, uint64_t start, uint64_t end, struct rig_err *err)
{
	struct snapshot s = { 0 };
	int r = guest_pages(g, start, end, true, clock_in_ms(SCAN_MS), &s, err);

	snapshot_deinit(&s);
	return r;
}

static int agent_memory(struct bench *b, struct machine *m, struct rig_err *err)
{
	uint64_t start, end, boot_end = machine_find(m->scenario->machine)->memory_bytes / 4096;
	struct guest g;
	int r;

	if ((r = guest_open(vm_agent(m->vm), NULL, clock_in_ms(SCAN_MS), &g, err)) < 0 ||
	    (r = add_peak(b, m, "agent-layout", "agent's VmHWM after query-layout", TARGET_NONE,
			  err)) < 0 ||
	    (r = scan(&g, 0, boot_end, err)) < 0 ||
	    (r = add_peak(b, m, "agent-boot", "agent's VmHWM after a scan of boot memory",
			  TARGET_NONE, err)) < 0 ||
	    (r = machine_plug(m, "d0", 16 * GIB, &start, &end, err)) < 0 ||
	    (r = scan(&g, start, end, err)) < 0)
		return r;
	return add_peak(b, m, "agent-big", "agent's VmHWM after a scan of a 16 GiB DIMM",
			TARGET_BELOW, err);
}

static int rig_memory(struct bench *b, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/" SCENARIO, getenv("HOTRIG_DATA"));
	struct whole w = { 0 };
	int r = whole_run(b, path, &w, err);
	json_t *step;
	size_t i;

	if (r < 0)
		return r;
	table_add_one(&b->table, "big-rss", "rig's peak memory, run with a 16 GiB DIMM", "MiB",
		      w.max_rss_mib, TARGET_BELOW, 64);
	table_add_one(&b->table, "big-record", "size of its record", "KiB", w.record_kib,
		      TARGET_NONE, 0);
	table_add_one(&b->table, "big-run", "the whole run", "s", w.total_s, TARGET_NONE, 0);
	json_array_foreach(w.steps, i, step) {
		json_int_t ns = json_integer_value(json_object_get(step, "end")) -
				json_integer_value(json_object_get(step, "start"));
		char name[32];

		snprintf(name, sizeof(name), "big-%s",
			 json_string_value(json_object_get(step, "name")));
		table_add_one(&b->table, name, "step, looks included", "s",
			      (double)ns / (double)NS_PER_S, TARGET_NONE, 0);
	}
	whole_deinit(&w);
	return 0;
}

int bench_memory(struct bench *b, struct rig_err *err)
{
	struct machine m = { 0 };
	int r = machine_boot(b, SCENARIO, &m, err);

	if (r < 0)
		return r;
	r = agent_memory(b, &m, err);
	machine_deinit(&m);
	return r < 0 ? r : rig_memory(b, err);
}
