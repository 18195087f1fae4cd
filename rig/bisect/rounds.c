// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/loop.h"
#include "base/mem.h"
#include "bisect/rounds.h"

/* Those of one call, run by run: round by round, and in each the scenarios in their order. */
struct course {
	struct rounds *rounds;
	struct batch_run *run;
	json_t **record;	/* of those that ended; NULL: they left none */
	bool *ended;
	size_t nr;
};

/* Once it is known which scenario shows the target, the others need not run. */
static bool takes_part(const struct trial *t, const struct scenario *s)
{
	return !t->target->scenario || !strcmp(t->target->scenario, s->name);
}

static size_t runs_per_round(const struct trial *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nr_scenarios; i++)
		n += takes_part(t, t->scenario[i]);
	return n;
}

static void course_init(struct course *c, struct rounds *r, unsigned int n)
{
	const struct trial *t = r->trial;

	*c = (struct course){ .rounds = r };
	c->run = xcalloc(n * t->nr_scenarios, sizeof(*c->run));
	for (unsigned int round = 0; round < n; round++)
		for (size_t i = 0; i < t->nr_scenarios; i++)
			if (takes_part(t, t->scenario[i]))
				c->run[c->nr++] = (struct batch_run){
					.scenario = t->scenario[i], .kernel = r->kernel, .part_of = r->part_of,
					.template = (r->begun + round) / ODDS_RUNS_PER_BOOT,
				};
	c->record = xcalloc(c->nr, sizeof(json_t *));
	c->ended = xcalloc(c->nr, sizeof(bool));
}

static void course_deinit(struct course *c)
{
	for (size_t i = 0; i < c->nr; i++)
		json_decref(c->record[i]);
	free(c->record);
	free(c->ended);
	free(c->run);
}

static bool is_bad(const json_t *record, const struct target *target)
{
	AUTO_FREE char *reason = NULL;

	return verdict_of_record(record, target, &reason) == VERDICT_BAD;
}

/* A bad run decides its round, also when those of the scenarios behind it were not begun. */
static bool is_decided(const struct course *c, size_t first, size_t n)
{
	bool all = true;

	for (size_t i = first; i < first + n; i++) {
		if (c->ended[i] && is_bad(c->record[i], c->rounds->trial->target))
			return true;
		all &= c->ended[i];
	}
	return all;
}

static enum verdict verdict_of_round(const struct course *c, size_t first, size_t n)
{
	enum verdict worst = VERDICT_GOOD;

	for (size_t i = first; i < first + n; i++) {
		AUTO_FREE char *reason = NULL;

		worst = verdict_worst(worst, verdict_of_record(c->record[i], c->rounds->trial->target, &reason));
	}
	return worst;
}

/* Whole rounds that say nothing: a kernel that does not come up need not show it dozens of times */
static bool is_in_vain(const struct course *c)
{
	size_t each = runs_per_round(c->rounds->trial), n = 0;

	for (size_t first = 0; first < c->nr; first += each)
		if (is_decided(c, first, each)) {
			enum verdict v = verdict_of_round(c, first, each);

			n += v != VERDICT_GOOD && v != VERDICT_BAD;
		}
	return n > TRIAL_RETRIES;
}

static uint64_t guest_ns(const json_t *record)
{
	const json_t *timings = json_object_get(record, "timings");

	return (uint64_t)json_integer_value(json_object_get(timings, "guest_ns"));
}

static bool on_result(void *arg, size_t run, const struct run_result *result)
{
	struct course *c = arg;
	const struct trial *t = c->rounds->trial;

	c->ended[run] = true;
	if (!result)
		return true;
	c->record[run] = json_incref(result->record);
	c->rounds->guest_ns += guest_ns(result->record);
	if (result->path) {
		const char *slash = strrchr(result->path, '/');

		json_array_append_new(c->rounds->records, json_string(slash ? slash + 1 : result->path));
	}
	return !t->odds || (!is_in_vain(c) && (t->measure || !is_bad(result->record, t->target)));
}

static int choose_target(const struct course *c, struct rig_err *err)
{
	struct target *target = c->rounds->trial->target;

	for (size_t i = 0; i < c->nr && target->kind == TARGET_OPEN; i++)
		if (c->ended[i] && is_bad(c->record[i], target)) {
			int r = target_choose(c->record[i], target, err);

			if (r < 0)
				return r;
		}
	return 0;
}

static const json_t *finding_of(const json_t *record, const struct target *target)
{
	const json_t *shown = target_finding(target, record);

	return shown ? shown : json_array_get(json_object_get(record, "findings"), 0);
}

/* The words are those of the first run with the worst verdict; what was not begun has no say. */
static void tell_round(const struct course *c, size_t first, size_t n, unsigned int boot)
{
	const struct target *target = c->rounds->trial->target;
	struct round round = { .boot = boot };
	AUTO_FREE char *reason = NULL;

	for (size_t i = first; i < first + n; i++) {
		AUTO_FREE char *own = NULL;
		enum verdict v;

		if (!c->ended[i])
			continue;
		v = verdict_of_record(c->record[i], target, &own);
		if (reason && v <= round.verdict)
			continue;
		round.verdict = v;
		round.finding = finding_of(c->record[i], target);
		free(reason);
		reason = TAKE_PTR(own);
	}
	round.reason = reason;
	c->rounds->on_round(c->rounds->arg, &round);
}

int rounds_run(struct rounds *r, unsigned int n, struct rig_err *err)
{
	size_t each = runs_per_round(r->trial);
	struct course c;
	int status;

	course_init(&c, r, n);
	status = batch_run(&(struct batch){ .how = r->trial->how, .run = c.run, .nr = c.nr, .on_result = on_result,
					    .progress = r->trial->progress, .arg = &c }, err);
	if (loop_interrupted())
		status = rig_err_set(err, RIG_INTERRUPTED, EINTR, "interrupted");
	if (!status)
		status = choose_target(&c, err);
	for (size_t first = 0; first < c.nr && !status; first += each)
		if (is_decided(&c, first, each))
			tell_round(&c, first, each, c.run[first].template);
	r->begun += n;
	course_deinit(&c);
	return status;
}
