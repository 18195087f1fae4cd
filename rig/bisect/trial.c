// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "base/clean.h"
#include "base/mem.h"
#include "bisect/rounds.h"
#include "bisect/trial.h"

struct words {
	char *reason;
	json_t *finding;
};

/* What came of the rounds so far. */
struct count {
	struct odds_tally tally;
	unsigned int void_rounds;	/* trouble, or failed otherwise: they say nothing */
	enum verdict last, last_void;
	unsigned int last_boot;		/* that was counted; from 1 */
	bool last_boot_failed;
	struct words words[VERDICT_BAD + 1];	/* of the last round with that verdict; of the first that is bad */
};

static void count_deinit(struct count *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->words); i++) {
		free(c->words[i].reason);
		json_decref(c->words[i].finding);
	}
}

static void keep_words(struct words *w, const struct round *round)
{
	free(w->reason);
	json_decref(w->finding);
	w->reason = xstrdup(round->reason);
	w->finding = json_incref((json_t *)round->finding);
}

static void on_round(void *arg, const struct round *round)
{
	struct count *c = arg;
	bool bad = round->verdict == VERDICT_BAD;

	c->last = round->verdict;
	if (!bad || !c->words[VERDICT_BAD].reason)
		keep_words(&c->words[round->verdict], round);
	if (!bad && round->verdict != VERDICT_GOOD) {
		c->void_rounds++;
		c->last_void = round->verdict;
		return;
	}
	if (c->last_boot != round->boot + 1) {
		c->last_boot = round->boot + 1;
		c->last_boot_failed = false;
		c->tally.boots++;
	}
	c->tally.runs++;
	c->tally.failures += bad;
	c->tally.failed_boots += bad && !c->last_boot_failed;
	c->last_boot_failed |= bad;
}

/* How many more rounds before the next look at what there is; 0: it is decided. */
static unsigned int more_rounds(const struct trial *t, const struct count *c)
{
	const struct odds_tally *tally = &c->tally;
	unsigned int enough;

	if (!t->odds)
		return c->void_rounds + tally->runs == 0 ||
		       (c->last == VERDICT_TROUBLE && c->void_rounds <= TRIAL_RETRIES);
	if (c->void_rounds > TRIAL_RETRIES)
		return 0;
	if (t->measure && (tally->failures >= ODDS_END_FAILURES || tally->runs >= ODDS_END_RUNS))
		return 0;
	if (t->measure)
		/* a boot at a time: while the target is open, all scenarios take part */
		return ODDS_RUNS_PER_BOOT;
	enough = odds_passes_needed(t->odds);
	return tally->failures || tally->runs >= enough ? 0 : enough - tally->runs;
}

static enum verdict settle(const struct trial *t, const struct count *c)
{
	if (!t->odds)
		return c->last;
	if (c->tally.failures)
		return VERDICT_BAD;
	return c->void_rounds > TRIAL_RETRIES ? c->last_void : VERDICT_GOOD;
}

static char *reason_of(const struct trial *t, const struct count *c, enum verdict v, double doubt)
{
	const char *words = c->words[v].reason ? c->words[v].reason : "";

	if (!t->odds || (v != VERDICT_GOOD && v != VERDICT_BAD))
		return xstrdup(words);
	if (v == VERDICT_BAD)
		return xasprintf("%u of %u runs: %s", c->tally.failures, c->tally.runs, words);
	return t->measure ? xasprintf("passes all of %u runs", c->tally.runs) :
			    xasprintf("passes all of %u runs from %u boots; a bad one would with a probability of %.2g",
				      c->tally.runs, c->tally.boots, doubt);
}

int trial_run(struct trial *trial, const struct kernel *kernel, const json_t *part_of, struct trial_result *ret,
	      struct rig_err *err)
{
	struct count count = { 0 };
	struct rounds rounds = { .trial = trial, .kernel = kernel, .part_of = part_of, .records = json_array(),
				 .on_round = on_round, .arg = &count };
	struct trial_result result = { .records = rounds.records };
	unsigned int n;
	int r = 0;

	while (!r && (n = more_rounds(trial, &count)))
		r = rounds_run(&rounds, n, err);
	result.guest_ns = rounds.guest_ns;
	if (!r) {
		result.verdict = settle(trial, &count);
		result.tally = count.tally;
		if (trial->odds && result.verdict == VERDICT_GOOD)
			result.doubt = odds_doubt(trial->odds, count.tally.runs, count.tally.boots);
		result.reason = reason_of(trial, &count, result.verdict, result.doubt);
		result.finding = json_incref(count.words[result.verdict].finding);
		*ret = result;
	} else {
		json_decref(rounds.records);
	}
	count_deinit(&count);
	return r;
}

void trial_result_deinit(struct trial_result *r)
{
	free(r->reason);
	json_decref(r->records);
	json_decref(r->finding);
	*r = (struct trial_result){ 0 };
}
