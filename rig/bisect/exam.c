// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bisect/exam.h"

enum verdict exam_verdict(const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "verdict"));
	enum verdict v;

	return name && verdict_find(name, &v) && v != VERDICT_TROUBLE ? v : VERDICT_SKIP;
}

static unsigned int number_of(const json_t *line, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(line, key));

	return n > 0 && n < 1000000 ? (unsigned int)n : 0;
}

/* Chosen by the bad end: a person's words, and a scenario that this bisect runs */
static bool is_target(const json_t *o, const struct trial *how)
{
	struct target target = { 0 };
	bool ok = target_from_json(o, &target), known = !target.scenario;

	for (size_t i = 0; i < how->nr_scenarios && !known; i++)
		known = !strcmp(how->scenario[i]->name, target.scenario);
	target_deinit(&target);
	return ok && known;
}

static bool is_whole(const json_t *line, const struct trial *how)
{
	const char *name = json_string_value(json_object_get(line, "verdict"));
	const json_t *target = json_object_get(line, "target"), *doubt = json_object_get(line, "doubt");
	enum verdict v;

	return json_is_string(json_object_get(line, "tested")) && json_is_string(json_object_get(line, "reason")) &&
	       name && verdict_find(name, &v) && v != VERDICT_TROUBLE && (!target || is_target(target, how)) &&
	       (!doubt || (json_number_value(doubt) > 0 && json_number_value(doubt) <= 1)) &&
	       number_of(line, "failures") <= number_of(line, "runs") &&
	       number_of(line, "failed_boots") <= number_of(line, "boots");
}

/* What a line adds to what is known; one that got its verdict from another adds nothing. */
static void learn(struct exam *e, const json_t *line)
{
	const json_t *target = json_object_get(line, "target");
	const struct odds_tally tally = {
		.runs = number_of(line, "runs"), .failures = number_of(line, "failures"),
		.boots = number_of(line, "boots"), .failed_boots = number_of(line, "failed_boots"),
	};

	if (target && e->target.kind == TARGET_OPEN)
		target_from_json(target, &e->target);
	if (json_object_get(line, "same_as"))
		return;
	if (exam_verdict(line) == VERDICT_BAD)
		odds_add_bad(&e->odds, &tally);
	else if (exam_verdict(line) == VERDICT_GOOD)
		odds_add_good(&e->odds, json_number_value(json_object_get(line, "doubt")));
}

int exam_init(struct exam *e, struct journal *journal, const struct trial *how, const struct exam_source *source,
	      struct target *target, struct rig_err *err)
{
	*e = (struct exam){ .journal = journal, .trial = *how, .source = *source, .try = trial_run,
			     .target = *target };
	*target = (struct target){ 0 };
	for (size_t i = 0; i < journal_size(journal); i++) {
		const json_t *line = journal_line(journal, i);

		if (!json_object_get(line, "tested"))
			continue;
		if (!is_whole(line, how))
			return rig_err_set(err, RIG_HOST, EBADMSG, "line %zu of the journal in '%s' makes no sense: begin with "
					   "--anew", i + 2, journal_dir(journal));
		learn(e, line);
	}
	return 0;
}

void exam_expect_flaky(struct exam *e, size_t candidates)
{
	struct odds before = e->odds;

	odds_init(&e->odds, candidates);
	e->odds.bad = before.bad;
	e->odds.spent = before.spent;
	e->flaky = true;
}

void exam_deinit(struct exam *e)
{
	target_deinit(&e->target);
}

static json_t *new_line(const char *name, enum verdict v, const char *reason)
{
	return json_pack("{ssssso}", "tested", name, "verdict", verdict_name(v), "reason", journal_text(reason));
}

static void add_kernel(json_t *line, const struct kernel *k)
{
	json_t *own = json_pack("{ss* ss* ss* ss*}", "kernel", k->spec, "release", k->release, "image_sha256",
				k->image_sha256, "build_id", k->build_id);

	json_object_update(line, own);
	json_decref(own);
}

static void add_trial(json_t *line, const struct trial_result *r)
{
	json_t *own = json_pack("{si si si si sO}", "runs", (int)r->tally.runs, "failures", (int)r->tally.failures,
				"boots", (int)r->tally.boots, "failed_boots", (int)r->tally.failed_boots, "records",
				r->records);

	if (r->finding)
		json_object_set(own, "finding", r->finding);
	if (r->doubt > 0)
		json_object_set_new(own, "doubt", json_real(r->doubt));
	json_object_update(line, own);
	json_decref(own);
}

/* The same bytes behave alike; only what is said of where they come from is new. */
static json_t *line_like(const char *name, const struct kernel *k, const json_t *like)
{
	const char *reason = json_string_value(json_object_get(like, "reason"));
	json_t *line = new_line(name, exam_verdict(like), reason ? reason : "");
	const json_t *same_as = json_object_get(like, "same_as"), *finding = json_object_get(like, "finding");

	add_kernel(line, k);
	json_object_set(line, "same_as", (json_t *)(same_as ? same_as : json_object_get(like, "tested")));
	if (finding)
		json_object_set(line, "finding", (json_t *)finding);
	return line;
}

static int try_kernel(struct exam *e, const char *name, const struct kernel *k, bool measure, json_t **ret,
		      uint64_t *guest_ns, struct rig_err *err)
{
	json_auto_t *part_of = json_pack("{ssss}", "bisect", journal_key(e->journal), "tested", name);
	bool open = e->target.kind == TARGET_OPEN;
	struct trial_result result;
	int r;

	e->trial.target = &e->target;
	e->trial.odds = e->flaky ? &e->odds : NULL;
	e->trial.measure = measure;
	r = e->try(&e->trial, k, part_of, &result, err);
	if (r < 0)
		return r;
	*guest_ns = result.guest_ns;
	if (result.verdict == VERDICT_TROUBLE) {
		r = rig_err_set(err, RIG_HOST, 0, "no verdict on '%s' in %u tries, so the bisect stops here: %s", name,
				TRIAL_RETRIES + 1, result.reason);
	} else {
		*ret = new_line(name, result.verdict, result.reason);
		add_kernel(*ret, k);
		add_trial(*ret, &result);
		if (open && e->target.kind != TARGET_OPEN)
			json_object_set_new(*ret, "target", target_json(&e->target));
	}
	trial_result_deinit(&result);
	return r;
}

static double seconds(uint64_t ns)
{
	return (double)(ns / NS_PER_MS) / 1000;
}

/* Guests that run side by side take longer than the clock says */
static json_t *times(uint64_t all_ns, uint64_t make_ns, uint64_t guest_ns)
{
	uint64_t others_ns = make_ns + guest_ns < all_ns ? make_ns + guest_ns : all_ns;

	return json_pack("{sfsfsf}", "make", seconds(make_ns), "guest", seconds(guest_ns), "own",
			 seconds(all_ns - others_ns));
}

/* Trouble is tried again, as that of a run is */
static int have_kernel(const struct exam *e, const char *name, struct kernel **ret, struct rig_err *err)
{
	int r = e->source.kernel(e->source.arg, name, ret, err);

	for (unsigned int i = 0; i < TRIAL_RETRIES && r < 0 && verdict_error_may_pass(err); i++)
		r = e->source.kernel(e->source.arg, name, ret, err);
	return r;
}

static int have_and_try(struct exam *e, const char *name, bool measure, json_t **ret, uint64_t *guest_ns,
			struct rig_err *err)
{
	struct kernel *k;
	const json_t *like;
	int r = have_kernel(e, name, &k, err);

	if (r < 0 && verdict_of_error(err) == VERDICT_SKIP) {
		*ret = new_line(name, VERDICT_SKIP, err->text);
		return 0;
	}
	if (r < 0)
		return r;
	like = k->image_sha256 ? journal_same_image(e->journal, k->image_sha256) : NULL;
	if (like)
		*ret = line_like(name, k, like);
	else
		r = try_kernel(e, name, k, measure, ret, guest_ns, err);
	kernel_destroy(k);
	return r;
}

static int examine(struct exam *e, const char *name, bool measure, json_t **ret, struct rig_err *err)
{
	uint64_t start_ns = clock_ns(), guest_ns = 0;
	int r = have_and_try(e, name, measure, ret, &guest_ns, err);

	if (!r)
		json_object_set_new(*ret, "seconds", times(clock_ns() - start_ns,
							   e->source.make_ns ? *e->source.make_ns : 0, guest_ns));
	return r;
}

int exam_take(struct exam *e, const char *name, bool measure, const json_t **ret, struct rig_err *err)
{
	const json_t *line = journal_tested(e->journal, name);
	bool found = line != NULL;
	json_t *new = NULL;
	int r;

	if (!found) {
		r = examine(e, name, measure, &new, err);
		if (r < 0)
			return r;
		line = new;
		r = journal_add(e->journal, new, err);
		if (r < 0)
			return r;
		learn(e, line);
	}
	if (e->on_line)
		e->on_line(e->arg, line, found);
	*ret = line;
	return 0;
}
