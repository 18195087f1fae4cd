// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "history/history_class.h"

/*
 * A cell that failed f times in m runs before fails n times in a row by chance with this probability or
 * less: then chance is not believed in.  Small, because a nightly asks of a thousand cells.
 */
#define CHANCE 0.001

static const struct {
	const char *name, *text;
} classes[] = {
	[HISTORY_PASS] = { "pass", "it passed" },
	[HISTORY_SKIP] = { "skip", "what it needs is missing" },
	[HISTORY_KNOWN] = { "known", "it fails as the known-bug file says" },
	[HISTORY_GONE] = { "gone", "a known bug did not show: it is mended, or the known-bug file is wrong" },
	[HISTORY_FLAKE] = { "flake", "it fails in some runs, as it did before" },
	[HISTORY_NEW_FLAKE] = { "new-flake", "it fails in some runs, and never did before" },
	[HISTORY_SAME_KERNEL] = { "same-kernel", "it fails, and the same image passed before: rare chance, or a change of "
				  "rig, scenario, QEMU or host" },
	[HISTORY_FAILING] = { "failing", "it fails, and never passed" },
	[HISTORY_NEW] = { "new", "it fails, and has no history to compare with" },
	[HISTORY_REGRESSION] = { "regression", "it fails, and an earlier kernel passed" },
	[HISTORY_INFRASTRUCTURE] = { "infrastructure", "trouble of the rig or the host" },
};

const char *history_class_name(enum history_class class)
{
	assert((size_t)class < ARRAY_SIZE(classes));
	return classes[class].name;
}

const char *history_class_text(enum history_class class)
{
	assert((size_t)class < ARRAY_SIZE(classes));
	return classes[class].text;
}

/* What is known of a cell. */
struct cell {
	const struct history_run *now, *before;
	size_t nr_now, nr_before;
	size_t count[OUTCOME_FAIL + 1];		/* of now */
	const struct history_run *shown;	/* the run of now that the verdict speaks of */
	/* of the runs before; a failure here is one like that of now */
	size_t nr_good, nr_alike;
	const struct history_run *first, *last;		/* that said something of the kernel */
	const struct history_run *last_good, *last_good_of_image;
	const struct history_run *since;	/* the first of those that failed like now, after the last good one */
	const struct history_run *flaky;	/* failed like now, on an image that passed, too */
	struct history_verdict *verdict;
};

static void say(struct cell *c, enum history_class class, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct cell *c, enum history_class class, const char *fmt, ...)
{
	va_list ap;

	c->verdict->class = class;
	va_start(ap, fmt);
	vsnprintf(c->verdict->reason, sizeof(c->verdict->reason), fmt, ap);
	va_end(ap);
}

static void add(struct cell *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct cell *c, const char *fmt, ...)
{
	size_t len = strlen(c->verdict->reason);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->verdict->reason + len, sizeof(c->verdict->reason) - len, fmt, ap);
	va_end(ap);
}

static bool is_good(const struct history_run *run)
{
	return run->outcome == OUTCOME_PASS || run->outcome == OUTCOME_XPASS;
}

static bool is_bad(const struct history_run *run)
{
	return run->outcome == OUTCOME_FAIL || run->outcome == OUTCOME_XFAIL;
}

static bool is_same_image(const struct history_run *a, const struct history_run *b)
{
	return *a->image_sha256 && !strcmp(a->image_sha256, b->image_sha256);
}

static bool is_alike(const struct history_run *a, const struct history_run *b)
{
	return is_bad(a) && is_bad(b) && a->kind == b->kind && !strcmp(a->sign, b->sign);
}

/* the newest of them; NULL: none */
static const struct history_run *image_that_passed(const struct cell *c, const struct history_run *image)
{
	for (size_t i = c->nr_before; i-- > 0; )
		if (is_good(&c->before[i]) && is_same_image(&c->before[i], image))
			return &c->before[i];
	return NULL;
}

static void look_before(struct cell *c)
{
	for (size_t i = 0; i < c->nr_before; i++) {
		const struct history_run *run = &c->before[i];

		if (!is_good(run) && !is_bad(run))
			continue;
		c->first = c->first ? c->first : run;
		c->last = run;
		if (is_good(run)) {
			c->nr_good++;
			c->last_good = run;
			c->since = NULL;
		} else if (is_alike(run, c->shown)) {
			c->nr_alike++;
			c->since = c->since ? c->since : run;
			if (image_that_passed(c, run))
				c->flaky = run;
		}
	}
	c->last_good_of_image = image_that_passed(c, c->shown);
}

/*
 * Probability that a cell that failed like this in @nr_alike of @nr runs fails @n times in a row, when
 * nothing else is known of its rate: B(1 + f + n, 1 + m - f) / B(1 + f, 1 + m - f).
 */
static double chance_of(size_t nr_alike, size_t nr, size_t n)
{
	double chance = 1;

	for (size_t i = 0; i < n; i++)
		chance *= (double)(1 + nr_alike + i) / (double)(2 + nr + i);
	return chance;
}

static const char *kernel_name(const struct history_run *run)
{
	return *run->release ? run->release : run->spec;
}

/* What else than the kernel is not as it was. */
static void add_conditions(struct cell *c, const struct history_run *then)
{
	const struct history_run *now = c->shown;

	if (*then->accel && *now->accel && strcmp(then->accel, now->accel))
		add(c, "; then %s, now %s", then->accel, now->accel);
	if (*then->qemu && *now->qemu && strcmp(then->qemu, now->qemu))
		add(c, "; then QEMU %s, now %s", then->qemu, now->qemu);
}

static void judge_always_failing(struct cell *c)
{
	size_t nr = c->nr_now, nr_like_flake = c->nr_good + c->nr_alike;
	const struct history_run *good = c->last_good_of_image;
	bool chance = c->flaky && chance_of(c->nr_alike, nr_like_flake, c->count[OUTCOME_FAIL]) > CHANCE;

	if (!c->last) {
		say(c, HISTORY_NEW, "%zu of %zu fail: %s; no run before to compare with", c->count[OUTCOME_FAIL], nr,
		    c->shown->sign);
	} else if (chance) {
		say(c, HISTORY_FLAKE, "%zu of %zu fail: %s; so did %zu of %zu before, last on %.10s", c->count[OUTCOME_FAIL],
		    nr, c->shown->sign, c->nr_alike, nr_like_flake, c->flaky->date);
	} else if (good) {
		say(c, HISTORY_SAME_KERNEL, "%zu of %zu fail: %s; the same image passed on %.10s", c->count[OUTCOME_FAIL],
		    nr, c->shown->sign, good->date);
		add_conditions(c, good);
	} else if (!c->nr_good) {
		say(c, HISTORY_FAILING, "%zu of %zu fail: %s; never passed since %.10s", c->count[OUTCOME_FAIL], nr,
		    c->shown->sign, c->first->date);
	} else {
		say(c, HISTORY_REGRESSION, "%zu of %zu fail on %s: %s; last passed on %s, %.10s", c->count[OUTCOME_FAIL],
		    nr, kernel_name(c->shown), c->shown->sign, kernel_name(c->last_good), c->last_good->date);
		if (c->since)
			add(c, ", fails since %.10s on %s", c->since->date, kernel_name(c->since));
		add_conditions(c, c->last_good);
	}
}

static void judge_failing(struct cell *c)
{
	if (!c->count[OUTCOME_PASS] && !c->count[OUTCOME_XPASS])
		judge_always_failing(c);
	else if (c->flaky)
		say(c, HISTORY_FLAKE, "%zu of %zu fail: %s; so did %zu of %zu before, last on %.10s", c->count[OUTCOME_FAIL],
		    c->nr_now, c->shown->sign, c->nr_alike, c->nr_good + c->nr_alike, c->flaky->date);
	else if (c->last)
		say(c, HISTORY_NEW_FLAKE, "%zu of %zu fail: %s; %zu passed before, none failed so on an image that "
		    "also passed", c->count[OUTCOME_FAIL], c->nr_now, c->shown->sign, c->nr_good);
	else
		say(c, HISTORY_NEW_FLAKE, "%zu of %zu fail: %s; no run before to compare with", c->count[OUTCOME_FAIL],
		    c->nr_now, c->shown->sign);
}

/* How long nothing has been known: an infrastructure that fails every night is no news, and a hole. */
static void add_hole(struct cell *c)
{
	if (c->last)
		add(c, "; last tested on %.10s", c->last->date);
	else
		add(c, "; never tested");
}

static void judge_passing(struct cell *c)
{
	const struct history_run *bad = NULL;
	size_t nr_bad = 0;

	for (size_t i = 0; i < c->nr_before; i++)
		if (is_bad(&c->before[i])) {
			bad = &c->before[i];
			nr_bad++;
		}
	if (bad)
		say(c, HISTORY_PASS, "passes; %zu of %zu runs before failed, the last on %.10s on %s: %s", nr_bad,
		    c->nr_good + nr_bad, bad->date, kernel_name(bad), bad->sign);
	else if (c->last)
		say(c, HISTORY_PASS, "passes, as in all %zu before", c->nr_good);
	else
		say(c, HISTORY_PASS, "passes; no run before");
}

static void judge(struct cell *c)
{
	switch (c->shown->outcome) {
	case OUTCOME_FAIL:
		judge_failing(c);
		break;
	case OUTCOME_ERROR:
		say(c, HISTORY_INFRASTRUCTURE, "%zu of %zu without a result: %s", c->count[OUTCOME_ERROR], c->nr_now,
		    c->shown->sign);
		add_hole(c);
		break;
	case OUTCOME_XPASS:
		say(c, HISTORY_GONE, "%zu of %zu do not show %s", c->count[OUTCOME_XPASS], c->nr_now,
		    *c->shown->bugs ? c->shown->bugs : "the known bug");
		break;
	case OUTCOME_XFAIL:
		say(c, HISTORY_KNOWN, "%zu of %zu show %s", c->count[OUTCOME_XFAIL], c->nr_now,
		    *c->shown->bugs ? c->shown->bugs : "a known bug");
		break;
	case OUTCOME_SKIP:
		say(c, HISTORY_SKIP, "%s", *c->shown->sign ? c->shown->sign : "skipped");
		add_hole(c);
		break;
	case OUTCOME_PASS:
		judge_passing(c);
		break;
	}
}

/* Which run speaks for all: ERROR and SKIP only when nothing else was there to see. */
static int weight(enum outcome o)
{
	static const int weights[] = {
		[OUTCOME_ERROR] = 0, [OUTCOME_SKIP] = 1, [OUTCOME_PASS] = 2, [OUTCOME_XFAIL] = 3, [OUTCOME_XPASS] = 4,
		[OUTCOME_FAIL] = 5,
	};

	return weights[o];
}

static bool is_news(const struct cell *c)
{
	const struct history_run *last = c->nr_before ? &c->before[c->nr_before - 1] : NULL;

	if (c->verdict->class == HISTORY_FLAKE)
		return false;
	if (!last || last->outcome != c->shown->outcome)
		return true;
	return is_bad(last) && !is_alike(last, c->shown);
}

void history_class_of(const struct history_run *now, size_t nr_now, const struct history_run *before, size_t nr_before,
		      struct history_verdict *ret)
{
	struct cell c = {
		.now = now, .before = before, .nr_now = nr_now, .nr_before = nr_before, .shown = now, .verdict = ret,
	};

	assert(nr_now);
	for (size_t i = 0; i < nr_now; i++) {
		c.count[now[i].outcome]++;
		if (weight(now[i].outcome) > weight(c.shown->outcome))
			c.shown = &now[i];
	}
	look_before(&c);
	judge(&c);
	if (c.shown->outcome != OUTCOME_ERROR && c.count[OUTCOME_ERROR])
		add(&c, "; %zu of %zu without a result", c.count[OUTCOME_ERROR], nr_now);
	ret->news = is_news(&c);
}
