// SPDX-License-Identifier: GPL-2.0-or-later
/* What a tape recorded is what it plays: each answer once, in order, by command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/clean.h"
#include "run/tape.h"

static void add(struct tape *t, const char *command, json_t *answer)
{
	tape_add(t, command, NULL, answer);
	json_decref(answer);
}

/* Recorded, written, read again. */
static struct tape *play(struct tape *recorded)
{
	AUTO_FREE char *text = tape_json(recorded);
	struct tape *t = NULL;
	struct rig_err err;

	if (tape_load(text, &t, &err) < 0)
		fail_msg("%s", err.text);
	tape_destroy(recorded);
	return t;
}

static void assert_next(struct tape *t, const char *command, json_int_t number)
{
	json_auto_t *answer = NULL;
	struct rig_err err;

	assert_int_equal(tape_next(t, command, NULL, &answer, &err), 0);
	assert_int_equal(json_integer_value(answer), number);
}

static void assert_no_next(struct tape *t, const char *command)
{
	json_t *answer = NULL;
	struct rig_err err;

	assert_int_equal(tape_next(t, command, NULL, &answer, &err), -ENODATA);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, command));
	assert_null(answer);
}

static void answers_come_in_the_order_of_their_command(void **state)
{
	struct tape *t = tape_create();

	(void)state;
	assert_false(tape_plays(t));
	add(t, "query-pages", json_integer(1));
	add(t, "query-layout", json_integer(7));
	add(t, "query-pages", json_integer(2));
	add(t, "query-pages", json_integer(2));		/* the same again is an answer too */
	t = play(t);
	assert_true(tape_plays(t));
	assert_next(t, "query-layout", 7);
	assert_next(t, "query-pages", 1);
	assert_next(t, "query-pages", 2);
	assert_no_next(t, "query-layout");
	assert_next(t, "query-pages", 2);
	assert_no_next(t, "query-pages");
	assert_no_next(t, "query-guest");
	tape_destroy(t);
}

/* Who asks for more than the tape was asked for is not told what it knows of the rest. */
static void an_answer_fits_its_question_alone(void **state)
{
	json_auto_t *args = json_pack("{s[s]}", "paths", "/proc/a"), *more = json_pack("{s[ss]}", "paths", "/proc/a", "/proc/b");
	struct tape *t = tape_create();
	json_t *answer = NULL;
	struct rig_err err;

	(void)state;
	answer = json_integer(5);
	tape_add(t, "read-trees", args, answer);
	json_decref(answer);
	answer = NULL;
	t = play(t);
	assert_int_equal(tape_next(t, "read-trees", more, &answer, &err), -ENODATA);
	assert_int_equal(tape_next(t, "read-trees", NULL, &answer, &err), -ENODATA);
	assert_int_equal(err.cause, RIG_HOST);
	assert_int_equal(tape_next(t, "read-trees", args, &answer, &err), 0);
	assert_int_equal(json_integer_value(answer), 5);
	json_decref(answer);
	tape_destroy(t);
}

/* A refusal is played as the link would tell it, and does not end the tape. */
static void a_refusal_is_played_as_one(void **state)
{
	struct tape *t = tape_create();
	json_t *untouched = NULL;
	struct rig_err err;

	(void)state;
	add(t, "load-module", json_null());
	add(t, "load-module", json_integer(3));
	t = play(t);
	assert_int_equal(tape_next(t, "load-module", NULL, &untouched, &err), -EREMOTEIO);
	assert_int_equal(err.cause, RIG_AGENT);
	assert_non_null(strstr(err.text, "refused 'load-module'"));
	assert_null(untouched);
	assert_next(t, "load-module", 3);
	assert_no_next(t, "load-module");
	tape_destroy(t);
}

static void what_else_belongs_to_the_guest_is_kept(void **state)
{
	json_auto_t *greeting = json_pack("{s{si}}", "version", "major", 1), *log = json_pack("[ss]", "a", "b");
	json_auto_t *old = json_string("old");
	struct tape *t = tape_create();

	(void)state;
	assert_null(tape_get(t, "greeting"));
	tape_set(t, "greeting", old);
	tape_set(t, "greeting", greeting);
	tape_set(t, "log", log);
	assert_ptr_equal(tape_get(t, "log"), log);
	t = play(t);
	assert_true(json_equal(tape_get(t, "greeting"), greeting));
	assert_true(json_equal(tape_get(t, "greeting"), greeting));	/* not used up */
	assert_true(json_equal(tape_get(t, "log"), log));
	assert_null(tape_get(t, "query-pages"));
	assert_no_next(t, "greeting");
	tape_destroy(t);
}

/* What was played is gone: a tape that is written again has the rest. */
static void a_tape_that_was_played_has_the_rest(void **state)
{
	struct tape *t = tape_create();

	(void)state;
	add(t, "query-pages", json_integer(1));
	add(t, "query-pages", json_integer(2));
	t = play(t);
	assert_next(t, "query-pages", 1);
	t = play(t);
	assert_next(t, "query-pages", 2);
	assert_no_next(t, "query-pages");
	tape_destroy(t);
	tape_destroy(NULL);
}

static void damaged_ones_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "7", "{}", "{\"answers\":{}}", "{\"extras\":{}}",
		"{\"answers\":[],\"extras\":{}}", "{\"answers\":{},\"extras\":null}",
		"{\"answers\":{},\"extras\":{}} x", "{\"answers\":{},\"answers\":{},\"extras\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct tape *untouched = NULL;
		struct rig_err err = { 0 };

		if (tape_load(texts[i], &untouched, &err) != -EBADMSG)
			fail_msg("'%s' was taken", texts[i]);
		assert_int_equal(err.cause, RIG_HOST);
		assert_non_null(strstr(err.text, "damaged"));
		assert_null(untouched);
	}
}

/* Answers that are no list are as none. */
static void answers_that_are_no_list_are_none(void **state)
{
	struct tape *t = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(tape_load("{\"answers\":{\"a\":7,\"b\":{},\"c\":[]},\"extras\":{}}", &t, &err), 0);
	assert_no_next(t, "a");
	assert_no_next(t, "b");
	assert_no_next(t, "c");
	tape_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_in_the_order_of_their_command),
		cmocka_unit_test(an_answer_fits_its_question_alone),
		cmocka_unit_test(a_refusal_is_played_as_one),
		cmocka_unit_test(what_else_belongs_to_the_guest_is_kept),
		cmocka_unit_test(a_tape_that_was_played_has_the_rest),
		cmocka_unit_test(damaged_ones_are_refused),
		cmocka_unit_test(answers_that_are_no_list_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
