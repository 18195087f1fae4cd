// SPDX-License-Identifier: GPL-2.0-or-later
/* What memory costs: of a 16 GiB DIMM in the agent, of growing ones in the rig and in time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
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

/* The same scenario with a DIMM of another size. */
static int write_scenario(struct bench *b, unsigned int gib, char **ret, struct rig_err *err)
{
	AUTO_FREE char *size = xasprintf("%uG", gib), *path = xasprintf("%s/plug-%s.json", b->results, size);
	json_auto_t *o = json_pack("{ss ss ss s[ss] s[{s{ssssss}} {s{ssss}} {s{ss}} {ss}]}",
				   "summary", "a DIMM onlined to ZONE_MOVABLE, offlined and unplugged", "origin",
				   "measurement: how time and memory grow", "machine", "wide", "needs",
				   "ACPI_HOTPLUG_MEMORY", "MEMORY_HOTREMOVE", "steps", "plug", "id", "d0", "device",
				   "dimm", "size", size, "online", "device", "d0", "zone", "movable", "offline",
				   "device", "d0", "unplug", "d0");
	AUTO_FREE char *text = json_dumps(o, JSON_INDENT(1));
	int r = io_write_file(path, text, strlen(text), err);

	if (r == 0)
		*ret = TAKE_PTR(path);
	return r;
}

static int grow(struct bench *b, unsigned int gib, struct rig_err *err)
{
	AUTO_FREE char *path = NULL, *run = xasprintf("grow-%u-s", gib), *rig = xasprintf("grow-%u-mib", gib);
	AUTO_FREE char *what = xasprintf("run that plugs, onlines, offlines and unplugs %u GiB", gib);
	AUTO_FREE char *rss = xasprintf("rig's peak memory in it");
	struct whole_request request = { 0 };
	struct whole w = { 0 };
	int r = write_scenario(b, gib, &path, err);

	request.scenario = path;
	if (r < 0 || (r = whole_run(b, &request, &w, err)) < 0)
		return r;
	table_add_one(&b->table, run, what, "s", w.total_s, TARGET_NONE, 0);
	table_add_one(&b->table, rig, rss, "MiB", w.peak_mib, TARGET_BELOW, 64);
	whole_deinit(&w);
	return 0;
}

/* The smallest makes the template and is measured once more. */
static int growth(struct bench *b, struct rig_err *err)
{
	static const unsigned int gib[] = { 1, 4, 16, 64 };
	AUTO_FREE char *path = NULL;
	struct whole w = { 0 };
	int r = write_scenario(b, gib[0], &path, err);

	if (r < 0 || (r = whole_run(b, &(struct whole_request){ .scenario = path }, &w, err)) < 0)
		return r;
	whole_deinit(&w);
	for (size_t i = 0; i < ARRAY_SIZE(gib); i++)
		if ((r = grow(b, gib[i], err)) < 0)
			return r;
	/* linear: four times the memory takes no more than four times as long */
	table_add_one(&b->table, "grow-time", "(64 GiB - 16 GiB) / (16 GiB - 4 GiB), in time", "",
		      (table_value(&b->table, "grow-64-s") - table_value(&b->table, "grow-16-s")) /
		      (table_value(&b->table, "grow-16-s") - table_value(&b->table, "grow-4-s")), TARGET_AT_MOST, 4.4);
	/* the runs of pages of one look are held at once: 16 MiB at 64 GiB, where 1 GiB takes 9 */
	table_add_one(&b->table, "grow-memory", "rig's memory, 64 GiB / 1 GiB", "",
		      table_value(&b->table, "grow-64-mib") / table_value(&b->table, "grow-1-mib"), TARGET_AT_MOST,
		      2);
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
	return r < 0 ? r : growth(b, err);
}
