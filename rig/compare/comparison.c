// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "compare/comparison.h"
#include "compare/differences.h"

/* One kernel's runs; those that were skipped or had an error are loaded and left out. */
struct runs {
	struct account *account;
	size_t nr;
	const struct account **used;
	struct side side;
	size_t fails;			/* of those that are used */
};

static const char *const verdict_names[] = { "same", "skipped", "trouble", "different" };

const char *compare_verdict_name(enum compare_verdict verdict)
{
	return verdict_names[verdict];
}

enum compare_verdict comparison_verdict(const json_t *comparison)
{
	const char *name = json_string_value(json_object_get(comparison, "verdict"));

	for (size_t i = 0; i < ARRAY_SIZE(verdict_names) && name; i++)
		if (!strcmp(name, verdict_names[i]))
			return (enum compare_verdict)i;
	return COMPARE_TROUBLE;
}

static void runs_deinit(struct runs *r)
{
	for (size_t i = 0; i < r->nr; i++)
		account_deinit(&r->account[i]);
	free(r->account);
	free(r->used);
}
#define AUTO_RUNS __attribute__((cleanup(runs_deinit)))

static int load(const struct strv *folders, struct runs *r, struct rig_err *err)
{
	r->account = xcalloc(folders->n, sizeof(*r->account));
	r->used = xcalloc(folders->n, sizeof(*r->used));
	for (; r->nr < folders->n; r->nr++) {
		struct account *a = &r->account[r->nr];
		int e = account_load(folders->v[r->nr], a, err);

		if (e < 0)
			return e;
		if (a->reason)
			continue;
		r->used[r->side.nr++] = a;
		r->fails += a->outcome == OUTCOME_FAIL;
	}
	r->side.account = r->used;
	return 0;
}

/* The rig keeps a state of the same steps each time; one that did not boot has no steps. */
static int check_steps(const struct account *a, const struct account *b, struct rig_err *err)
{
	for (size_t i = 1; i < a->nr_steps && b->nr_steps > 1; i++) {
		const struct account_step *x = &a->step[i], *y = &b->step[i];

		if (a->nr_steps != b->nr_steps || strcmp(x->name, y->name))
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "'%s' and '%s' have different steps: the scenario was changed",
					   a->folder, b->folder);
		if (x->passed && y->passed && x->looked != y->looked)
			return rig_err_set(err, RIG_HOST, ENOENT, "record '%s' lacks the state of step '%s'",
					   x->looked ? b->folder : a->folder, x->name);
	}
	return 0;
}

static int check_same(const struct account *a, const struct account *b, struct rig_err *err)
{
	static const char *const keys[] = { "scenario", "machine" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *x = account_text(a, keys[i], NULL), *y = account_text(b, keys[i], NULL);

		if (strcmp(x, y))
			return rig_err_set(err, RIG_USAGE, EINVAL,
					   "records of different %ss: '%s' has '%s', '%s' has '%s'", keys[i],
					   a->folder, x, b->folder, y);
	}
	if (!json_equal(json_object_get(a->result, "variant"), json_object_get(b->result, "variant")) &&
	    (json_object_get(a->result, "variant") || json_object_get(b->result, "variant")))
		return rig_err_set(err, RIG_USAGE, EINVAL, "records of different variants: '%s' and '%s'", a->folder,
				   b->folder);
	return check_steps(a, b, err);
}

static int check_all(const struct runs *r, const struct account *first, struct rig_err *err)
{
	for (size_t i = 0; i < r->nr; i++) {
		int e = check_same(first, &r->account[i], err);

		if (e < 0)
			return e;
	}
	return 0;
}

/* The run that came as far as any, of both kernels: its steps are those of all. */
static const struct account *longest(const struct runs *base, const struct runs *patched)
{
	const struct account *a = &base->account[0];

	for (size_t i = 0; i < base->nr; i++)
		a = base->account[i].nr_steps > a->nr_steps ? &base->account[i] : a;
	for (size_t i = 0; i < patched->nr; i++)
		a = patched->account[i].nr_steps > a->nr_steps ? &patched->account[i] : a;
	return a;
}

static json_t *side_json(const struct runs *r)
{
	const struct account *a = &r->account[0];
	json_t *outcomes = json_array(), *records = json_array();

	for (size_t i = 0; i < r->nr; i++) {
		json_array_append_new(outcomes, json_string(account_text(&r->account[i], "outcome", NULL)));
		json_array_append_new(records, json_string(r->account[i].folder));
	}
	return json_pack("{sO sO* ss ss so so}", "kernel", json_object_get(a->result, "kernel"), "fail_kind",
			 json_object_get(a->result, "fail_kind"), "accel", account_text(a, "accel", NULL), "era",
			 account_text(a, "memmap", "era"), "outcomes", outcomes, "records", records);
}

static void left_out(json_t *list, const char *side, const struct runs *r)
{
	for (size_t i = 0; i < r->nr; i++) {
		const struct account *a = &r->account[i];

		if (a->reason)
			json_array_append_new(list, json_pack("{ssssssss}", "side", side, "outcome",
							      outcome_name(a->outcome), "reason", a->reason, "record",
							      a->folder));
	}
}

static json_t *difference_json(const struct difference *d, const char *step)
{
	json_t *o = json_pack("{ssssssss?ss?}", "step", step, "kind", detail_kind_name(d->kind), "what", d->what,
			      "base", d->base, "patched", d->patched);

	if (d->nr) {
		json_object_set_new(o, "first_pfn", json_integer((json_int_t)d->pfn));
		json_object_set_new(o, "nr_pfns", json_integer((json_int_t)d->nr));
	}
	return o;
}

static json_t *latency_json(const struct latency *l, const char *step)
{
	return json_pack("{sssIsIsIsIsb}", "step", step, "base_ns", (json_int_t)l->base.median_ns, "patched_ns",
			 (json_int_t)l->patched.median_ns, "base_boots", (json_int_t)l->base.boots, "patched_boots",
			 (json_int_t)l->patched.boots, "judged", l->judged);
}

/* Both sides have runs that say something. */
static enum compare_verdict compare(const struct runs *base, const struct runs *patched, json_t *o)
{
	json_t *differences = json_array(), *explained = json_array(), *latencies = json_array();
	struct differences found;
	const struct account *steps = longest(base, patched);
	size_t compared = differences_steps(&base->side, &patched->side), unsteady, nr;

	differences_find(&base->side, &patched->side, &found);
	for (size_t i = 0; i < found.nr; i++)
		json_array_append_new(found.v[i].by_era ? explained : differences,
				      difference_json(&found.v[i], steps->step[found.v[i].step].name));
	for (size_t i = 0; i < found.nr_latencies; i++)
		json_array_append_new(latencies, latency_json(&found.latency[i],
							      steps->step[found.latency[i].step].name));
	unsteady = found.unsteady;
	differences_deinit(&found);
	nr = json_array_size(differences);
	json_object_update_new(o, json_pack("{sI sI so so sI so}", "steps", (json_int_t)steps->nr_steps - 1,
					    "steps_compared", compared ? (json_int_t)compared - 1 : 0,
					    "differences", differences, "explained", explained, "unsteady",
					    (json_int_t)unsteady, "latencies", latencies));
	/* a failure in some of the runs is one of that kernel, unless the other has it at times, too */
	return nr || !base->fails != !patched->fails ? COMPARE_DIFFERENT : COMPARE_SAME;
}

/* Why nothing could be compared. */
static enum compare_verdict why_not(const struct runs *base, const struct runs *patched)
{
	const struct runs *both[] = { base, patched };

	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		for (size_t k = 0; k < both[i]->nr; k++)
			if (both[i]->account[k].outcome == OUTCOME_ERROR)
				return COMPARE_TROUBLE;
	return COMPARE_SKIPPED;
}

int comparison_make(const struct strv *base, const struct strv *patched, json_t **ret, struct rig_err *err)
{
	AUTO_RUNS struct runs b = { 0 }, p = { 0 };
	json_t *left = json_array(), *o;
	enum compare_verdict verdict;
	int r = load(base, &b, err);

	if (!r)
		r = load(patched, &p, err);
	if (!r)
		r = check_all(&b, longest(&b, &p), err);
	if (!r)
		r = check_all(&p, longest(&b, &p), err);
	if (r < 0) {
		json_decref(left);
		return r;
	}
	left_out(left, "base", &b);
	left_out(left, "patched", &p);
	o = json_pack("{ss so so so}", "scenario", account_text(&b.account[0], "scenario", NULL), "base",
		      side_json(&b), "patched", side_json(&p), "left_out", left);
	verdict = b.side.nr && p.side.nr ? compare(&b, &p, o) : why_not(&b, &p);
	json_object_set_new(o, "verdict", json_string(compare_verdict_name(verdict)));
	*ret = o;
	return 0;
}
