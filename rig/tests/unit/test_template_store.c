// SPDX-License-Identifier: GPL-2.0-or-later
/* Room, its limit, and several who make, use and drop templates at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "sample_template.h"

#define SKIPPED	77

static void assert_says(const struct rig_err *err, const char *part)
{
	if (!strstr(err->text, part))
		fail_msg("expected '%s' in '%s'", part, err->text);
}

/* --- dropping --- */

static void one_in_use_is_not_dropped(void **state)
{
	struct template t, other;
	struct rig_err err;

	(void)state;
	sample_make(KEY_A);
	sample_open(KEY_A, &t);
	sample_open(KEY_A, &other);
	template_close(&t);
	assert_int_equal(template_drop(NAME_A, &err), -EBUSY);
	assert_says(&err, "'" NAME_A "' is in use");
	assert_true(sample_exists(NAME_A));
	template_close(&other);
	assert_int_equal(template_drop(NAME_A, &err), 0);
	assert_false(sample_exists(NAME_A));
	assert_int_equal(template_drop(NAME_A, &err), -ENOENT);
}

/* Nothing outside is ever touched, nor the folder itself. */
static void names_are_names_of_templates(void **state)
{
	static const char *const names[] = {
		"", ".", "..", "./" NAME_A, "../" NAME_A, NAME_A "/", "/etc", ".hidden", "no-such-0",
	};

	(void)state;
	sample_make(KEY_A);
	assert_int_equal(mkdir(sample_path(".hidden", ""), 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct rig_err err = { 0 };

		if (template_drop(names[i], &err) != -ENOENT || err.cause != RIG_MISSING)
			fail_msg("'%s' was dropped", names[i]);
		assert_says(&err, "hotrig template list");
		if (template_check(names[i], &err) != -ENOENT || err.cause != RIG_MISSING)
			fail_msg("'%s' was checked", names[i]);
	}
	assert_true(sample_exists(NAME_A));
	assert_true(sample_exists(".hidden"));
}

/* --- the limit --- */

static void the_limit_is_a_number_of_mib(void **state)
{
	static const struct { const char *text; uint64_t bytes; } cases[] = {
		{ "5", 5 << 20 }, { "0", 0 }, { "17592186044415", UINT64_MAX >> 20 << 20 },
		/* all others are as none */
		{ "17592186044416", 20ull << 30 }, { "99999999999999999999", 20ull << 30 }, { "", 20ull << 30 },
		{ "5G", 20ull << 30 }, { "x", 20ull << 30 }, { "-1", 20ull << 30 },
	};

	(void)state;
	assert_true(template_limit() == 20ull << 30);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		setenv("HOTRIG_TEMPLATE_MIB", cases[i].text, 1);
		if (template_limit() != cases[i].bytes)
			fail_msg("'%s' is %llu", cases[i].text, (unsigned long long)template_limit());
	}
}

/* Two of 8 MiB, and the third needs 24 as long as it is being made. */
static void make_two(void)
{
	sample_make(KEY_A);
	sample_make(KEY_B);
	sample_set_used(NAME_A, 2000);
	sample_set_used(NAME_B, 1000);
	setenv("HOTRIG_TEMPLATE_MIB", "34", 1);
}

static void the_longest_unused_makes_room(void **state)
{
	struct rig_err err;
	struct template t;

	(void)state;
	make_two();
	/* to look at one is not to use it */
	assert_int_equal(template_check(NAME_B, &err), 0);
	sample_make(KEY_C);
	assert_true(sample_exists(NAME_A));
	assert_false(sample_exists(NAME_B));
	assert_true(sample_exists(NAME_C));
	/* a use counts */
	sample_set_used(NAME_C, 3000);
	sample_open(KEY_A, &t);
	template_close(&t);
	sample_make(KEY_B);
	assert_true(sample_exists(NAME_A));
	assert_false(sample_exists(NAME_C));
}

static void what_is_in_use_never_makes_room(void **state)
{
	struct template a, b;
	struct rig_err err;

	(void)state;
	make_two();
	sample_open(KEY_B, &b);
	sample_set_used(NAME_B, 1000);
	sample_make(KEY_C);
	assert_false(sample_exists(NAME_A));
	assert_true(sample_exists(NAME_B));
	assert_int_equal(template_drop(NAME_C, &err), 0);
	sample_make(KEY_A);
	sample_open(KEY_A, &a);
	assert_int_equal(sample_try(KEY_C, &err), -ENOSPC);
	assert_int_equal(err.cause, RIG_HOST);
	assert_says(&err, "24 MiB does not fit into the 34 MiB for templates, of which others use 16");
	assert_says(&err, "HOTRIG_TEMPLATE_MIB");
	assert_true(sample_exists(NAME_A));
	assert_true(sample_exists(NAME_B));
	template_close(&a);
	template_close(&b);
}

static void what_is_being_made_counts_too(void **state)
{
	struct template_draft *d;
	struct rig_err err;

	(void)state;
	setenv("HOTRIG_TEMPLATE_MIB", "31", 1);
	d = sample_begin(KEY_A);
	assert_int_equal(sample_try(KEY_B, &err), -ENOSPC);
	assert_int_equal(sample_folders("tmp."), 1);
	sample_fill(d);
	sample_commit(d);
	assert_true(sample_exists(NAME_A));
	setenv("HOTRIG_TEMPLATE_MIB", "23", 1);		/* too little even for one: nothing goes in vain */
	assert_int_equal(sample_try(KEY_B, &err), -ENOSPC);
	assert_true(sample_exists(NAME_A));
}

/* --- a full disk --- */

static int full_by_limit(const char *dir)
{
	const struct rlimit limit = { 4 << 20, 4 << 20 };
	struct rig_err err;

	(void)dir;
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return SKIPPED;
	return sample_try(KEY_A, &err) == -EFBIG && err.cause == RIG_HOST &&
	       strstr(err.text, "no room for a template of 8 MiB in") && strstr(err.text, "HOTRIG_TEMPLATES") ? 0 : 1;
}

static int full_by_size(const char *dir)
{
	struct rig_err err;
	int failed;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", dir, "tmpfs", 0, "size=4m") < 0)
		return SKIPPED;
	failed = sample_try(KEY_A, &err) != -ENOSPC || err.cause != RIG_HOST ||
		 !strstr(err.text, "no room for a template of 8 MiB in") || !strstr(err.text, "--cold");
	return failed || sample_folders("tmp.") ? 1 : 0;
}

/* In a child, which alone is short of room. */
static int in_child(int (*run)(const char *), const char *dir)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_full_disk_is_told_before_the_guest_boots(void **state)
{
	assert_int_equal(in_child(full_by_limit, *state), 0);
	assert_int_equal(sample_folders("tmp."), 0);
}

static void a_full_file_system_too(void **state)
{
	int status = in_child(full_by_size, *state);

	if (status == SKIPPED) {
		print_message("SKIP: only root may mount a small file system\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void a_folder_that_is_none_is_named(void **state)
{
	struct template_entry *list = NULL;
	struct template t = { 0 };
	struct rig_err err;
	size_t nr;

	setenv("HOTRIG_TEMPLATES", "/dev/null/templates", 1);
	assert_true(template_open(KEY_A, 0, &t, &err) < 0);
	assert_says(&err, "/dev/null");
	assert_true(template_list(&list, &nr, &err) < 0);
	assert_true(template_drop(NAME_A, &err) < 0);
	assert_true(sample_try(KEY_A, &err) < 0);
	assert_says(&err, "/dev/null");
	assert_int_equal(err.cause, RIG_HOST);
	setenv("HOTRIG_TEMPLATES", *state, 1);
}

#define TEMPLATE_TEST(name) cmocka_unit_test_setup_teardown(name, sample_store_set_up, sample_store_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMPLATE_TEST(one_in_use_is_not_dropped),
		TEMPLATE_TEST(names_are_names_of_templates),
		TEMPLATE_TEST(the_limit_is_a_number_of_mib),
		TEMPLATE_TEST(the_longest_unused_makes_room),
		TEMPLATE_TEST(what_is_in_use_never_makes_room),
		TEMPLATE_TEST(what_is_being_made_counts_too),
		TEMPLATE_TEST(a_full_disk_is_told_before_the_guest_boots),
		TEMPLATE_TEST(a_full_file_system_too),
		TEMPLATE_TEST(a_folder_that_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
