// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "compare/account.h"
#include "record/fields.h"
#include "record/result_file.h"
#include "record/state_file.h"

#define MAX_STEPS	4096u

const char *account_text(const struct account *a, const char *key, const char *sub)
{
	const json_t *v = json_object_get(a->result, key);
	const char *text = json_string_value(sub ? json_object_get(v, sub) : v);

	return text ? text : "?";
}

static int load_result(const char *folder, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/result.json", folder);

	if (!io_exists(path))
		return rig_err_set(err, RIG_USAGE, ENOENT, "'%s' is no record: it has no result.json", folder);
	return result_file_read(folder, ret, err);
}

/* A failure that was expected is a failure all the same: the known-bug file has no say here. */
static bool outcome_of(const char *name, enum outcome *ret)
{
	for (int o = OUTCOME_PASS; o <= OUTCOME_FAIL; o++)
		if (!strcmp(name, outcome_name((enum outcome)o))) {
			*ret = o == OUTCOME_XFAIL ? OUTCOME_FAIL : o == OUTCOME_XPASS ? OUTCOME_PASS : (enum outcome)o;
			return true;
		}
	return false;
}

static int read_steps(struct account *a, struct rig_err *err)
{
	const json_t *steps = json_object_get(a->result, "steps"), *step;
	size_t i;

	if (!json_is_array(steps) || json_array_size(steps) > MAX_STEPS)
		return rig_err_set(err, RIG_HOST, EBADMSG, "no steps");
	a->nr_steps = json_array_size(steps) + 1;
	a->step = xcalloc(a->nr_steps, sizeof(*a->step));
	a->step[0] = (struct account_step){ .name = xstrdup("start"), .reached = a->nr_steps > 1 };
	json_array_foreach(steps, i, step) {
		const char *name = fields_or_null(step, "name"), *outcome = fields_or_null(step, "outcome");
		json_int_t start = json_integer_value(json_object_get(step, "start"));

		if (!name || !outcome || start < 0)
			return rig_err_set(err, RIG_HOST, EBADMSG, "step %zu without name, outcome or start", i + 1);
		a->step[i + 1] = (struct account_step){
			.name = xstrdup(name), .start_ns = (uint64_t)start,
			.reached = !strcmp(outcome, "PASS") || !strcmp(outcome, "FAIL"),
			.passed = !strcmp(outcome, "PASS"),
		};
		if (a->step[i + 1].reached)
			detail_add(&a->details, i + 1, DETAIL_OUTCOME, xstrdup("of the step"), xstrdup(outcome));
	}
	return 0;
}

/* Findings of the boot stand at the start. */
static void read_findings(struct account *a)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(json_object_get(a->result, "findings"), i, finding) {
		const char *step = fields_or_null(finding, "step"), *invariant = fields_or_null(finding, "invariant");
		const char *expected = fields_or_null(finding, "expected"), *seen = fields_or_null(finding, "seen");
		size_t at = 0;

		for (size_t k = 1; k < a->nr_steps && step; k++)
			if (!strcmp(step, a->step[k].name))
				at = k;
		if (invariant)
			detail_add(&a->details, at, DETAIL_FINDING, xstrdup(invariant),
				 xasprintf("%s, expected %s", seen ? seen : "?", expected ? expected : "?"));
	}
}

static int read_reason(struct account *a, struct rig_err *err)
{
	const char *outcome = fields_or_null(a->result, "outcome"), *reason;

	if (!outcome || !outcome_of(outcome, &a->outcome) || !fields_or_null(a->result, "scenario") ||
	    !json_is_object(json_object_get(a->result, "kernel")))
		return rig_err_set(err, RIG_HOST, EBADMSG, "no scenario, outcome or kernel");
	reason = a->outcome == OUTCOME_SKIP ? fields_or_null(a->result, "skip_reason") :
		 fields_or_null(json_object_get(a->result, "error"), "text");
	if (a->outcome == OUTCOME_SKIP || a->outcome == OUTCOME_ERROR)
		a->reason = xstrdup(reason ? reason : "no reason given");
	return 0;
}

/* The state of @step; NULL where none was kept: the run ended badly there, or it was in the middle of something. */
static int load_state(const struct account *a, size_t step, json_t **ret, struct rig_err *err)
{
	bool last = step + 1 == a->nr_steps;
	AUTO_FREE char *name = xasprintf("%03zu-%s", step, !step ? "start" : last ? "end" : "after");
	int r = state_file_read(a->folder, name, ret, err);

	if (r != -ENOENT || !step || (last && a->step[step].passed))
		return r;
	*ret = NULL;
	return 0;
}

static int read_state(struct account *a, size_t step, const json_t *start, const struct run_details *within,
		      struct rig_err *err)
{
	json_auto_t *state = NULL;
	int r = load_state(a, step, &state, err);

	if (r < 0 || !state)
		return r;
	r = account_state(a, step, state, start, err);
	if (!r)
		r = account_pages(a, step, state, step + 1 == a->nr_steps ? within : NULL, err);
	if (r < 0)
		return rig_err_wrap(err, "state %zu of record '%s' is damaged", step, a->folder);
	a->step[step].looked = true;
	return 0;
}

static int by_pfn(const void *x, const void *y)
{
	const struct run_detail *a = x, *b = y;

	return (a->pfn > b->pfn) - (a->pfn < b->pfn);
}

/* Where devices ever had pages: ranges without a value, ascending and apart. */
static void join(struct run_details *all, const struct run_details *more)
{
	size_t n = 0;

	for (size_t i = 0; i < more->nr; i++) {
		GROW(all->v, all->nr, all->cap);
		all->v[all->nr++] = (struct run_detail){ more->v[i].pfn, more->v[i].nr, NULL };
	}
	if (all->nr)
		qsort(all->v, all->nr, sizeof(*all->v), by_pfn);
	for (size_t i = 0; i < all->nr; i++) {
		struct run_detail *last = n ? &all->v[n - 1] : NULL, *r = &all->v[i];

		if (!last || r->pfn > last->pfn + last->nr)
			all->v[n++] = *r;
		else if (r->pfn + r->nr > last->pfn + last->nr)
			last->nr = r->pfn + r->nr - last->pfn;
	}
	all->nr = n;
}

static int read_states(struct account *a, struct rig_err *err)
{
	__attribute__((cleanup(run_details_deinit))) struct run_details ever = { 0 };
	json_auto_t *start = NULL;
	int r = load_state(a, 0, &start, err);

	if (!r) {
		r = account_state(a, 0, start, start, err);
		a->step[0].looked = !r;
	}
	if (r < 0)
		return rig_err_wrap(err, "the first state of record '%s'", a->folder);
	for (size_t i = 1; i < a->nr_steps && !r; i++) {
		if (a->step[i].reached)
			r = read_state(a, i, start, &ever, err);
		join(&ever, &a->step[i].pages);
	}
	return r;
}

static bool clears_memory(const struct account *a)
{
	const json_t *arg;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(a->result, "qemu"), "argv"), i, arg)
		if (json_is_string(arg) && strstr(json_string_value(arg), "init_on_alloc=0"))
			return false;
	return true;
}

static int load(struct account *a, struct rig_err *err)
{
	const char *era;
	int r = read_reason(a, err);

	if (!r && !a->reason)
		r = read_steps(a, err);
	if (r < 0)
		return rig_err_wrap(err, "'%s/result.json' is damaged", a->folder);
	if (a->reason)
		return 0;
	era = account_text(a, "memmap", "era");
	a->era = !strcmp(era, memmap_era_name(ERA_PG_RESERVED)) ? ERA_PG_RESERVED :
		 !strcmp(era, memmap_era_name(ERA_PAGE_OFFLINE)) ? ERA_PAGE_OFFLINE : ERA_UNKNOWN;
	a->garbage = !clears_memory(a);
	read_findings(a);
	/* a kernel that did not boot took no step */
	if (a->nr_steps > 1)
		r = read_states(a, err);
	if (!r && a->nr_steps > 1)
		r = account_wires(a, err);
	details_settle(&a->details);
	return r;
}

int account_load(const char *folder, struct account *ret, struct rig_err *err)
{
	struct account a = { .folder = xstrdup(folder) };
	int r = load_result(folder, &a.result, err);

	if (!r)
		r = load(&a, err);
	if (r < 0)
		account_deinit(&a);
	else
		*ret = a;
	return r;
}

void account_deinit(struct account *a)
{
	for (size_t i = 0; i < a->nr_steps; i++) {
		free(a->step[i].name);
		run_details_deinit(&a->step[i].pages);
		run_details_deinit(&a->step[i].pageblocks);
	}
	free(a->step);
	free(a->folder);
	free(a->reason);
	free(a->boot_managed);
	json_decref(a->result);
	details_deinit(&a->details);
	*a = (struct account){ 0 };
}
