// SPDX-License-Identifier: GPL-2.0-or-later
/* Makers of templates beside each other, each a process of its own: patience, and what a dead one leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "sample_template.h"

/* Another process that has begun a template and waits to be told how to go on. */
struct maker {
	pid_t pid;
	int go;
};

static void make_as_told(const char *key, int ready, int go)
{
	struct template_draft *d = sample_begin(key);
	char order = 0;

	sample_fill(d);
	if (write(ready, "x", 1) != 1 || read(go, &order, 1) != 1)
		_exit(1);
	if (order == 'c')
		sample_commit(d);
	else
		template_draft_destroy(d);
	_exit(0);
}

static struct maker start_maker(const char *key)
{
	int ready[2], go[2];
	struct maker m;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	m.pid = fork();
	if (m.pid == 0) {
		close(go[1]);
		make_as_told(key, ready[1], go[0]);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	m.go = go[1];
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
	return m;
}

static void tell(const struct maker *m, char order)
{
	assert_int_equal(write(m->go, &order, 1), 1);
}

static void end_maker(struct maker *m, int how)
{
	int status;

	if (how)
		kill(m->pid, how);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_int_equal(status, how);
	close(m->go);
}

static void the_second_waits_for_the_first(void **state)
{
	struct maker first = start_maker(KEY_A);
	struct template_draft *untouched = NULL;
	const uint64_t bytes = SAMPLE_RAM;
	struct rig_err err;
	struct template t;

	(void)state;
	assert_int_equal(template_draft_create(KEY_A, 0, &bytes, 1, SOON, &untouched, &err), -ETIMEDOUT);
	assert_null(untouched);
	assert_int_equal(sample_folders("tmp."), 1);
	tell(&first, 'c');
	assert_int_equal(template_draft_create(KEY_A, 0, &bytes, 1, LATE, &untouched, &err), -EEXIST);
	assert_int_equal(err.cause, RIG_HOST);
	assert_null(untouched);
	sample_open(KEY_A, &t);		/* there, at that moment */
	template_close(&t);
	end_maker(&first, 0);
}

static void the_second_makes_it_when_the_first_gives_up(void **state)
{
	struct maker first = start_maker(KEY_A);
	struct template_draft *d;
	struct template t;

	(void)state;
	tell(&first, 'd');
	d = sample_begin(KEY_A);
	sample_fill(d);
	sample_commit(d);
	sample_open(KEY_A, &t);
	template_close(&t);
	end_maker(&first, 0);
}

static void the_second_makes_it_when_the_first_dies(void **state)
{
	struct maker first = start_maker(KEY_A);

	(void)state;
	assert_int_equal(kill(first.pid, SIGKILL), 0);
	sample_make(KEY_A);
	end_maker(&first, SIGKILL);
	assert_int_equal(sample_folders("tmp."), 0);
}

static void other_keys_and_variants_are_made_beside(void **state)
{
	struct maker first = start_maker(KEY_A);
	struct template_draft *d = NULL;
	const uint64_t bytes = SAMPLE_RAM;
	struct rig_err err;

	(void)state;
	sample_make(KEY_B);
	assert_int_equal(template_draft_create(KEY_A, 1, &bytes, 1, SOON, &d, &err), 0);
	template_draft_destroy(d);
	tell(&first, 'c');
	end_maker(&first, 0);
	assert_true(sample_exists(NAME_A));
	assert_true(sample_exists(NAME_B));
}

/* What a killed one leaves stays until the next maker or dropper sweeps it; a living one's stays. */
static void what_the_dead_leave_is_swept(void **state)
{
	struct maker living = start_maker(KEY_A), dead = start_maker(KEY_B);
	struct rig_err err;

	(void)state;
	assert_int_equal(sample_folders("tmp." NAME_A), 1);
	assert_int_equal(sample_folders("tmp." NAME_B), 1);
	end_maker(&dead, SIGKILL);
	assert_int_equal(sample_folders("tmp." NAME_B), 1);
	sample_make(KEY_C);
	assert_int_equal(sample_folders("tmp." NAME_A), 1);
	assert_int_equal(sample_folders("tmp." NAME_B), 0);
	dead = start_maker(KEY_B);
	end_maker(&dead, SIGKILL);
	assert_int_equal(template_drop(NAME_C, &err), 0);
	assert_int_equal(sample_folders("tmp." NAME_A), 1);
	assert_int_equal(sample_folders("tmp." NAME_B), 0);
	tell(&living, 'c');
	end_maker(&living, 0);
	assert_true(sample_exists(NAME_A));
}

/* A user that is killed holds nothing any more. */
static void a_dead_user_is_none(void **state)
{
	struct template t;
	struct rig_err err;
	pid_t pid;
	char c;
	int ready[2];

	(void)state;
	sample_make(KEY_A);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		sample_open(KEY_A, &t);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(template_drop(NAME_A, &err), -EBUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(template_drop(NAME_A, &err), 0);
	close(ready[0]);
	close(ready[1]);
}

#define TEMPLATE_TEST(name) cmocka_unit_test_setup_teardown(name, sample_store_set_up, sample_store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMPLATE_TEST(the_second_waits_for_the_first),
		TEMPLATE_TEST(the_second_makes_it_when_the_first_gives_up),
		TEMPLATE_TEST(the_second_makes_it_when_the_first_dies),
		TEMPLATE_TEST(other_keys_and_variants_are_made_beside),
		TEMPLATE_TEST(what_the_dead_leave_is_swept),
		TEMPLATE_TEST(a_dead_user_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
