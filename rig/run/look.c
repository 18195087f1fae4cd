// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/span.h"
#include "run/evidence.h"
#include "run/guest_texts.h"
#include "run/look.h"
#include "run/outside.h"
#include "run/virtio_mem.h"

#define QUIET_TRIES	10	/* for a look at the devices: milliseconds each */
#define WHOLE_TRIES	4	/* for all memory; the baseline is taken as it comes */
#define CONFIRM_LOOKS	2
#define UNMAP_MS	5000u

/*
 * Marks the zones whose free pages did not change.  True when all are whose pages were read: a look
 * at the devices alone does not care about the zones of boot memory, which are never quiet for long.
 */
static bool mark_quiet(const struct run *run, struct snapshot *s, const struct snapshot *after)
{
	bool all = true;

	for (size_t i = 0; i < s->nr_zones; i++) {
		struct zone_count *z = &s->zone[i];
		const struct zone_count *b = snapshot_zone(after, z->node, z->name);

		z->quiet = b && z->free == b->free && z->pcp == b->pcp;
		all &= z->quiet || !snapshot_covers(s, &run->base, z);
	}
	return all;
}

static int host_view(struct run *run, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	json_auto_t *devices = NULL;
	int e = qmp_call(vm_qmp(run->vm), "query-memory-devices", NULL, until_ns, &devices, NULL, err);

	if (e < 0)
		return e;
	return snapshot_parse_devices(devices, s, err);
}

void look_devices(struct run *run, uint64_t until_ns, struct snapshot *s)
{
	struct rig_err ignored;

	if (host_view(run, until_ns, s, &ignored) < 0)
		s->nr_devices = 0;
}

/* Memory that QEMU maps for hotplugged devices; at the end it must be exactly that of those still there. */
static void host_memory(struct run *run, bool whole, struct snapshot *s)
{
	uint64_t expected = run->base.memfd_bytes;

	for (size_t i = 0; i < run->model.nr_devices; i++)
		expected += run->model.device[i].backend_bytes;
	if (run->unmapping && whole)
		vm_await_unmapped(run->vm, expected, clock_in_ms(UNMAP_MS));
	s->memfd_bytes = vm_memfd_bytes(run->vm);
	s->unmapping = run->unmapping && !whole;
	if (s->memfd_bytes == expected)
		run->unmapping = false;
}

size_t look_ranges(const struct run *run, bool whole, const struct snapshot *s, struct model_range **ret)
{
	struct model_range *device = NULL;
	size_t nr_devices = run->modelled ? model_memmap_ranges(&run->model, &device) : 0, nr = 0;
	struct model_range *list;

	if (!whole) {
		*ret = device;
		return nr_devices;
	}
	list = xcalloc(nr_devices + 1, sizeof(*list));
	list[nr++] = (struct model_range){ 0, s->kpageflags_pages };
	for (size_t i = 0; i < nr_devices; i++) {
		if (device[i].end <= s->kpageflags_pages)
			continue;
		list[nr] = device[i];
		if (list[nr].start < s->kpageflags_pages)
			list[nr].start = s->kpageflags_pages;
		nr++;
	}
	free(device);
	*ret = list;
	return nr;
}

static int pages_by_agent(struct run *run, bool whole, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	AUTO_FREE struct model_range *range = NULL;
	size_t nr = look_ranges(run, whole, s, &range);

	for (size_t i = 0; i < nr; i++) {
		int e = guest_pages(&run->guest, range[i].start, range[i].end, !whole, until_ns, s, err);

		if (e == 0 && run->guest.raw)
			e = guest_pageblocks(&run->guest, range[i].start, range[i].end, until_ns, s, err);
		if (e < 0)
			return e;
	}
	return 0;
}

/*
 * Struct pages by both witnesses, where there are both; but of the whole machine, once it is known
 * that they agree about it, by the one who sees it in one moment.
 */
static int read_pages(struct run *run, bool whole, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	bool by_agent = !run->witness || (run->guest.raw && !(whole && run->modelled));
	int e = run->witness ? outside_look(run, whole, until_ns, s, err) : 0;

	if (e == 0 && by_agent)
		e = pages_by_agent(run, whole, until_ns, s, err);
	return e;
}

/* What the agent counts moves on while it reads pages; counts of free pages that are the same before
 * and after tell that nobody allocated meanwhile. */
static int count_again(struct run *run, uint64_t until_ns, struct snapshot *s, bool *quiet, struct rig_err *err)
{
	struct snapshot after = { 0 };
	int e = guest_zoneinfo(&run->guest, until_ns, &after, err);

	if (e == 0)
		*quiet = mark_quiet(run, s, &after);
	snapshot_deinit(&after);
	return e;
}

static int read_kcore(struct run *run, uint64_t until_ns, struct snapshot *s, struct rig_err *err)
{
	AUTO_FREE struct model_range *range = NULL;
	size_t nr = run->modelled ? model_memmap_ranges(&run->model, &range) : 0;

	return guest_kcore(&run->guest, range, nr, until_ns, s, err);
}

static int take_once(struct run *run, bool whole, uint64_t until_ns, struct snapshot *s, bool *quiet,
		     struct rig_err *err)
{
	int e;

	if ((e = guest_counters(&run->guest, run->modelled ? run->model.device_end : 0, until_ns, s, err)) < 0 ||
	    (e = guest_texts(&run->guest, !whole ? TEXTS_STEP : run->modelled ? TEXTS_END : TEXTS_START,
			     until_ns, s, err)) < 0 ||
	    (e = read_kcore(run, until_ns, s, err)) < 0 || (e = host_view(run, until_ns, s, err)) < 0 || (e = read_pages(run, whole, until_ns, s, err)) < 0)
		return e;
	*quiet = snapshot_count_outside(s);
	if (!*quiet && (e = count_again(run, until_ns, s, quiet, err)) < 0)
		return e;
	/* nothing by the agent: then the outside reader's is all there is */
	if (s->outside.there && !s->pages.nr && (whole || !run->guest.raw))
		snapshot_adopt_outside(s);
	s->whole = whole;
	s->fallback = run->fallback;
	return 0;
}

/* One look at everything; where free pages could not be counted in the same moment, look again. */
static int take(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	struct snapshot s = { 0 };
	int tries = !whole ? QUIET_TRIES : run->modelled ? WHOLE_TRIES : 1;
	bool quiet = false;
	int e = 0;

	for (int i = 0; i < tries && !quiet && e == 0; i++) {
		snapshot_deinit(&s);
		e = take_once(run, whole, until_ns, &s, &quiet, err);
	}
	if (e < 0) {
		snapshot_deinit(&s);
		return e;
	}
	host_memory(run, whole, &s);
	*ret = s;
	return 0;
}

/* A driver that works by itself may have gone on meanwhile: then the look belongs to no state at all. */
static int take_settled(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	struct snapshot s = { 0 };
	int e;

	do {
		snapshot_deinit(&s);
		if ((e = virtio_mem_settle(run, until_ns, err)) < 0 || (e = take(run, whole, &s, err)) < 0)
			return e;
		if (virtio_mem_as_told(run, &s)) {
			*ret = s;
			return 0;
		}
	} while (clock_left_ms(until_ns) > 0);
	snapshot_deinit(&s);
	return rig_err_set(err, RIG_TIMEOUT, ETIMEDOUT, "a virtio-mem device changed during each look for %u s",
			   LOOK_MS / 1000);
}

int look_take(struct run *run, bool whole, struct snapshot *ret, struct rig_err *err)
{
	int e;

	run->looking = true;
	e = take_settled(run, whole, ret, err);
	run->looking = e < 0;	/* whoever judges the error must know that no step caused it */
	return e;
}

static int read_passing(struct run *run, const struct model_device *d, struct snapshot *before, struct snapshot *s,
			struct rig_err *err)
{
	uint64_t until_ns = clock_in_ms(LOOK_MS);
	int e = guest_blocks(&run->guest, until_ns, before, err);

	for (size_t i = 0; i < d->nr_blocks && !e; i++) {
		uint64_t start = d->block[i].id * run->model.block_pages;

		e = guest_pages(&run->guest, start, start + run->model.block_pages, true, until_ns, s, err);
	}
	return e ? e : guest_blocks(&run->guest, until_ns, s, err);
}

int look_passing(struct run *run, const struct step *step, struct rig_err *err)
{
	const struct model_device *d = model_device_find(&run->model, step->device);
	struct snapshot before = { 0 }, s = { 0 };
	int e;

	if (!d)
		return 0;
	run->looking = true;
	e = read_passing(run, d, &before, &s, err);
	run->looking = e < 0;	/* as in look_take() */
	if (e == 0)
		model_compare_passing(&run->model, d->id, &before, &s, run->step_name, &run->findings);
	snapshot_deinit(&before);
	snapshot_deinit(&s);
	return e;
}

struct runs {
	const struct page_layout *layout;
	const struct snapshot *s;
	size_t next;
};

static json_t *next_run(void *arg)
{
	struct runs *r = arg;

	return r->next < r->s->pages.nr ? snapshot_run_json(r->layout, r->s, r->next++) : NULL;
}

void look_keep(struct run *run, size_t number, const char *when, const struct snapshot *s)
{
	AUTO_FREE char *name = xasprintf("state-%03zu-%s", number, when);
	json_auto_t *rest = snapshot_rest_json(s);
	struct runs runs = { run->layout, s, 0 };
	const struct record_list pages = { .key = "pages", .next = next_run, .arg = &runs };

	record_list_gz(run->record, name, rest, &pages);
}

static void judge_once(struct run *run, enum look_scope scope, const struct snapshot *s,
		       struct findings *out)
{
	if (scope != LOOK_START)
		model_learn(&run->model, s);
	/* first: however many faults one of them sees, it must not be forgotten that the other does not */
	model_agree(run->layout, s, run->step_name, out);
	if (scope != LOOK_START)
		model_agree_faults(&run->model, s, run->step_name, out);
	if (scope != LOOK_START)
		model_compare(&run->model, s, run->step_name, out);
	model_balance(&run->model, s, run->step_name, out);
	if (scope == LOOK_END)
		model_compare_boot(&run->model, &run->base, s, run->step_name, out);
	if (scope == LOOK_END)
		model_compare_leftovers(&run->model, s, run->step_name, out);
}

static void note_passing(struct run *run, const struct finding *f)
{
	AUTO_FREE char *text = xasprintf("seen and not again: %s: expected %s, seen %s", f->invariant,
					 f->expected, f->seen);

	evidence_note(run, text);
}

/* What could not be added up for want of a quiet moment is said, not passed over. */
static void note_unquiet(struct run *run, const struct snapshot *s)
{
	for (size_t i = 0; i < s->nr_zones; i++) {
		const struct zone_count *z = &s->zone[i];
		AUTO_FREE char *text = NULL;

		if (z->quiet || !s->raw || !snapshot_covers(s, &run->base, z))
			continue;
		text = xasprintf("node %u zone %s had no quiet moment: its free lists were not added up", z->node,
				 z->name);
		evidence_note(run, text);
	}
}

/* Which of the two is wrong cannot be told, so neither can be held against the kernel. */
static int judge_witnesses(const struct run *run, struct rig_err *err)
{
	const struct finding *f = findings_disagree(&run->findings);

	if (!f)
		return 0;
	return rig_err_set(err, RIG_AGENT, EPROTO, "the agent and the reader from outside disagree (%s%s): %.300s; %.300s",
			   f->invariant, f->has_pfn ? ", see its first pfn" : "", f->expected, f->seen);
}

int look_judge(struct run *run, size_t number, enum look_scope scope, const struct snapshot *s,
	       struct rig_err *err)
{
	struct findings lasting = { 0 }, new = { 0 };
	int e = 0;

	if (scope != LOOK_START)
		note_unquiet(run, s);
	judge_once(run, scope, s, &lasting);
	for (int i = 0; i < CONFIRM_LOOKS && lasting.nr && !e; i++) {
		struct findings again = { 0 };
		struct snapshot next;

		/* a processor that the host did not let run would show the same unfinished change again */
		e = guest_visit_cpus(&run->guest, clock_in_ms(LOOK_MS), err);
		if (e == 0)
			e = look_take(run, scope != LOOK_STEP, &next, err);
		if (e < 0)
			break;
		look_keep(run, number, i ? "again-2" : "again", &next);
		judge_once(run, scope, &next, &again);
		for (size_t k = 0; k < lasting.nr; )
			if (finding_lasts(&lasting.f[k], &again)) {
				k++;
			} else {
				note_passing(run, &lasting.f[k]);
				finding_drop(&lasting, k);
			}
		findings_deinit(&again);
		snapshot_deinit(&next);
	}
	/* what an earlier step found already is still wrong now, and not a second fault */
	for (size_t k = 0; k < lasting.nr && !e; k++)
		if (!finding_lasts(&lasting.f[k], &run->findings))
			finding_add(&new, &lasting.f[k]);
	for (size_t k = 0; k < new.nr; k++)
		finding_add(&run->findings, &new.f[k]);
	findings_deinit(&new);
	findings_deinit(&lasting);
	if (scope != LOOK_START)
		model_judged(&run->model, s);
	return e < 0 ? e : judge_witnesses(run, err);
}
