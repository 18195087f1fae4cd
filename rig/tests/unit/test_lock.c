// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks, and waiting for what no descriptor announces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/poll.h"

#define SOON	clock_in_ms(60)		/* for waits that are meant to fail; several tries long */
#define LATE	clock_in_ms(10000)

struct fixture {
	char path[64];
	int a, b;		/* the same file, opened twice */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->path, "/tmp/hotrig-test-XXXXXX");
	f->a = mkostemp(f->path, O_CLOEXEC);
	f->b = open(f->path, O_RDWR | O_CLOEXEC);
	assert_true(f->a >= 0 && f->b >= 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	close(f->a);
	close(f->b);
	unlink(f->path);
	free(f);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

/* --- locks --- */

static void one_writer_or_many_readers(void **state)
{
	struct fixture *f = *state;

	assert_true(lock_try(f->a));
	assert_true(lock_try(f->a));		/* its own is no hindrance */
	assert_false(lock_try(f->b));
	assert_false(lock_try_shared(f->b));
	assert_true(lock_try_shared(f->a));	/* and may be weakened */
	assert_true(lock_try_shared(f->b));
	assert_false(lock_try(f->a));
	close(f->b);				/* ends with the descriptor */
	f->b = open(f->path, O_RDWR | O_CLOEXEC);
	assert_true(lock_try(f->a));
	assert_false(lock_try_shared(f->b));
}

/* No descriptor at all stands for a file system without locks: it must not hold up anybody. */
static void what_cannot_be_locked_counts_as_locked(void **state)
{
	(void)state;
	assert_true(lock_try(-1));
	assert_true(lock_try_shared(-1));
}

static void a_wait_ends_when_the_owner_does(void **state)
{
	struct fixture *f = *state;
	struct rig_err err = { 0 };
	int ready[2], go[2], status;
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int own = open(f->path, O_RDWR | O_CLOEXEC);

		close(go[1]);
		if (!lock_try(own) || write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) < 0)
			_exit(1);
		_exit(0);	/* without unlocking */
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(lock_wait(f->a, f->path, SOON, &err), -ETIMEDOUT);
	assert_int_equal(err.cause, RIG_HOST);	/* no guest was late */
	assert_non_null(strstr(err.text, "another process holds the lock"));
	assert_non_null(strstr(err.text, f->path));
	close(go[1]);		/* the child sees the end */
	assert_int_equal(lock_wait(f->a, f->path, LATE, &err), 0);
	assert_false(lock_try(f->b));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
}

/* In a child, because the loop remembers a signal for the rest of the process. */
static void a_wait_can_be_interrupted(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	assert_true(lock_try(f->b));
	pid = fork();
	if (pid == 0) {
		struct loop *loop;
		struct rig_err err;

		if (loop_create(&loop, &err) < 0)	/* installs the handlers */
			_exit(2);
		raise(SIGTERM);
		_exit(lock_wait(f->a, f->path, LATE, &err) == -EINTR && err.cause == RIG_INTERRUPTED ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- polls --- */

struct asked {
	unsigned int times, enough;
	bool heard;
};

static bool is_enough(void *arg)
{
	struct asked *a = arg;

	return ++a->times >= a->enough;
}

static void hear(void *arg, int fd)
{
	struct asked *a = arg;
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
	a->heard = true;
}

static void it_is_asked_again_and_again(void **state)
{
	struct asked a = { .enough = 5 };
	uint64_t began = clock_ns();
	struct rig_err err;

	(void)state;
	assert_int_equal(poll_until(NULL, is_enough, &a, 10, LATE, "enough", &err), 0);
	assert_int_equal(a.times, 5);
	/* asked at once, and then every 10 ms */
	assert_in_range(clock_ns() - began, 30 * NS_PER_MS, 5 * NS_PER_S);
	assert_int_equal(poll_until(NULL, is_enough, &a, 1000, SOON, "enough", &err), 0);
	assert_int_equal(a.times, 6);
}

/* Whole seconds too: nothing but the deadline ends this one. */
static void a_poll_has_a_deadline(void **state)
{
	static const unsigned int every_ms[] = { 1, 1000, 1001, 60000 };
	struct asked a = { .enough = UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(every_ms); i++) {
		struct rig_err err;

		assert_int_equal(poll_until(NULL, is_enough, &a, every_ms[i], SOON, "the moon", &err), -ETIMEDOUT);
		assert_int_equal(err.cause, RIG_TIMEOUT);
		assert_non_null(strstr(err.text, "the moon"));
	}
}

/* The others of a loop are not kept waiting, and it is as it was afterwards. */
static void a_poll_in_a_loop_of_others(void **state)
{
	const struct rig_err why = { RIG_KERNEL, ENODATA, "the guest is gone" };
	struct asked a = { .enough = 3 };
	struct loop *loop;
	struct rig_err err;
	int fds[2], next;

	(void)state;
	assert_int_equal(loop_create(&loop, &err), 0);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	next = dup(0);
	close(next);
	loop_watch(loop, fds[0], hear, &a);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(poll_until(loop, is_enough, &a, 10, LATE, "enough", &err), 0);
	assert_true(a.heard);
	assert_int_equal(fcntl(next, F_GETFD), -1);	/* its timer is closed */
	loop_cancel(loop, &why);
	a.enough = UINT32_MAX;
	assert_int_equal(poll_until(loop, is_enough, &a, 10, LATE, "enough", &err), -ENODATA);
	assert_string_equal(err.text, "the guest is gone");
	assert_int_equal(fcntl(next, F_GETFD), -1);
	loop_unwatch(loop, fds[0]);
	loop_destroy(loop);
	close(fds[0]);
	close(fds[1]);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCK_TEST(one_writer_or_many_readers),
		LOCK_TEST(what_cannot_be_locked_counts_as_locked),
		LOCK_TEST(a_wait_ends_when_the_owner_does),
		LOCK_TEST(a_wait_can_be_interrupted),
		cmocka_unit_test(it_is_asked_again_and_again),
		cmocka_unit_test(a_poll_has_a_deadline),
		cmocka_unit_test(a_poll_in_a_loop_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
