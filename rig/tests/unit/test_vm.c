// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program starts itself as QEMU: see tests/fake_qemu/fake_qemu.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "tests/fake_qemu/fake_qemu.h"
#include "vm/vm.h"

struct fixture {
	struct loop *loop;
	struct kernel kernel;
	struct vm_config config;
	char console[4096];	/* the last of it */
	size_t console_len;	/* of all */
	unsigned int nr_fds;
};

static unsigned int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void keep_console(void *arg, const char *data, size_t len)
{
	struct fixture *f = arg;
	size_t take = len < sizeof(f->console) - 1 ? len : sizeof(f->console) - 1;
	size_t have = strlen(f->console);

	if (have + take >= sizeof(f->console))
		have = 0;
	memcpy(f->console + have, data + len - take, take);
	f->console[have + take] = '\0';
	f->console_len += len;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct rig_err err;

	if (loop_create(&f->loop, &err) < 0)
		return -1;
	f->kernel.image = (char *)"/boot/vmlinuz";
	f->config = (struct vm_config){
		.shape = machine_find("small"), .kernel = &f->kernel, .cmdline = "",
		.accel = ACCEL_TCG, .qemu = "/proc/self/exe", .console = keep_console, .arg = f,
	};
	f->nr_fds = count_fds();
	*state = f;
	return 0;
}

/* Whatever happened: no child is left, no descriptor, and the loop is as it was. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(count_fds(), f->nr_fds);
	assert_null(loop_cancelled(f->loop));
	loop_destroy(f->loop);
	free(f);
	return 0;
}

static struct vm *start(struct fixture *f, const char *mode)
{
	struct rig_err err;
	struct vm *vm = NULL;

	setenv("FAKE_QEMU", mode, 1);
	if (vm_create(f->loop, &f->config, clock_in_ms(5000), &vm, &err) < 0)
		fail_msg("%s", err.text);
	return vm;
}

static struct rig_err fail_to_start(struct fixture *f, const char *mode, uint64_t patience_ms)
{
	struct vm *untouched = (struct vm *)f, *vm = untouched;
	struct rig_err err = { 0 };

	setenv("FAKE_QEMU", mode, 1);
	assert_true(vm_create(f->loop, &f->config, clock_in_ms(patience_ms), &vm, &err) < 0);
	assert_ptr_equal(vm, untouched);
	return err;
}

static void assert_says(const struct rig_err *err, enum rig_cause cause, const char *text)
{
	if (!strstr(err->text, text))
		fail_msg("'%s' does not say '%s'", err->text, text);
	assert_string_equal(rig_cause_name(err->cause), rig_cause_name(cause));
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

/* Send @command and wait for nothing in particular, until the loop is cancelled. */
static struct rig_err wait_for_end(struct fixture *f, struct vm *vm, const char *command)
{
	struct rig_err err = { 0 };
	uint64_t id;

	assert_int_equal(qmp_send(vm_qmp(vm), command, NULL, false, clock_in_ms(1000), &id, &err), 0);
	assert_true(loop_until(f->loop, never, NULL, clock_in_ms(5000), "an end", &err) < 0);
	assert_non_null(vm_why(vm));
	assert_string_equal(vm_why(vm)->text, err.text);
	return err;
}

static void test_good(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	uint64_t began = clock_ns();

	assert_true(vm_pid(vm) > 0);
	assert_int_equal(getpgid(vm_pid(vm)), vm_pid(vm));	/* out of the way of ^C */
	assert_int_equal(vm_end(vm, NULL), VM_RUNNING);
	assert_null(vm_why(vm));
	assert_string_equal(vm_stderr(vm), "");
	assert_true(vm_vcpu_cpu_ns(vm) > 0);
	assert_int_equal(vm_memfd_bytes(vm), 0);
	vm_destroy(vm);
	assert_true(clock_ns() - began < NS_PER_S);
	assert_string_equal(f->console, "first words\nlast words");
}

static void test_missing_program(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->config.qemu = "/nonexistent/qemu";
	err = fail_to_start(f, "good", 1000);
	assert_says(&err, RIG_HOST, "'/nonexistent/qemu'");
	assert_int_equal(err.eno, ENOENT);
}

static void test_not_a_program(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->config.qemu = "/dev/null";
	err = fail_to_start(f, "good", 1000);
	assert_says(&err, RIG_HOST, "Permission denied");
}

static void test_exits_at_once(void **state)
{
	struct rig_err err = fail_to_start(*state, "exit", 5000);

	assert_says(&err, RIG_QEMU, "exit code 1: 'qemu: no such option'");
}

static void test_never_greets(void **state)
{
	struct rig_err err = fail_to_start(*state, "silent", 100);

	assert_says(&err, RIG_QEMU, "greeting");
	assert_int_equal(err.eno, ETIMEDOUT);
}

static void test_greets_and_dies(void **state)
{
	struct fixture *f = *state;
	struct rig_err err = fail_to_start(f, "greet-die", 5000);

	assert_says(&err, RIG_QEMU, "signal SIGSEGV");
	assert_string_equal(f->console, "first words\n");
}

static void test_stubborn(void **state)
{
	struct vm *vm = start(*state, "stubborn");
	uint64_t began = clock_ns(), took;

	vm_destroy(vm);
	took = clock_ns() - began;
	assert_true(took > 1900 * NS_PER_MS && took < 4 * NS_PER_S);
}

static void test_closes_qmp(void **state)
{
	struct vm *vm = start(*state, "close-qmp");
	uint64_t began = clock_ns();
	struct rig_err err;

	assert_true(qmp_call(vm_qmp(vm), "query-status", NULL, clock_in_ms(5000), NULL, NULL,
			     &err) < 0);
	assert_int_equal(vm_explain(vm, &err), -EPIPE);		/* there is nothing to explain it */
	assert_says(&err, RIG_QEMU, "'qmp'");
	assert_int_equal(vm_end(vm, NULL), VM_RUNNING);
	vm_destroy(vm);
	assert_true(clock_ns() - began < 4 * NS_PER_S);
}

static void test_floods_console(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "flood");
	struct rig_err err;

	for (int i = 0; i < 20; i++)
		if (qmp_call(vm_qmp(vm), "query-status", NULL, clock_in_ms(2000), NULL, NULL, &err) < 0)
			fail_msg("%s", err.text);
	assert_true(f->console_len > 0);
	vm_destroy(vm);
}

static void test_keeps_output_bounded(void **state)
{
	struct vm *vm = start(*state, "chatter");

	assert_memory_equal(vm_stderr(vm), "the first line\n", 15);
	assert_in_range(strlen(vm_stderr(vm)), 8192, 32768);
	vm_destroy(vm);
}

static void test_panic(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err = wait_for_end(f, vm, "x-panic");
	const char *detail;

	assert_says(&err, RIG_KERNEL, "panicked");
	assert_int_equal(vm_end(vm, &detail), VM_PANICKED);
	assert_string_equal(detail, "guest-panicked");
	assert_non_null(strstr(f->console, "Kernel panic"));
	/* the monitor still answers, for the evidence */
	loop_resume(f->loop);
	assert_int_equal(qmp_call(vm_qmp(vm), "query-status", NULL, clock_in_ms(1000), NULL, NULL,
				  &err), 0);
	vm_destroy(vm);
}

static void test_reset(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err = wait_for_end(f, vm, "x-reset");
	const char *detail;

	assert_says(&err, RIG_KERNEL, "triple fault");
	assert_int_equal(vm_end(vm, &detail), VM_SHUTDOWN);
	assert_string_equal(detail, "guest-reset");
	vm_destroy(vm);
}

static void test_internal_error(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err = wait_for_end(f, vm, "x-internal");

	assert_says(&err, RIG_HOST, "KVM internal error. Suberror: 1;");
	assert_int_equal(vm_end(vm, NULL), VM_INTERNAL_ERROR);
	vm_destroy(vm);
}

/* Before the monitor listened: only the state tells. */
static void test_internal_error_at_once(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "internal");

	assert_int_equal(vm_end(vm, NULL), VM_INTERNAL_ERROR);
	assert_non_null(loop_cancelled(f->loop));
	vm_destroy(vm);
}

/* The rig stops the machine itself now and then: no end. */
static void test_own_stop(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err;

	assert_int_equal(qmp_call(vm_qmp(vm), "x-stop", NULL, clock_in_ms(1000), NULL, NULL, &err), 0);
	assert_int_equal(loop_until(f->loop, never, NULL, clock_in_ms(50), "nothing", &err),
			 -ETIMEDOUT);
	assert_int_equal(vm_end(vm, NULL), VM_RUNNING);
	vm_destroy(vm);
}

static void test_killed(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	const char *detail;
	struct rig_err err;

	assert_true(qmp_call(vm_qmp(vm), "x-die", NULL, clock_in_ms(5000), NULL, NULL, &err) < 0);
	vm_explain(vm, &err);
	assert_says(&err, RIG_HOST, "signal SIGKILL");
	assert_int_equal(vm_end(vm, &detail), VM_EXITED);
	assert_string_equal(detail, "signal SIGKILL");
	assert_int_equal(vm_vcpu_cpu_ns(vm), 0);
	vm_destroy(vm);
}

static void test_leaves(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err;

	assert_true(qmp_call(vm_qmp(vm), "x-leave", NULL, clock_in_ms(5000), NULL, NULL, &err) < 0);
	vm_explain(vm, &err);
	assert_says(&err, RIG_HOST, "exit code 0 (host-signal)");
	vm_destroy(vm);
}

/* Other errors are not explained away. */
static void test_explains_only_closed_links(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err;

	rig_err_set(&err, RIG_TIMEOUT, ETIMEDOUT, "late");
	assert_int_equal(vm_explain(vm, &err), -ETIMEDOUT);
	assert_string_equal(err.text, "late");
	vm_destroy(vm);
}

static void test_destroy_null(void **state)
{
	(void)state;
	vm_destroy(NULL);
}

#define VM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(test_good),
		VM_TEST(test_missing_program),
		VM_TEST(test_not_a_program),
		VM_TEST(test_exits_at_once),
		VM_TEST(test_never_greets),
		VM_TEST(test_greets_and_dies),
		VM_TEST(test_stubborn),
		VM_TEST(test_closes_qmp),
		VM_TEST(test_floods_console),
		VM_TEST(test_keeps_output_bounded),
		VM_TEST(test_panic),
		VM_TEST(test_reset),
		VM_TEST(test_internal_error),
		VM_TEST(test_internal_error_at_once),
		VM_TEST(test_own_stop),
		VM_TEST(test_killed),
		VM_TEST(test_leaves),
		VM_TEST(test_explains_only_closed_links),
		VM_TEST(test_destroy_null),
	};

	if (fake_qemu_is_wanted(argc, argv))
		return fake_qemu_run(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
