// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine's state is saved and restored, and memory is let go of.  The program starts itself as
 * QEMU: see tests/fake_qemu/fake_qemu.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "tests/fake_qemu/fake_qemu.h"
#include "vm/vm.h"

#define SOON	clock_in_ms(100)	/* for waits that are meant to fail */
#define LATE	clock_in_ms(10000)

struct fixture {
	struct loop *loop;
	struct kernel kernel;
	struct vm_config config;
	char *sent;		/* to QEMU, line by line */
	int fd;			/* where the state goes */
};

static void keep_sent(void *arg, char dir, uint64_t ns, const char *line, size_t len)
{
	struct fixture *f = arg;
	char *before = f->sent;

	(void)ns;
	if (dir != '>')
		return;
	f->sent = xasprintf("%s%.*s\n", before, (int)len, line);
	free(before);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct rig_err err;

	if (loop_create(&f->loop, &err) < 0)
		return -1;
	f->sent = xstrdup("");
	f->fd = memfd_create("state", MFD_CLOEXEC);
	f->kernel.image = (char *)"/boot/vmlinuz";
	f->config = (struct vm_config){
		.shape = machine_find("small"), .kernel = &f->kernel, .cmdline = "", .accel = ACCEL_TCG,
		.qemu = "/proc/self/exe", .qmp_trace = keep_sent, .arg = f,
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_null(loop_cancelled(f->loop));
	loop_destroy(f->loop);
	close(f->fd);
	free(f->sent);
	free(f);
	return 0;
}

static struct vm *start(struct fixture *f, const char *mode)
{
	struct rig_err err;
	struct vm *vm = NULL;

	setenv("FAKE_QEMU", mode, 1);
	if (vm_create(f->loop, &f->config, LATE, &vm, &err) < 0)
		fail_msg("%s", err.text);
	return vm;
}

static void tell(struct vm *vm, const char *command)
{
	struct rig_err err;

	if (qmp_call(vm_qmp(vm), command, NULL, LATE, NULL, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void assert_says(const struct rig_err *err, enum rig_cause cause, const char *text)
{
	if (!strstr(err->text, text))
		fail_msg("'%s' does not say '%s'", err->text, text);
	assert_string_equal(rig_cause_name(err->cause), rig_cause_name(cause));
}

static void put_state(struct fixture *f, const char *text)
{
	assert_int_equal(io_write_all(f->fd, text, strlen(text)), 0);
	assert_int_equal(lseek(f->fd, 0, SEEK_SET), 0);
}

/* Where @part was sent, which it must have been. */
static const char *sent(const struct fixture *f, const char *part)
{
	const char *at = strstr(f->sent, part);

	if (!at)
		fail_msg("'%s' was not sent", part);
	return at;
}

/* --- save and restore --- */

/* Memory is left where it is, the machine stands still before, and the state is in our file. */
static void a_saved_machine_is_in_the_file(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	char text[64] = "";
	struct rig_err err;

	if (vm_save(vm, f->fd, LATE, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(pread(f->fd, text, sizeof(text) - 1, 0), strlen(FAKE_STATE));
	assert_string_equal(text, FAKE_STATE);
	sent(f, "{\"capability\":\"x-ignore-shared\",\"state\":true}");
	assert_true(sent(f, "\"stop\"") < sent(f, "\"getfd\""));
	assert_true(sent(f, "\"migrate-set-capabilities\"") < sent(f, "\"migrate\""));
	assert_int_equal(vm_end(vm, NULL), VM_RUNNING);		/* its own stop is no end */
	vm_destroy(vm);
}

static void a_restored_machine_stands_still(void **state)
{
	struct fixture *f = *state;
	json_auto_t *status = NULL;
	struct rig_err err;
	struct vm *vm;

	f->config.incoming = true;
	vm = start(f, "good");
	put_state(f, FAKE_STATE);
	if (vm_restore(vm, f->fd, LATE, &err) < 0)
		fail_msg("%s", err.text);
	sent(f, "{\"capability\":\"x-ignore-shared\",\"state\":true}");
	assert_int_equal(qmp_call(vm_qmp(vm), "query-status", NULL, LATE, &status, NULL, &err), 0);
	assert_string_equal(json_string_value(json_object_get(status, "status")), "paused");
	assert_null(strstr(f->sent, "\"cont\""));		/* nobody said so */
	assert_int_equal(vm_continue(vm, LATE, &err), 0);
	assert_int_equal(vm_pause(vm, LATE, &err), 0);
	assert_int_equal(vm_end(vm, NULL), VM_RUNNING);
	vm_destroy(vm);
}

/* An earlier migration's events say nothing of this one. */
static void each_save_has_its_own_end(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "save-once");
	struct rig_err err;

	assert_int_equal(vm_save(vm, f->fd, LATE, &err), 0);
	assert_int_equal(vm_save(vm, f->fd, LATE, &err), -EIO);
	vm_destroy(vm);
}

static void a_save_that_fails_says_why(void **state)
{
	static const char *const cases[][2] = {
		{ "save-fails", "saving the machine failed: Unable to write to the file: no space" },
		{ "save-cancelled", "saving the machine failed: QEMU does not say why" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture *f = *state;
		struct vm *vm = start(f, cases[i][0]);
		struct rig_err err;

		assert_int_equal(vm_save(vm, f->fd, LATE, &err), -EIO);
		assert_says(&err, RIG_QEMU, cases[i][1]);
		assert_int_equal(vm_end(vm, NULL), VM_RUNNING);
		vm_destroy(vm);
	}
}

static void a_save_has_a_deadline(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "save-silent");
	struct rig_err err;

	assert_int_equal(vm_save(vm, f->fd, SOON, &err), -ETIMEDOUT);
	assert_says(&err, RIG_TIMEOUT, "saving the machine");
	vm_destroy(vm);
}

/* What QEMU cannot take makes it leave; its last words are the reason, not the closed link. */
static void a_state_that_qemu_refuses_is_told_in_its_words(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;
	struct vm *vm;

	f->config.incoming = true;
	vm = start(f, "good");
	put_state(f, "something else");
	assert_true(vm_restore(vm, f->fd, LATE, &err) < 0);
	assert_says(&err, RIG_QEMU, "load of migration failed: Invalid argument");
	assert_says(&err, RIG_QEMU, "exit code 1");
	assert_int_equal(vm_end(vm, NULL), VM_EXITED);
	vm_destroy(vm);
}

static void a_qemu_that_dies_ends_the_save(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "save-dies");
	struct rig_err err;

	assert_true(vm_save(vm, f->fd, LATE, &err) < 0);
	vm_explain(vm, &err);
	assert_says(&err, RIG_HOST, "signal SIGKILL");
	vm_destroy(vm);
}

/* The child keeps it, or QEMU would not start. */
static void a_second_monitor_is_passed_on(void **state)
{
	struct fixture *f = *state;
	struct vm *vm;

	f->config.monitor_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	vm = start(f, "good");
	vm_destroy(vm);
	close(f->config.monitor_fd);
}

/* --- memory that QEMU maps --- */

static void backends_are_awaited_until_they_are_gone(void **state)
{
	struct vm *vm = start(*state, "good");

	assert_true(vm_await_unmapped(vm, 0, SOON));
	tell(vm, "x-map");
	assert_int_equal(vm_memfd_bytes(vm), FAKE_BACKEND);
	assert_true(vm_await_unmapped(vm, FAKE_BACKEND, SOON));	/* it may stay */
	assert_false(vm_await_unmapped(vm, FAKE_BACKEND - 1, SOON));
	assert_int_equal(vm_memfd_bytes(vm), FAKE_BACKEND);
	tell(vm, "x-unmap");
	assert_int_equal(vm_memfd_bytes(vm), FAKE_BACKEND);	/* not before QEMU gets to it */
	assert_true(vm_await_unmapped(vm, 0, LATE));
	assert_int_equal(vm_memfd_bytes(vm), 0);
	tell(vm, "query-status");		/* the link is good, nothing is left over */
	vm_destroy(vm);
}

static void a_qemu_that_is_gone_maps_nothing(void **state)
{
	struct fixture *f = *state;
	struct vm *vm = start(f, "good");
	struct rig_err err;

	tell(vm, "x-map");
	assert_true(qmp_call(vm_qmp(vm), "x-die", NULL, LATE, NULL, NULL, &err) < 0);
	vm_explain(vm, &err);
	loop_resume(f->loop);
	assert_int_equal(vm_memfd_bytes(vm), 0);
	assert_true(vm_await_unmapped(vm, 0, SOON));
	vm_destroy(vm);
}

#define VM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		VM_TEST(a_saved_machine_is_in_the_file),
		VM_TEST(a_restored_machine_stands_still),
		VM_TEST(each_save_has_its_own_end),
		VM_TEST(a_save_that_fails_says_why),
		VM_TEST(a_save_has_a_deadline),
		VM_TEST(a_state_that_qemu_refuses_is_told_in_its_words),
		VM_TEST(a_qemu_that_dies_ends_the_save),
		VM_TEST(a_second_monitor_is_passed_on),
		VM_TEST(backends_are_awaited_until_they_are_gone),
		VM_TEST(a_qemu_that_is_gone_maps_nothing),
	};

	if (fake_qemu_is_wanted(argc, argv))
		return fake_qemu_run(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
