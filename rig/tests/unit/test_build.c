// SPDX-License-Identifier: GPL-2.0-or-later
/* kernels from source: what is built, what is not built again, and how it is found */
#include "sample_build.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kernel/kernel.h"

static struct kernel *resolve(const char *key, struct rig_err *err)
{
	const struct kernel_resolve_options options = { 0 };
	AUTO_FREE char *spec = xasprintf("built:%s", key);
	struct kernel *k = NULL;

	return kernel_resolve(spec, &options, &k, err) < 0 ? NULL : k;
}

static size_t count_objects(void **state)
{
	AUTO_FREE char *dir = sample_build_at(state, "cache/kernels/objects");
	struct dirent **names;
	int n = scandir(dir, &names, NULL, NULL), found = 0;

	for (int i = 0; i < n; i++) {
		found += strlen(names[i]->d_name) == 33;
		free(names[i]);
	}
	free(names);
	return (size_t)found;
}

static void test_built_once(void **state)
{
	bool new = false;
	AUTO_FREE char *key = sample_build(state, NULL, &new), *again = NULL;
	struct kernel *k;
	struct rig_err err;

	assert_true(new);
	assert_int_equal(strncmp(key, SAMPLE_BUILD_RELEASE "-", strlen(SAMPLE_BUILD_RELEASE "-")),
			 0);
	sample_build_expect(state, "log", "allnoconfig\nolddefconfig\nvmlinux\nstrip\n");
	sample_build_expect(
		state, "fixed",
		"LOCALVERSION=\nKBUILD_BUILD_USER=hotrig\nKBUILD_BUILD_HOST=hotrig\n"
		"KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970\nKBUILD_BUILD_VERSION=1\n");
	k = resolve(key, &err);
	assert_non_null(k);
	assert_string_equal(k->release, SAMPLE_BUILD_RELEASE);
	assert_true(k->pvh);
	assert_false(k->packaged);
	assert_int_equal(kernel_option(k, "PVH"), KERNEL_BUILTIN);
	assert_int_equal(kernel_option(k, "EXPERT"), KERNEL_BUILTIN);
	kernel_destroy(k);
	again = sample_build(state, NULL, &new);
	assert_false(new);
	assert_string_equal(again, key);
	sample_build_expect(state, "log", "");
}

static void test_each_part_makes_another_key(void **state)
{
	bool new;
	AUTO_FREE char *key = sample_build(state, NULL, &new),
		       *config = sample_build(state, "big", &new), *edited = NULL, *other = NULL;

	assert_true(new);
	sample_build_put(state, "tree/mm/a.c", "two and more\n");
	edited = sample_build(state, NULL, &new);
	assert_true(new);
	sample_build_put_program(state, "bin/gcc", "#!/bin/sh\necho 'gcc (other) 2'\n");
	other = sample_build(state, NULL, &new);
	assert_true(new);
	assert_string_not_equal(key, config);
	assert_string_not_equal(key, edited);
	assert_string_not_equal(edited, other);
}

static void test_without_pvh_or_btf(void **state)
{
	bool new;
	AUTO_FREE char *key = sample_build(state, "no-pvh", &new);
	struct rig_err err;
	struct kernel *k;

	sample_build_expect(state, "log", "allnoconfig\nolddefconfig\nbzImage\n");
	k = resolve(key, &err);
	assert_non_null(k);
	assert_false(k->pvh);
	assert_non_null(strstr(k->image, "/bzImage"));
	kernel_destroy(k);
}

static void test_objects_are_few(void **state)
{
	bool new;

	for (int i = 0; i < 6; i++) {
		AUTO_FREE char *text = xasprintf("CONFIG_BIG=%d\n", i);

		sample_build_put(state, "kernels/big.config", text);
		free(sample_build(state, "big", &new));
	}
	assert_int_equal(count_objects(state), 4);
}

/* used @days ago */
static void put_built(void **state, int number, int days)
{
	AUTO_FREE char *name = xasprintf("cache/kernels/built/k-%03d/identity.json", number),
		       *path = sample_build_at(state, name), *dir = xstrdup(path);
	const struct timespec used = { .tv_sec = time(NULL) - days * 86400L };
	struct rig_err err;

	*strrchr(dir, '/') = '\0';
	assert_int_equal(io_mkdirs(dir, &err), 0);
	sample_build_put(state, name, "{}");
	assert_int_equal(
		utimensat(AT_FDCWD, path, (const struct timespec[]){ used, used }, 0), 0);
}

static bool is_built(void **state, int number)
{
	AUTO_FREE char *name = xasprintf("cache/kernels/built/k-%03d", number),
		       *path = sample_build_at(state, name);

	return io_exists(path);
}

static void test_longest_unused_go(void **state)
{
	struct rig_err err;
	struct kernel *k;
	bool new;
	AUTO_FREE char *key = sample_build(state, NULL, &new), *edited = NULL;

	/* 0 .. 69, of which 10, 20 ... 60 were used today; with the two that are real: eight too many */
	for (int i = 0; i < 70; i++)
		put_built(state, i, i && i % 10 == 0 ? 0 : 100 - i);
	sample_build_put(state, "tree/mm/a.c", "two and more\n");
	edited = sample_build(state, NULL, &new);
	for (int i = 0; i < 70; i++)
		assert_int_equal(is_built(state, i), i >= 8);
	k = resolve(key, &err);
	assert_non_null(k);
	kernel_destroy(k);
}

static void test_used_today_stays(void **state)
{
	bool new;

	for (int i = 0; i < 70; i++)
		put_built(state, i, 0);
	free(sample_build(state, NULL, &new));
	for (int i = 0; i < 70; i++)
		assert_true(is_built(state, i));
}

static void test_use_is_noted(void **state)
{
	bool new;
	AUTO_FREE char *key = sample_build(state, NULL, &new),
		       *name = xasprintf("cache/kernels/built/%s/identity.json", key),
		       *path = sample_build_at(state, name);
	const struct timespec long_ago = { .tv_sec = 1000 };
	struct rig_err err;
	struct kernel *k;
	struct stat st;

	assert_int_equal(
		utimensat(AT_FDCWD, path, (const struct timespec[]){ long_ago, long_ago }, 0), 0);
	k = resolve(key, &err);
	assert_non_null(k);
	kernel_destroy(k);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_mtime > time(NULL) - 3600);
}

static void test_damage(void **state)
{
	bool new;
	AUTO_FREE char *key = sample_build(state, NULL, &new),
		       *name = xasprintf("cache/kernels/built/%s/vmlinux", key);
	struct rig_err err = { 0 };

	sample_build_put(state, name, "x");
	assert_null(resolve(key, &err));
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "damaged"));
	assert_null(resolve("6.12.3-0123456789ab", &err));
	assert_non_null(strstr(err.text, "has been built"));
	assert_null(resolve("../x", &err));
	assert_int_equal(err.cause, RIG_USAGE);
}

static void test_patched(void **state)
{
	AUTO_FREE char *series = sample_build_at(state, "s.patch"), *key = NULL, *plain = NULL,
		       *bad = NULL;
	struct rig_err err;
	bool new;

	sample_build_put(state, "s.patch", "--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-one\n+ONE\n");
	key = sample_build_try(state, NULL, series, &new, &err);
	assert_non_null(key);
	plain = sample_build(state, NULL, &new);
	assert_true(new);
	assert_string_not_equal(plain, key);
	sample_build_expect(state, "tree/mm/a.c", "one\n");
	sample_build_put(state, "s.patch", "--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-two\n+ONE\n");
	bad = sample_build_try(state, NULL, series, &new, &err);
	assert_null(bad);
	assert_non_null(strstr(err.text, "Hunk #1 FAILED"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_built_once, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_each_part_makes_another_key,
						sample_build_set_up, sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_without_pvh_or_btf, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_objects_are_few, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_longest_unused_go, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_used_today_stays, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_use_is_noted, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_damage, sample_build_set_up,
						sample_build_tear_down),
		cmocka_unit_test_setup_teardown(test_patched, sample_build_set_up,
						sample_build_tear_down),
	};

	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
