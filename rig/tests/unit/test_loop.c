// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop: handlers that change it or wait in it themselves, deadlines, cancel, signals. */
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
#include "base/clock.h"
#include "base/loop.h"

#define NR_PIPES 40	/* more than the first allocation of watches holds */

struct source {
	struct fixture *f;
	int out, in;		/* read end, write end */
	size_t taken;		/* bytes */
	bool nests, adds;
};

struct fixture {
	struct loop *loop;
	struct source source[NR_PIPES];
	size_t depth, deepest;
};

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static bool all_taken(void *arg)
{
	const struct fixture *f = arg;

	for (size_t i = 0; i < NR_PIPES / 2; i++)
		if (!f->source[i].taken)
			return false;
	return true;
}

static bool last_taken(void *arg)
{
	return ((struct fixture *)arg)->source[NR_PIPES / 2 - 1].taken;
}

/* The descriptors block: a call without data would hang the test, as it would hang the rig. */
static void on_ready(void *arg, int fd)
{
	struct source *s = arg;
	struct rig_err err;
	char c;

	assert_int_equal(fd, s->out);
	assert_int_equal(read(fd, &c, 1), 1);
	s->taken++;
	if (s->adds)
		for (size_t i = NR_PIPES / 2; i < NR_PIPES; i++)
			loop_watch(s->f->loop, s->f->source[i].out, on_ready, &s->f->source[i]);
	if (!s->nests)
		return;
	/* everything in front of us goes: what is behind moves to the front */
	for (struct source *before = s->f->source; before < s; before++)
		loop_unwatch(s->f->loop, before->out);
	s->f->deepest += ++s->f->depth > 1;
	assert_int_equal(loop_until(s->f->loop, last_taken, s->f, clock_in_ms(5000), "the last", &err), 0);
	s->f->depth--;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct rig_err err;

	assert_int_equal(loop_create(&f->loop, &err), 0);
	for (size_t i = 0; i < NR_PIPES; i++) {
		int fds[2];

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		f->source[i] = (struct source){ .f = f, .out = fds[0], .in = fds[1] };
		if (i < NR_PIPES / 2)
			loop_watch(f->loop, fds[0], on_ready, &f->source[i]);
	}
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < NR_PIPES; i++) {
		close(f->source[i].out);
		close(f->source[i].in);
	}
	loop_destroy(f->loop);
	free(f);
	return 0;
}

static void fill(struct fixture *f)
{
	for (size_t i = 0; i < NR_PIPES / 2; i++)
		assert_int_equal(write(f->source[i].in, "x", 1), 1);
}

static void test_every_source_once(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	fill(f);
	assert_int_equal(loop_until(f->loop, all_taken, f, clock_in_ms(5000), "all", &err), 0);
	for (size_t i = 0; i < NR_PIPES / 2; i++)
		assert_int_equal(f->source[i].taken, 1);
}

/* A handler in the middle waits itself: nobody is called twice, nobody is forgotten. */
static void test_nested(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->source[5].nests = true;
	fill(f);
	assert_int_equal(loop_until(f->loop, all_taken, f, clock_in_ms(5000), "all", &err), 0);
	for (size_t i = 0; i < NR_PIPES / 2; i++)
		assert_int_equal(f->source[i].taken, 1);
}

/* Several wait within each other. */
static void test_nested_deep(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	for (size_t i = 3; i < 12; i++)
		f->source[i].nests = true;
	fill(f);
	assert_int_equal(loop_until(f->loop, all_taken, f, clock_in_ms(5000), "all", &err), 0);
	assert_int_equal(f->deepest, 8);
	for (size_t i = 0; i < NR_PIPES / 2; i++)
		assert_int_equal(f->source[i].taken, 1);
}

/* The table of watches grows, and so moves, in the middle of a round. */
static void test_watch_in_handler(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->source[0].adds = true;
	f->source[1].nests = true;
	fill(f);
	assert_int_equal(loop_until(f->loop, all_taken, f, clock_in_ms(5000), "all", &err), 0);
	assert_int_equal(write(f->source[NR_PIPES - 1].in, "x", 1), 1);
	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(20), "nothing", &err), -ETIMEDOUT);
	assert_int_equal(f->source[NR_PIPES - 1].taken, 1);
}

static void test_deadline(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;
	uint64_t began = clock_ns();

	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(30), "a thing", &err), -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_TIMEOUT);
	assert_string_equal(err.text, "deadline passed while waiting for a thing");
	assert_true(clock_ns() - began >= 30 * NS_PER_MS);
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	struct rig_err why, err;

	assert_null(loop_cancelled(f->loop));
	rig_err_set(&why, RIG_KERNEL, EIO, "gone");
	loop_cancel(f->loop, &why);
	rig_err_set(&why, RIG_HOST, EIO, "later");
	loop_cancel(f->loop, &why);
	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(5000), "a thing", &err), -EIO);
	assert_int_equal(err.cause, RIG_KERNEL);
	assert_string_equal(loop_cancelled(f->loop)->text, "gone");
	loop_resume(f->loop);
	assert_null(loop_cancelled(f->loop));
}

static bool count_asked(void *arg)
{
	(*(unsigned int *)arg)++;
	return false;
}

/* A forked child is signalled: that wakes its own loop, and never its parent's. */
static void test_forked(void **state)
{
	struct fixture *f = *state;
	unsigned int asked = 0;
	struct rig_err err;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (loop_forked(&err) < 0)
			_exit(1);
		raise(SIGTERM);
		_exit(loop_until(f->loop, never, NULL, clock_in_ms(5000), "a thing", &err) == -EINTR ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* asked before and after the one round that lasts until the deadline */
	assert_int_equal(loop_until(f->loop, count_asked, &asked, clock_in_ms(50), "a thing", &err), -ETIMEDOUT);
	assert_int_equal(asked, 2);
	assert_int_equal(loop_interrupted(), 0);
}

/* The last one: the signal stays known for the rest of the process. */
static void test_interrupt(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	assert_int_equal(loop_interrupted(), 0);
	raise(SIGTERM);
	assert_int_equal(loop_interrupted(), SIGTERM);
	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(5000), "a thing", &err), -EINTR);
	assert_int_equal(err.cause, RIG_INTERRUPTED);
	assert_string_equal(err.text, "interrupted by SIGTERM while waiting for a thing");
	loop_mask_interrupt(f->loop, true);
	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(20), "a thing", &err), -ETIMEDOUT);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_every_source_once),
		LOOP_TEST(test_nested),
		LOOP_TEST(test_nested_deep),
		LOOP_TEST(test_watch_in_handler),
		LOOP_TEST(test_deadline),
		LOOP_TEST(test_cancel),
		LOOP_TEST(test_forked),
		LOOP_TEST(test_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
