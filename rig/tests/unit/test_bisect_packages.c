// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole bisects over releases on paper: see fake_batch.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "bisect/answer.h"
#include "bisect/ends.h"
#include "bisect/packages.h"
#include "kernel/release.h"
#include "tests/fake_batch/fake_batch.h"

#define FIRST	47u
#define LAST	56u

/* A bisect as the command does it.  Numbers of the ends; what there is between is in the world. */
struct bisect {
	unsigned int good, bad;
	bool flaky;
	const char *target;	/* NULL: open */
	const struct batch_how *how;	/* NULL: defaults */
	char *results;
	const struct strv *known;	/* NULL: all numbers */
};

struct outcome_of {
	int status;
	struct rig_err err;
	json_t *answer;		/* NULL: none */
	unsigned int last, first;
	size_t nr_between;
	double confidence;
};

static int make_folder(void **state)
{
	/* each line of a journal is synced: a disk that is busy would make minutes of it */
	char template[] = "/dev/shm/hotrig-test-XXXXXX", on_disk[] = "/tmp/hotrig-test-XXXXXX";
	const char *dir = mkdtemp(template) ? template : mkdtemp(on_disk);

	if (!dir)
		return -1;
	*state = xstrdup(dir);
	return 0;
}

static int remove_folder(void **state)
{
	struct rig_err err;
	int r = io_remove_tree(*state, &err);

	free(*state);
	return r;
}

static void wipe(void **state)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(*state, &err), 0);
}

/* Releases FIRST to LAST; the bug ends, or begins, with @change. */
static struct world *new_world(unsigned int change, bool ends)
{
	struct world *w = sample_world();

	*w = (struct world){ .dice = { 5, 4, 3 } };
	for (unsigned int n = FIRST; n <= LAST; n++)
		w->behaviour[n] = (n < change) == ends ? BEHAVES_BADLY : BEHAVES_WELL;
	return w;
}

static void list_all(struct strv *ret)
{
	for (unsigned int n = LAST; n >= FIRST; n--) {
		AUTO_FREE char *name = sample_release(n);

		strv_add(ret, name);
		strv_add(ret, name);	/* served, and in the cache */
	}
	strv_add(ret, "6.1.0-50-amd64");
	strv_add(ret, "6.12.100+deb12-cloud-amd64");
}

/* What packages_init() would write had it asked an archive */
static void write_releases(struct journal *j, const struct bisect *b, const char *good, const char *bad)
{
	AUTO_STRV struct strv all = { 0 };
	struct releases releases;
	struct rig_err err;
	json_t *event;

	if (journal_event(j, "releases"))
		return;
	list_all(&all);
	releases_init(&releases, b->known ? b->known : &all, b->good < b->bad ? good : bad, b->good < b->bad ? bad : good, true);
	event = releases_json(&releases);
	json_object_set_new(event, "event", json_string("releases"));
	assert_int_equal(journal_add(j, event, &err), 0);
	releases_deinit(&releases);
}

static void find(const struct packages *p, struct exam *e, struct outcome_of *ret)
{
	struct packages_found found;
	struct answer a;

	ret->status = packages_search(p, e, &found, &ret->err);
	if (ret->status < 0)
		return;
	a = (struct answer){ .noun = "release", .good = p->good, .bad = p->bad, .bad_is_new = p->bad_is_new,
			     .last = found.last, .first = found.first, .between = found.between, .gaps = p->releases.gaps };
	ret->answer = answer_json(&a, e);
	ret->last = sample_number(found.last);
	ret->first = sample_number(found.first);
	ret->nr_between = json_array_size(found.between);
	ret->confidence = odds_confidence(&e->odds);
	json_decref(found.between);
}

static struct outcome_of bisect(void **state, const struct bisect *b)
{
	AUTO_FREE char *good = sample_release(b->good), *bad = sample_release(b->bad);
	json_auto_t *asked = json_pack("{ssss}", "good", good, "bad", bad);
	const struct kernel_resolve_options options = { 0 };
	struct trial trial = sample_trial();
	struct outcome_of ret = { 0 };
	struct target target = { 0 };
	struct packages p;
	struct journal *j;
	struct exam e;

	if (b->how)
		trial.how = b->how;
	if (b->target)
		assert_int_equal(target_parse(b->target, &target, &ret.err), 0);
	assert_int_equal(journal_open(*state, asked, false, &j, &ret.err), 0);
	ret.status = exam_init(&e, j, &trial, &sample_source, &target, &ret.err);
	if (!ret.status) {
		write_releases(j, b, good, bad);
		ret.status = packages_init(&p, good, bad, j, &options, &ret.err);
	}
	if (ret.status < 0) {
		exam_deinit(&e);
		journal_close(j);
		return ret;
	}
	if (b->flaky)
		exam_expect_flaky(&e, p.releases.name.n - 2);
	ret.status = ends_check(&e, good, bad, &ret.err);
	if (!ret.status)
		find(&p, &e, &ret);
	packages_deinit(&p);
	exam_deinit(&e);
	journal_close(j);
	return ret;
}

static const struct bisect fixed = { .good = LAST, .bad = FIRST }, broken = { .good = FIRST, .bad = LAST };

/* --- releases -------------------------------------------------------------------------------- */

static void ends_must_fit(void **state)
{
	static const struct {
		const char *good, *bad, *words;
	} rows[] = {
		{ "6.1.0-47-cloud-amd64", "6.1.0-47-cloud-amd64", "good and bad" },
		{ "6.1.0-47-cloud-amd64", "6.12.100+deb12-cloud-amd64", "different series, 6.1 and 6.12" },
		{ "6.1.0-47-cloud-amd64", "6.1.0-48-amd64", "different flavours, cloud-amd64 and amd64" },
		{ "6.1.0-47", "6.1.0-48-cloud-amd64", "'6.1.0-47' is no release" },
		{ "6.1.0-47-cloud-amd64", "6.1.0-48-rt-amd64", "'6.1.0-48-rt-amd64' is no release" },
	};
	struct rig_err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(releases_check_ends(rows[i].good, rows[i].bad, &err), -EINVAL);
		assert_int_equal(err.cause, RIG_USAGE);
		assert_non_null(strstr(err.text, rows[i].words));
	}
	assert_int_equal(releases_check_ends("6.1.0-48-cloud-amd64", "6.1.0-47-cloud-amd64", &err), 0);
}

static void check_releases(const struct releases *r, const char *names, const char *gaps)
{
	AUTO_FREE char *own = xstrdup(""), *own_gaps = xstrdup("");
	json_t *gap;
	size_t g;

	for (size_t i = 0; i < r->name.n; i++) {
		char *longer = xasprintf("%s%.*s ", own, (int)strcspn(r->name.v[i], "c") - 1, r->name.v[i]);

		free(own);
		own = longer;
	}
	json_array_foreach(r->gaps, g, gap) {
		char *longer = xasprintf("%s%s%s; ", own_gaps, json_string_value(json_object_get(gap, "name")),
					 json_is_true(json_object_get(gap, "certain")) ? "!" : "?");

		free(own_gaps);
		own_gaps = longer;
	}
	assert_string_equal(own, names);
	assert_string_equal(own_gaps, gaps);
}

static void releases_are_ordered_and_gaps_named(void **state)
{
	AUTO_STRV struct strv known = { 0 };
	struct releases r, again;
	json_auto_t *o = NULL;

	(void)state;
	strv_add(&known, "6.1.0-100-cloud-amd64");
	strv_add(&known, "6.1.0-99-cloud-amd64");
	strv_add(&known, "6.1.0-9-cloud-amd64");
	strv_add(&known, "6.1.0-96-cloud-amd64");
	strv_add(&known, "6.1.0-98-amd64");
	releases_init(&r, &known, "6.1.0-9-cloud-amd64", "6.1.0-4000000000-cloud-amd64", true);
	check_releases(&r, "6.1.0-9 6.1.0-96 6.1.0-99 6.1.0-100 6.1.0-4000000000 ",
		       "6.1.0-10-cloud-amd64 to 6.1.0-95-cloud-amd64!; 6.1.0-97-cloud-amd64!; 6.1.0-98-cloud-amd64!; "
		       "6.1.0-101-cloud-amd64 to 6.1.0-3999999999-cloud-amd64!; ");
	releases_deinit(&r);
	strv_add(&known, "6.12.97+deb12-cloud-amd64");
	strv_add(&known, "6.12.102+deb12-cloud-amd64");
	strv_add(&known, "6.12.101+deb12-cloud-amd64");
	releases_init(&r, &known, "6.1.0-95-cloud-amd64", "6.1.0-100-cloud-amd64", true);
	check_releases(&r, "6.1.0-95 6.1.0-96 6.1.0-99 6.1.0-100 ", "6.1.0-97-cloud-amd64!; 6.1.0-98-cloud-amd64!; ");
	o = releases_json(&r);
	assert_true(releases_from_json(o, &again));
	assert_int_equal(again.is_all, r.is_all);
	check_releases(&again, "6.1.0-95 6.1.0-96 6.1.0-99 6.1.0-100 ", "6.1.0-97-cloud-amd64!; 6.1.0-98-cloud-amd64!; ");
	releases_deinit(&again);
	releases_deinit(&r);

	releases_init(&r, &known, "6.12.97+deb12-cloud-amd64", "6.12.103+deb12-cloud-amd64", true);
	check_releases(&r, "6.12.97+deb12 6.12.101+deb12 6.12.102+deb12 6.12.103+deb12 ",
		       "6.12.98+deb12-cloud-amd64 to 6.12.100+deb12-cloud-amd64?; ");
	releases_deinit(&r);
}

static void releases_out_of_a_damaged_journal(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"releases\": [], \"gaps\": []}", "{\"releases\": [\"6.1.0-1-amd64\", 7], \"gaps\": []}",
		"{\"releases\": [\"6.1.0-1-amd64\", \"x\"], \"gaps\": []}",
		"{\"releases\": [\"6.1.0-1-amd64\", \"6.1.0-2-amd64\"], \"gaps\": [{}]}",
		"{\"releases\": [\"6.1.0-1-amd64\", \"6.1.0-2-amd64\"]}",
	};
	struct releases r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		json_auto_t *o = json_loads(bad[i], 0, NULL);

		assert_false(releases_from_json(o, &r));
	}
}

/* --- search ---------------------------------------------------------------------------------- */

static void every_place_both_ways(void **state)
{
	for (unsigned int change = FIRST + 1; change <= LAST; change++)
		for (int ends = 0; ends < 2; ends++) {
			struct world *w = new_world(change, ends);
			struct outcome_of o = bisect(state, ends ? &fixed : &broken);
			AUTO_FREE char *text = answer_text(o.answer), *head = NULL;

			assert_int_equal(o.status, 0);
			assert_int_equal(o.last, change - 1);
			assert_int_equal(o.first, change);
			assert_int_equal(o.nr_between, 0);
			assert_in_range(w->had, 2, 2 + 4);
			head = xasprintf("6.1.0-%u-cloud-amd64 is the first %s release\n", change, ends ? "good" : "bad");
			assert_int_equal(strncmp(text, head, strlen(head)), 0);
			json_decref(o.answer);
			wipe(state);
		}
}

static bool says_nothing(enum behaviour b)
{
	return b != BEHAVES_WELL && b != BEHAVES_BADLY && b != BEHAVES_TROUBLE_ONCE;
}

/* Whatever is skipped: the answer is between the nearest on both sides that are not. */
static void skipped_ones_make_an_interval(void **state)
{
	static const enum behaviour silent[] = { BEHAVES_OTHERWISE, BEHAVES_NO_BOOT, BEHAVES_LACKING, BEHAVES_DROPPED,
						 BEHAVES_UNBUILT };
	unsigned short dice[3] = { 7, 7, 7 };

	for (int i = 0; i < 50; i++) {
		unsigned int change = FIRST + 1 + (unsigned int)(erand48(dice) * (LAST - FIRST)), last, first;
		bool ends = erand48(dice) < 0.5;
		struct world *w = new_world(change, ends);
		struct outcome_of o;

		for (unsigned int n = FIRST + 1; n < LAST; n++)
			if (erand48(dice) < 0.4)
				w->behaviour[n] = silent[(unsigned int)(erand48(dice) * ARRAY_SIZE(silent))];
		for (last = change - 1; says_nothing(w->behaviour[last]); last--)
			;
		for (first = change; says_nothing(w->behaviour[first]); first++)
			;
		o = bisect(state, ends ? &fixed : &broken);
		assert_int_equal(o.status, 0);
		assert_int_equal(o.last, last);
		assert_int_equal(o.first, first);
		assert_int_equal(o.nr_between, first - last - 1);
		json_decref(o.answer);
		wipe(state);
	}
}

/* 50 and 51 were dropped before: named always, part of the answer only where they lie. */
static void gaps_make_an_interval(void **state)
{
	AUTO_STRV struct strv known = { 0 };
	struct bisect b = fixed;

	for (unsigned int n = FIRST; n <= LAST; n++) {
		AUTO_FREE char *name = sample_release(n);

		if (n != 50 && n != 51)
			strv_add(&known, name);
	}
	b.known = &known;
	for (unsigned int change = 49; change <= 54; change++) {
		bool within = change >= 50 && change <= 52;
		struct outcome_of o;
		AUTO_FREE char *text = NULL;

		new_world(change, true);
		o = bisect(state, &b);
		text = answer_text(o.answer);
		assert_int_equal(o.last, within ? 49 : change - 1);
		assert_int_equal(o.first, within ? 52 : change);
		assert_int_equal(o.nr_between, within ? 2 : 0);
		assert_non_null(strstr(text, "gap           6.1.0-50-cloud-amd64: the archive serves it no more\n"));
		if (within)
			assert_int_equal(strncmp(text, "the first good release is one of 3:\n"
						 "    6.1.0-50-cloud-amd64: the archive serves it no more\n", 88), 0);
		json_decref(o.answer);
		wipe(state);
	}
}

/* A person who repeats it gets what the bisect got: with all that was asked for */
static void the_command_has_the_options(void **state)
{
	static const struct batch_how how = { .accel = ACCEL_TCG, .era = ERA_PAGE_OFFLINE, .boot_s = 9 };
	struct bisect b = fixed;
	struct outcome_of o;
	AUTO_FREE char *text = NULL;

	new_world(53, true);
	b.how = &how;
	o = bisect(state, &b);
	text = answer_text(o.answer);
	assert_non_null(strstr(text, "hotrig run --no-known --kernel debian:6.1.0-53-cloud-amd64 --accel tcg --memmap-era "
			       "page-offline --boot-deadline 9 bad/one\n"));
	json_decref(o.answer);
}

/* --- ends ------------------------------------------------------------------------------------ */

static void ends_are_checked(void **state)
{
	static const struct {
		enum behaviour good, bad;
		const char *target, *words;
	} rows[] = {
		{ BEHAVES_WELL, BEHAVES_WELL, NULL, "bad end '6.1.0-47-cloud-amd64' is not bad: passes" },
		{ BEHAVES_BADLY, BEHAVES_BADLY, NULL, "good end '6.1.0-56-cloud-amd64' is bad, too (page.refcount): page.refcount" },
		{ BEHAVES_OTHERWISE, BEHAVES_BADLY, NULL, "cannot tell whether it has what is looked for (page.refcount): fails otherwise" },
		{ BEHAVES_WELL, BEHAVES_NO_BOOT, NULL, "--target boot" },
		{ BEHAVES_WELL, BEHAVES_DROPPED, NULL, "'6.1.0-47-cloud-amd64' does not show what is looked for: '6.1.0-47" },
		{ BEHAVES_DROPPED, BEHAVES_BADLY, NULL, "served no more" },
		{ BEHAVES_WELL, BEHAVES_BADLY, "page.zone", "does not show what is looked for: fails otherwise: page.refcount" },
		{ BEHAVES_WELL, BEHAVES_LACKING, NULL, "no CONFIG_X" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world *w = new_world(53, true);
		struct bisect b = fixed;
		struct outcome_of o;

		w->behaviour[LAST] = rows[i].good;
		w->behaviour[FIRST] = rows[i].bad;
		b.target = rows[i].target;
		o = bisect(state, &b);
		assert_int_equal(o.status, -o.err.eno);
		assert_int_equal(o.err.cause, RIG_USAGE);
		assert_non_null(strstr(o.err.text, rows[i].words));
		assert_null(o.answer);
		wipe(state);
	}
}

static void kernels_that_do_not_come_up(void **state)
{
	struct bisect b = broken;
	struct outcome_of o;

	for (unsigned int n = FIRST; n <= LAST; n++)
		new_world(50, false)->behaviour[n] = BEHAVES_WELL;
	for (unsigned int n = FIRST; n <= LAST; n++)
		sample_world()->behaviour[n] = n < 50 ? BEHAVES_WELL : BEHAVES_NO_BOOT;
	b.target = "boot";
	o = bisect(state, &b);
	assert_int_equal(o.status, 0);
	assert_int_equal(o.first, 50);
	json_decref(o.answer);
}

/* --- going on -------------------------------------------------------------------------------- */

/* Trouble ends it without a verdict; the same command goes on, and what was tested is not tested again. */
static void trouble_stops_and_is_gone_on_from(void **state)
{
	static const enum behaviour troubles[] = { BEHAVES_TROUBLE, BEHAVES_FULL };

	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		struct world *w = new_world(53, true);
		struct outcome_of o;

		w->behaviour[51] = troubles[i];
		o = bisect(state, &fixed);
		assert_true(o.status < 0);
		assert_int_equal(o.err.cause, RIG_HOST);
		assert_non_null(strstr(o.err.text, "6.1.0-51-cloud-amd64"));
		assert_int_equal(w->runs_of[51], troubles[i] == BEHAVES_FULL ? 0 : 3);
		w->behaviour[51] = BEHAVES_TROUBLE_ONCE;
		w->runs_of[51] = 1;
		o = bisect(state, &fixed);
		assert_int_equal(o.status, 0);
		assert_int_equal(o.first, 53);
		assert_int_equal(w->runs_of[FIRST], 2);		/* two scenarios, once */
		assert_int_equal(w->runs_of[LAST], 1);		/* only the one with the target */
		json_decref(o.answer);
		wipe(state);
	}
}

/* By hand, by a disk, by another version: no verdict comes of a line that makes no sense. */
static void damaged_lines_are_refused(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{ "{\"tested\": 7, \"verdict\": \"good\", \"reason\": \"\"}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"god\", \"reason\": \"\"}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"trouble\", \"reason\": \"\"}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"good\"}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"good\", \"reason\": \"\", \"doubt\": -1}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"bad\", \"reason\": \"\", \"runs\": 1, \"failures\": 2}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"bad\", \"reason\": \"\", \"target\": {\"what\": \"page.such\"}}", "line 2" },
		{ "{\"tested\": \"x\", \"verdict\": \"bad\", \"reason\": \"\", \"target\": {\"what\": \"any\", "
		  "\"scenario\": \"no/such\"}}", "line 2" },
		/* which failure it was is not known any more: any of the good end would be it */
		{ "{\"tested\": \"6.1.0-47-cloud-amd64\", \"verdict\": \"bad\", \"reason\": \"\"}", "what is looked for" },
		{ "{\"event\": \"releases\", \"releases\": [\"6.1.0-48-cloud-amd64\", \"6.1.0-56-cloud-amd64\"], "
		  "\"gaps\": []}", "releases" },
		{ "{\"event\": \"releases\", \"releases\": 7}", "releases" },
	};
	AUTO_FREE char *good = sample_release(LAST), *bad = sample_release(FIRST);
	json_auto_t *asked = json_pack("{ssss}", "good", good, "bad", bad);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct journal *j;
		struct outcome_of o;

		new_world(53, true);
		assert_int_equal(journal_open(*state, asked, false, &j, &o.err), 0);
		assert_int_equal(journal_add(j, json_loads(rows[i].line, 0, NULL), &o.err), 0);
		journal_close(j);
		o = bisect(state, &fixed);
		assert_true(o.status < 0);
		assert_int_equal(o.err.cause, RIG_HOST);
		assert_non_null(strstr(o.err.text, rows[i].words));
		assert_non_null(strstr(o.err.text, "--anew"));
		assert_int_equal(sample_world()->runs, 0);
		wipe(state);
	}
}

static char *answer_of(const struct outcome_of *o)
{
	json_auto_t *all = json_deep_copy(o->answer), *line;
	json_t *tested = json_object_get(all, "tested");
	static const char *const differ[] = { "records", "seconds" };
	size_t i;

	json_array_foreach(tested, i, line)
		for (size_t k = 0; k < ARRAY_SIZE(differ); k++)
			json_object_del(line, differ[k]);
	line = NULL;
	for (size_t k = 0; k < ARRAY_SIZE(differ); k++) {
		json_object_del(json_object_get(all, "first"), differ[k]);
		json_object_del(json_object_get(all, "last"), differ[k]);
	}
	return json_dumps(all, JSON_SORT_KEYS);
}

/* The process ends at each batch in turn, and again at the next: the answer is that of one that never did. */
static void killed_anywhere_it_finds_the_same(void **state)
{
	struct outcome_of whole;
	AUTO_FREE char *expected = NULL;
	unsigned int batches;

	new_world(53, true)->behaviour[51] = BEHAVES_NO_BOOT;
	whole = bisect(state, &fixed);
	expected = answer_of(&whole);
	batches = sample_world()->calls;
	assert_true(batches >= 5);
	for (unsigned int die_at = 1; die_at <= batches; die_at++) {
		AUTO_FREE char *text = NULL;
		struct outcome_of o;
		int status;

		wipe(state);
		for (int again = 0; again < 2; again++) {
			pid_t pid = fork();

			if (!pid) {
				new_world(53, true)->behaviour[51] = BEHAVES_NO_BOOT;
				sample_world()->die_at = again ? 1 : die_at;
				bisect(state, &fixed);
				_exit(1);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			assert_int_equal(status, 0);
		}
		new_world(53, true)->behaviour[51] = BEHAVES_NO_BOOT;
		o = bisect(state, &fixed);
		assert_int_equal(sample_world()->calls, batches - die_at + 1);
		text = answer_of(&o);
		assert_string_equal(text, expected);
		json_decref(o.answer);
	}
	json_decref(whole.answer);
}

static void the_same_image_is_run_once(void **state)
{
	struct world *w = new_world(53, true);
	struct outcome_of o;

	w->image[FIRST] = w->image[51] = w->image[52] = 7;
	o = bisect(state, &fixed);
	assert_int_equal(o.first, 53);
	assert_int_equal(w->runs_of[51] + w->runs_of[52], 0);
	assert_string_equal(json_string_value(json_object_get(json_object_get(o.answer, "last"), "same_as")),
			    "6.1.0-47-cloud-amd64");
	json_decref(o.answer);
}

/* --- flaky ----------------------------------------------------------------------------------- */

static void flaky_bugs_are_found(void **state)
{
	struct bisect b = fixed;
	unsigned int right = 0, runs = 0;

	b.flaky = true;
	for (unsigned short i = 0; i < 60; i++) {
		unsigned int change = FIRST + 1 + i % (LAST - FIRST);
		struct world *w = new_world(change, true);
		struct outcome_of o;

		w->rate = 0.3;
		w->dice[0] = i;
		o = bisect(state, &b);
		assert_int_equal(o.status, 0);
		assert_true(o.confidence >= ODDS_CONFIDENCE);
		right += o.first == change;
		runs += w->runs;
		json_decref(o.answer);
		wipe(state);
	}
	assert_true(right >= 59);
	assert_true(runs / 60 < 200);
}

/* Ended at some batch, it goes on with all that it knew of rates and doubt. */
static void flaky_and_killed(void **state)
{
	struct bisect b = fixed;

	b.flaky = true;
	for (unsigned int die_at = 1; die_at < 20; die_at += 3) {
		struct world *w;
		struct outcome_of o;
		int status;
		pid_t pid = fork();

		if (!pid) {
			w = new_world(52, true);
			w->rate = 0.3;
			w->die_at = die_at;
			bisect(state, &b);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		w = new_world(52, true);
		w->rate = 0.3;
		w->dice[0] = (unsigned short)die_at;
		o = bisect(state, &b);
		assert_int_equal(o.first, 52);
		assert_true(o.confidence >= ODDS_CONFIDENCE && o.confidence < 1);
		assert_true(json_number_value(json_object_get(o.answer, "confidence")) == o.confidence);
		json_decref(o.answer);
		wipe(state);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_must_fit), cmocka_unit_test(releases_are_ordered_and_gaps_named),
		cmocka_unit_test(releases_out_of_a_damaged_journal), TEST(every_place_both_ways),
		TEST(skipped_ones_make_an_interval), TEST(gaps_make_an_interval), TEST(ends_are_checked),
		TEST(kernels_that_do_not_come_up), TEST(trouble_stops_and_is_gone_on_from),
		TEST(the_command_has_the_options), TEST(damaged_lines_are_refused),
		TEST(killed_anywhere_it_finds_the_same), TEST(the_same_image_is_run_once),
		TEST(flaky_bugs_are_found), TEST(flaky_and_killed),
	};

	return cmocka_run_group_tests_name("bisect packages", tests, NULL, NULL);
}
