// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool with made-up work: good, crashing, mute, endless and interrupted workers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/loop.h"
#include "batch/pool.h"

#define MAX_TASKS	32
#define MAX_FDS		64
#define BIG_BYTES	(3u << 20)	/* many pipes full */
#define PATIENCE_MS	30000

enum kind { GOOD, CRASH, LEAVE, BABBLE, BIG, WAIT, REST, REST_ON, WAKE, DEAF, COUNT_FDS };
enum bell { BEGUN, AWAKE, ENDED, NR_BELLS };	/* rung by one process for another */

struct fixture {
	enum kind kind[MAX_TASKS];
	struct pool_tasks tasks;
	struct rig_err err;
	/* seen by the parent */
	unsigned int running, most, nr_began, nr_ended, nr_said;
	size_t ended[MAX_TASKS];		/* in the order of ending */
	unsigned int ended_before[MAX_TASKS];	/* how many, when this one began */
	json_t *result[MAX_TASKS];
	struct rig_err died[MAX_TASKS];
	size_t room;				/* workers that fit; 0: any number */
	size_t stop_after, kill_at;		/* number of ended, said; 0: never */
	uint64_t deaf_ms;			/* limit of a deaf worker; 0: as of the others */
	int bell[NR_BELLS];			/* eventfds */
	bool open_before[MAX_FDS];
};

static bool never(void *arg)
{
	(void)arg;
	return false;
}

/* Only what the pool itself opened: a worker's own pipe and the loop's are the same for all. */
static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* As a run does: waits in a loop of its own, which an interrupt ends. */
static json_t *wait_for_signal(void)
{
	struct loop *loop = NULL;
	struct rig_err err;
	int r = loop_create(&loop, &err);

	if (!r)
		r = loop_until(loop, never, NULL, clock_in_ms(PATIENCE_MS), "a signal", &err);
	loop_destroy(loop);
	return json_string(r < 0 ? err.text : "nothing");
}

static json_t *big_result(void)
{
	AUTO_FREE char *text = malloc(BIG_BYTES + 1);

	memset(text, 'x', BIG_BYTES);
	text[BIG_BYTES / 2] = '\n';
	text[BIG_BYTES] = '\0';
	return json_string(text);
}

/* Its pipe is among what was not open before the pool began. */
static void babble(const struct fixture *f)
{
	for (int fd = 0; fd < MAX_FDS; fd++)
		if (!f->open_before[fd] && write(fd, "rubbish\n", 8) < 0)
			continue;
}

static void ring(const struct fixture *f, enum bell b)
{
	assert_int_equal(eventfd_write(f->bell[b], 1), 0);
}

static void hear(const struct fixture *f, enum bell b)
{
	eventfd_t n;

	assert_int_equal(eventfd_read(f->bell[b], &n), 0);
}

static json_t *work(void *arg, size_t task, const struct pool_voice *voice)
{
	const struct fixture *f = arg;

	pool_say(voice, json_integer((json_int_t)task));
	switch (f->kind[task]) {
	case CRASH:
		signal(SIGSEGV, SIG_DFL);	/* a sanitizer has its own */
		raise(SIGSEGV);
		break;
	case LEAVE:
		_exit(7);
	case BABBLE:
		babble(f);
		break;
	case BIG:
		return big_result();
	case WAIT:
		return wait_for_signal();
	case REST:
		pool_rest(voice, true);
		hear(f, BEGUN);
		pool_rest(voice, false);
		ring(f, AWAKE);
		hear(f, ENDED);
		break;
	case REST_ON:
		pool_rest(voice, true);
		pool_rest(voice, true);
		hear(f, BEGUN);
		break;
	case WAKE:
		ring(f, BEGUN);
		hear(f, AWAKE);
		break;
	case DEAF:
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		for (;;)
			pause();
	case COUNT_FDS:
		usleep(100000);		/* so that several run */
		return json_integer(count_fds());
	case GOOD:
		break;
	}
	return json_pack("{sI}", "task", (json_int_t)task);
}

static bool on_fits(void *arg, size_t task)
{
	const struct fixture *f = arg;

	(void)task;
	assert_true(f->running > 0);	/* one always runs */
	return !f->room || f->running < f->room;
}

static void on_began(void *arg, size_t task)
{
	struct fixture *f = arg;

	assert_int_equal(task, f->nr_began++);
	f->ended_before[task] = f->nr_ended;
	f->running++;
	f->most = f->running > f->most ? f->running : f->most;
}

static void on_said(void *arg, size_t task, const json_t *what)
{
	struct fixture *f = arg;

	assert_int_equal(json_integer_value(what), task);
	f->nr_said++;
	if (f->nr_said == f->kill_at)
		raise(SIGINT);
}

static bool on_ended(void *arg, size_t task, const json_t *result, const struct rig_err *died)
{
	struct fixture *f = arg;

	assert_true(!result != !died);
	f->running--;
	if (f->kind[task] == WAKE)
		ring(f, ENDED);
	if (f->kind[task] == REST_ON)
		ring(f, AWAKE);
	f->ended[f->nr_ended++] = task;
	f->result[task] = json_incref((json_t *)result);
	if (died)
		f->died[task] = *died;
	return f->nr_ended != f->stop_after;
}

static uint64_t limit_ms(void *arg, size_t task)
{
	const struct fixture *f = arg;

	return f->kind[task] == DEAF && f->deaf_ms ? f->deaf_ms : PATIENCE_MS;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->tasks = (struct pool_tasks){
		.nr = 1, .jobs = 1, .grace_ms = PATIENCE_MS, .limit_ms = limit_ms, .work = work, .fits = on_fits, .began = on_began,
		.said = on_said, .ended = on_ended, .arg = f,
	};
	for (int fd = 0; fd < MAX_FDS; fd++)
		f->open_before[fd] = fcntl(fd, F_GETFD) >= 0;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	/* whatever a test is about: no child is left, and no task was lost */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(f->nr_began, f->nr_ended);
	for (size_t i = 0; i < MAX_TASKS; i++)
		json_decref(f->result[i]);
	free(f);
	return 0;
}

static void assert_good(const struct fixture *f, size_t task)
{
	assert_int_equal(json_integer_value(json_object_get(f->result[task], "task")), task);
}

static void assert_died(const struct fixture *f, size_t task, const char *text)
{
	assert_null(f->result[task]);
	assert_int_equal(f->died[task].cause, RIG_HOST);
	assert_string_equal(f->died[task].text, text);
}

static void test_one_by_one(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 5;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_int_equal(f->most, 1);
	assert_int_equal(f->nr_ended, 5);
	assert_int_equal(f->nr_said, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(f->ended[i], i);
		assert_good(f, i);
	}
}

static void test_none(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 0;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_int_equal(f->nr_began, 0);
}

static void test_many(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = MAX_TASKS;
	f->tasks.jobs = 5;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_int_equal(f->most, 5);
	assert_int_equal(f->nr_ended, MAX_TASKS);
	for (size_t i = 0; i < MAX_TASKS; i++)
		assert_good(f, i);
}

static void test_little_room(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 6;
	f->tasks.jobs = 4;
	f->room = 2;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_int_equal(f->most, 2);
	assert_int_equal(f->nr_ended, 6);
}

static void rests(struct fixture *f, enum kind how)
{
	f->tasks.nr = 4;
	f->kind[0] = how;
	f->kind[1] = WAKE;
	for (size_t b = 0; b < NR_BELLS; b++)
		f->bell[b] = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	for (size_t b = 0; b < NR_BELLS; b++)
		close(f->bell[b]);
	for (size_t i = 0; i < f->tasks.nr; i++)
		assert_good(f, i);
	assert_int_equal(f->ended_before[1], 0);
	assert_int_equal(f->ended_before[2], 2);
	assert_int_equal(f->ended_before[3], 3);
}

/* Beside one that only waits another works, and none beside one that works again. */
static void test_rest(void **state)
{
	rests(*state, REST);
}

/* Who ends at rest counts no more, and who says so twice counts once. */
static void test_rest_to_the_end(void **state)
{
	rests(*state, REST_ON);
}

/* A worker that dies takes nobody with it. */
static void test_deaths(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 5;
	f->tasks.jobs = 2;
	f->kind[1] = CRASH;
	f->kind[2] = LEAVE;
	f->kind[3] = BABBLE;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_good(f, 0);
	assert_died(f, 1, "the run's process died: SIGSEGV");
	assert_died(f, 2, "the run's process ended without a result, exit code 7");
	assert_died(f, 3, "the run's process said what cannot be understood");
	assert_good(f, 4);
}

static void test_big_results(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 4;
	f->tasks.jobs = 3;
	for (size_t i = 0; i < 4; i++)
		f->kind[i] = BIG;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(json_string_length(f->result[i]), BIG_BYTES);
		assert_int_equal(json_string_value(f->result[i])[BIG_BYTES / 2], '\n');
	}
}

/* The pipe of one must not be open in another: its end would not be seen. */
static void test_descriptors(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = f->tasks.jobs = 4;
	for (size_t i = 0; i < 4; i++)
		f->kind[i] = COUNT_FDS;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(json_integer_value(f->result[i]), json_integer_value(f->result[0]));
}

/* The caller has seen enough: those that run are the last, and are not cut short. */
static void test_no_more(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = MAX_TASKS;
	f->tasks.jobs = 3;
	f->stop_after = 2;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_int_equal(f->nr_ended, 4);	/* the one that followed the first, none after the second */
	for (size_t i = 0; i < f->nr_ended; i++)
		assert_good(f, i);
}

/* In processes of their own, because a signal stays known: what is asserted there is its exit code. */
static void interrupted(void **state, void (*test)(struct fixture *f))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		test(*state);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define MUST(condition) do { if (!(condition)) _exit(__LINE__ % 255 + 1); } while (0)

/* Only the parent is signalled: it passes it on, and the workers' own loops wake up. */
static void interrupt_all(struct fixture *f)
{
	f->tasks.nr = 6;
	f->tasks.jobs = 3;
	f->kill_at = 3;
	for (size_t i = 0; i < 6; i++)
		f->kind[i] = WAIT;
	MUST(pool_run(&f->tasks, &f->err) == 0);
	MUST(loop_interrupted() == SIGINT);
	MUST(f->nr_began == 3 && f->nr_ended == 3);
	for (size_t i = 0; i < 3; i++)
		MUST(!strcmp(json_string_value(f->result[i]), "interrupted by SIGINT while waiting for a signal"));
	MUST(waitpid(-1, NULL, WNOHANG) == -1);
}

static void test_interrupt(void **state)
{
	uint64_t began = clock_ns();

	interrupted(state, interrupt_all);
	assert_true(clock_ns() - began < PATIENCE_MS / 2 * NS_PER_MS);
}

/* Who does not heed the signal is killed; what the others say still counts. */
static void interrupt_deaf(struct fixture *f)
{
	f->tasks.nr = f->tasks.jobs = 3;
	f->tasks.grace_ms = 300;
	f->kill_at = 3;
	f->kind[0] = f->kind[2] = DEAF;
	f->kind[1] = WAIT;
	MUST(pool_run(&f->tasks, &f->err) == 0);
	MUST(f->nr_ended == 3 && f->result[1]);
	MUST(!f->result[0] && !strcmp(f->died[0].text, "the run's process did not end within 0.3 s after the "
				      "interrupt, and was killed"));
	MUST(!f->result[2] && waitpid(-1, NULL, WNOHANG) == -1);
}

static void test_interrupt_deaf(void **state)
{
	interrupted(state, interrupt_deaf);
}

/* Who takes longer than all its deadlines is killed, and the others go on. */
static void test_stuck(void **state)
{
	struct fixture *f = *state;

	f->tasks.nr = 4;
	f->tasks.jobs = 2;
	f->kind[1] = f->kind[3] = DEAF;
	f->deaf_ms = 200;
	assert_int_equal(pool_run(&f->tasks, &f->err), 0);
	assert_good(f, 0);
	assert_good(f, 2);
	assert_died(f, 1, "the run's process did not end within 0.2 s, which is more than all of a run's deadlines, and "
		    "was killed");
	assert_null(f->result[3]);
}

/* The parent is killed: its workers end as if interrupted. */
static void test_orphans(void **state)
{
	struct fixture *f = *state;
	uint64_t began = clock_ns();
	int fds[2];
	pid_t pid;
	char c;

	f->tasks.nr = f->tasks.jobs = 2;
	f->kind[0] = f->kind[1] = WAIT;
	assert_int_equal(pipe(fds), 0);		/* its end is the last worker's */
	pid = fork();
	if (pid == 0) {
		alarm(1);			/* nobody handles it */
		_exit(pool_run(&f->tasks, &f->err) < 0);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(read(fds[0], &c, 1), 0);
	assert_true(clock_ns() - began < PATIENCE_MS / 2 * NS_PER_MS);
	close(fds[0]);
}

#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(test_one_by_one),
		POOL_TEST(test_none),
		POOL_TEST(test_many),
		POOL_TEST(test_little_room),
		POOL_TEST(test_rest),
		POOL_TEST(test_rest_to_the_end),
		POOL_TEST(test_deaths),
		POOL_TEST(test_big_results),
		POOL_TEST(test_descriptors),
		POOL_TEST(test_no_more),
		POOL_TEST(test_interrupt),
		POOL_TEST(test_interrupt_deaf),
		POOL_TEST(test_stuck),
		POOL_TEST(test_orphans),
	};

	alarm(4 * PATIENCE_MS / 1000);		/* a pool that never ends */
	signal(SIGINT, SIG_DFL);	/* a job in the background of a script has it ignored */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
