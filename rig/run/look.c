// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "run/evidence.h"
#include "run/look.h"

#define QUIET_TRIES	10

/* Marks the zones whose free pages did not change; true when all are. */
static bool mark_quiet(struct snapshot *s, const struct snapshot *after)
{
	bool all = true;

	for (size_t i = 0; i < s->nr_zones; i++) {
		struct zone_count *z = &s->zone[i];
		const struct zone_count *b = snapshot_zone(after, z->node, z->name);

		z->quiet = b && z->free == b->free && z->pcp == b->pcp;
		all &= z->quiet;
	}
	return all;
}

static int host_view(struct run *run, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *devices = NULL;
	int e = qmp_call(vm_qmp(run->vm), "query-memory-devices", NULL, until_ns, &devices, NULL, err);

	if (e < 0)
		return e;
	s->memfd_bytes = vm_memfd_bytes(run->vm);
	return snapshot_parse_devices(devices, s, err);
}

static int pages_of_devices(struct run *run, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	const struct model *m = &run->model;
	uint64_t done = 0;

	/* ascending by address, whatever the order of plugging */
	for (size_t n = 0; n < m->nr_devices; n++) {
		const struct model_device *next = NULL;
		int e;

		for (size_t i = 0; i < m->nr_devices; i++)
			if (m->device[i].start_pfn >= done && m->device[i].nr_blocks &&
			    (!next || m->device[i].start_pfn < next->start_pfn))
				next = &m->device[i];
		if (!next)
			break;
		done = next->start_pfn + next->nr_pages;
		e = guest_pages(&run->guest, next->start_pfn, done, true, until_ns, s, err);
		if (e < 0)
			return e;
	}
	return 0;
}

/*
 * One look at everything.  The page states are read while the guest runs: counts of free pages that
 * are the same before and after tell that nobody allocated meanwhile; if not, look again.
 */
int look_take(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	struct snapshot s = { 0 }, after = { 0 };
	bool quiet = false;
	int e = 0;

	for (int i = 0; i < QUIET_TRIES && !quiet; i++) {
		snapshot_deinit(&s);
		if ((e = guest_counters(&run->guest, until_ns, &s, err)) < 0 ||
		    (e = host_view(run, until_ns, &s, err)) < 0)
			break;
		e = whole ? guest_pages(&run->guest, 0, s.kpageflags_pages, false, until_ns, &s, err) :
			    pages_of_devices(run, until_ns, &s, err);
		if (e < 0 || (e = guest_zoneinfo(&run->guest, until_ns, &after, err)) < 0)
			break;
		s.whole = whole;
		quiet = mark_quiet(&s, &after);
		snapshot_deinit(&after);
	}
	snapshot_deinit(&after);
	if (e < 0) {
		snapshot_deinit(&s);
		return e;
	}
	*ret = s;
	return 0;
}

void look_keep(struct run *run, size_t number, const char *when, const struct snapshot *s)
{
	AUTO_FREE char *name = xasprintf("state-%03zu-%s", number, when);
	json_auto_t *value = snapshot_json(&run->guest.layout, s);

	record_json_gz(run->record, name, value);
}

static void compare_once(struct run *run, const struct snapshot *s, const char *step, struct findings *out)
{
	model_compare(&run->model, s, step, out);
	model_balance(&run->model, s, step, out);
}

/*
 * Compare, and look again before blaming the kernel: struct pages are read without its locks, so a
 * page on its way from one state to the next may be caught in between.  What is wrong stays wrong;
 * what the second look does not show is noted, not judged.
 */
static int compare_kept(struct run *run, size_t number, struct snapshot *s, struct rig_err *err)
{
	struct findings first = { 0 };
	struct snapshot again;
	size_t before = run->findings.nr;
	char text[1024];
	int e;

	look_keep(run, number, "after", s);
	compare_once(run, s, run->step_name, &first);
	if (!first.nr)
		return 0;
	e = look_take(run, false, &again, err);
	if (!e) {
		look_keep(run, number, "again", &again);
		compare_once(run, &again, run->step_name, &run->findings);
		snapshot_deinit(&again);
	}
	if (!e && run->findings.nr == before) {
		snprintf(text, sizeof(text), "seen once and not again: %s: expected %s, seen %s",
			 first.f[0].invariant, first.f[0].expected, first.f[0].seen);
		evidence_note(run, text);
	}
	findings_deinit(&first);
	return e;
}

int look_compare(struct run *run, size_t number, struct rig_err *err)
{
	struct snapshot s;
	int e = look_take(run, false, &s, err);

	if (e < 0)
		return e;
	e = compare_kept(run, number, &s, err);
	snapshot_deinit(&s);
	return e;
}
