// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program starts itself as QEMU: see tests/fake_qemu/fake_qemu.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "tests/fake_qemu/fake_qemu.h"
#include "vm/accel.h"
#include "vm/accel_memory.h"

struct fixture {
	char cache[64];
	struct kernel kernel;
	struct vm_config guest;
	struct accel_request request;
	enum accel got;
	char *why;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->cache, "/tmp/hotrig-test-XXXXXX");
	if (!mkdtemp(f->cache))
		return -1;
	setenv("HOTRIG_CACHE", f->cache, 1);
	f->kernel.image = (char *)"/boot/vmlinuz";
	f->guest = (struct vm_config){ .shape = machine_find("small"), .kernel = &f->kernel,
				       .cmdline = "", .qemu = "/proc/self/exe" };
	/* it opens, which is all that is asked of it here */
	f->request = (struct accel_request){ .wanted = ACCEL_AUTO, .guest = &f->guest,
					     .kvm_device = "/dev/null" };
	f->got = (enum accel)-1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;
	int r = io_remove_tree(f->cache, &err);

	unsetenv("FAKE_QEMU");
	free(f->why);
	free(f);
	return r;
}

static int decide(struct fixture *f, const char *mode, struct rig_err *err)
{
	free(TAKE_PTR(f->why));
	if (mode)
		setenv("FAKE_QEMU", mode, 1);
	/* only where nothing will come is the end of patience what is waited for */
	f->request.until_ns = clock_in_ms(mode && (!strcmp(mode, "silent") || !strcmp(mode, "good")) ? 300 : 60000);
	return accel_decide(&f->request, &f->got, &f->why, err);
}

static void assert_falls_back(struct fixture *f, const char *mode, const char *why)
{
	struct rig_err err;

	if (decide(f, mode, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(f->got, ACCEL_TCG);
	if (!f->why || !strstr(f->why, why))
		fail_msg("'%s' does not say '%s'", f->why ? f->why : "", why);
}

static void assert_kvm(struct fixture *f, const char *mode)
{
	struct rig_err err;

	if (decide(f, mode, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(f->got, ACCEL_KVM);
	assert_null(f->why);
}

static void test_tcg_asks_nobody(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->request.wanted = ACCEL_TCG;
	f->request.kvm_device = "/nonexistent";
	f->guest.qemu = "/nonexistent";
	assert_int_equal(decide(f, NULL, &err), 0);
	assert_int_equal(f->got, ACCEL_TCG);
	assert_null(f->why);
}

static void test_no_device(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->request.kvm_device = "/nonexistent/kvm";
	assert_falls_back(f, "agent", "kvm cannot be opened ('/nonexistent/kvm': No such file or "
			  "directory)");
	f->request.wanted = ACCEL_KVM;
	assert_true(decide(f, "agent", &err) < 0);
	assert_int_equal(err.cause, RIG_HOST);
}

static void test_proved_and_remembered(void **state)
{
	assert_kvm(*state, "agent");
	assert_kvm(*state, "exit");	/* nobody is started any more */
}

static void test_internal_error(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	assert_falls_back(f, "internal",
			  "kvm opens, but guests die in it (internal-error)");
	assert_falls_back(f, "agent", "(internal-error)");	/* remembered */
	f->request.wanted = ACCEL_KVM;
	assert_true(decide(f, "agent", &err) < 0);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "internal-error"));
}

/* A QEMU that does not start may have many reasons: asked again the next time. */
static void test_death_at_start(void **state)
{
	assert_falls_back(*state, "exit", "qemu: no such option");
	assert_kvm(*state, "agent");
}

static void test_silence(void **state)
{
	assert_falls_back(*state, "silent", "greeting");
}

/* The kernel spoke, the agent did not: no proof either way, so only who insists gets KVM. */
static void test_kernel_without_agent(void **state)
{
	struct accel_verdict verdict = { 0 };
	struct fixture *f = *state;

	assert_falls_back(f, "good", "no word from the agent");
	assert_false(accel_memory_load(f->guest.qemu, f->guest.shape->cpu_kvm, &verdict));
	f->request.wanted = ACCEL_KVM;
	assert_kvm(f, "good");
}

static void test_missing_qemu(void **state)
{
	struct fixture *f = *state;
	struct rig_err err;

	f->guest.qemu = "/nonexistent/qemu";
	assert_true(decide(f, "agent", &err) < 0);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "missing"));
	assert_int_equal(f->got, (enum accel)-1);
}

/* Overwrite the one remembered verdict, whose name only the module knows. */
static void spoil(const struct fixture *f, const char *text)
{
	AUTO_FREE char *pattern = xasprintf("%s/accel/*.json", f->cache);
	struct rig_err err;
	glob_t found;

	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	assert_int_equal(io_write_file(found.gl_pathv[0], text, strlen(text), &err), 0);
	globfree(&found);
}

static void test_spoiled_memory(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "{\"learned_from\":\"another boot\",\"usable\":true}",
		"{\"learned_from\":1,\"usable\":true}", "{\"usable\":true}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_kvm(*state, "agent");
		spoil(*state, texts[i]);
		assert_falls_back(*state, "exit", "no such option");
	}
}

static void test_changed_program(void **state)
{
	struct accel_verdict verdict = { .usable = true }, got;
	struct fixture *f = *state;
	AUTO_FREE char *program = xasprintf("%s/qemu", f->cache);
	struct rig_err err;

	assert_int_equal(io_write_file(program, "one", 3, &err), 0);
	accel_memory_store(program, "host", &verdict);
	assert_true(accel_memory_load(program, "host", &got));
	assert_false(accel_memory_load(program, "max", &got));
	assert_int_equal(io_write_file(program, "other", 5, &err), 0);
	assert_false(accel_memory_load(program, "host", &got));
}

#define ACCEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ACCEL_TEST(test_tcg_asks_nobody),
		ACCEL_TEST(test_no_device),
		ACCEL_TEST(test_proved_and_remembered),
		ACCEL_TEST(test_internal_error),
		ACCEL_TEST(test_death_at_start),
		ACCEL_TEST(test_silence),
		ACCEL_TEST(test_kernel_without_agent),
		ACCEL_TEST(test_missing_qemu),
		ACCEL_TEST(test_spoiled_memory),
		ACCEL_TEST(test_changed_program),
	};

	if (fake_qemu_is_wanted(argc, argv))
		return fake_qemu_run(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
