// SPDX-License-Identifier: GPL-2.0-or-later
/* source packages: a fake apt that serves what $FAKE/policy says, and a fake dpkg-deb */
#include "kernel_samples.h"

#include "kernel/source_package.h"

static const char apt_get[] =
	"#!/bin/sh\n"
	"for last; do :; done\n"
	"echo \"$last\" >> \"$FAKE/log\"\n"
	"[ ! -e \"$FAKE/down\" ] || { echo 'E: no route' >&2; exit 100; }\n"
	"[ \"$last\" = update ] || : > \"./${last}_1_all.deb\"\n";
static const char apt_cache[] =
	"#!/bin/sh\n"
	"for a; do case $a in pkgnames) exit;; esac; done\n"
	"cat \"$FAKE/policy\"\n";
static const char dpkg_deb[] =
	"#!/bin/sh\n"
	"mkdir -p \"$3/usr/src\" \"$FAKE/linux-source-6.12/mm\"\n"
	"cp \"$FAKE/policy\" \"$FAKE/linux-source-6.12/mm/a.c\"\n"
	"tar -cJf \"$3/usr/src/linux-source-6.12.tar.xz\" -C \"$FAKE\" linux-source-6.12\n";

static char *at(void **state, const char *name)
{
	return xasprintf("%s/%s", (char *)*state, name);
}

static void put(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = at(state, name);

	sample_store_text(path, text);
}

static void put_program(void **state, const char *name, const char *text)
{
	AUTO_FREE char *path = at(state, name);

	sample_store_script(path, text);
}

static void serve(void **state, const char *version)
{
	AUTO_FREE char *text =
		xasprintf("linux-source-6.12:\n  Installed: (none)\n  Candidate: %s\n", version);

	put(state, "policy", text);
}

static int set_up(void **state)
{
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");
	AUTO_FREE char *cache = NULL, *path = NULL;

	assert_non_null(mkdtemp(dir));
	*state = dir;
	put_program(state, "bin/apt-get", apt_get);
	put_program(state, "bin/apt-cache", apt_cache);
	put_program(state, "bin/dpkg-deb", dpkg_deb);
	serve(state, "6.12.9-1");
	cache = at(state, "cache");
	path = xasprintf("%s/bin:/usr/bin:/bin", dir);
	setenv("HOTRIG_CACHE", cache, 1);
	setenv("PATH", path, 1);
	setenv("FAKE", dir, 1);
	return 0;
}

static int tear_down(void **state)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(*state, &err), 0);
	free(*state);
	return 0;
}

/* the tree, for the caller to free, or NULL and the error */
static char *unpack(void **state, const char *name, struct rig_err *err)
{
	const struct kernel_resolve_options options = { .may_fetch = true };
	struct store *store;
	char *tree = NULL;
	int r;

	put(state, "log", "");
	*err = (struct rig_err){ 0 };
	assert_int_equal(store_open(&store, err), 0);
	r = source_package_unpack(store, name, &options, &tree, err);
	store_close(store);
	assert_int_equal(r == 0, tree != NULL);
	return tree;
}

static void expect_log(void **state, const char *text)
{
	AUTO_FREE char *path = at(state, "log"), *is = NULL;
	struct rig_err err;

	assert_int_equal(io_read_file(path, 4096, &is, NULL, &err), 0);
	assert_string_equal(is, text);
}

static void test_unpacked_once(void **state)
{
	struct rig_err err;
	AUTO_FREE char *tree = unpack(state, "debian-source:6.12", &err), *again = NULL,
		       *file = NULL;

	assert_non_null(tree);
	expect_log(state, "update\nlinux-source-6.12\n");
	file = xasprintf("%s/mm/a.c", tree);
	assert_true(io_exists(file));
	again = unpack(state, "debian-source:6.12", &err);
	assert_string_equal(again, tree);
	expect_log(state, "");
}

static void test_newer_one_is_taken(void **state)
{
	struct rig_err err;
	AUTO_FREE char *tree = unpack(state, "debian-source:6.12", &err), *newer = NULL;

	serve(state, "6.12.10-1");
	newer = unpack(state, "debian-source:6.12", &err);
	assert_non_null(newer);
	assert_string_not_equal(newer, tree);
	expect_log(state, "linux-source-6.12\n");
}

static void test_without_network(void **state)
{
	AUTO_FREE char *tree = NULL, *newer = NULL, *none = NULL, *cached = NULL;
	struct rig_err err;

	tree = unpack(state, "debian-source:6.12", &err);
	serve(state, "6.12.10-1");
	newer = unpack(state, "debian-source:6.12", &err);
	serve(state, "(none)");
	put(state, "down", "");
	none = unpack(state, "debian-source:6.11", &err);
	assert_null(none);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "no route"));
	cached = unpack(state, "debian-source:6.12", &err);
	assert_string_equal(cached, newer);
}

static void test_not_served(void **state)
{
	static const char *const malformed[] = { "debian-source:", "debian-source:6",
						 "debian-source:../x", "debian-source:6.12.1" };
	struct rig_err err;

	serve(state, "(none)");
	assert_null(unpack(state, "debian-source:6.12", &err));
	assert_int_equal(err.cause, RIG_MISSING);
	serve(state, "../../x");
	assert_null(unpack(state, "debian-source:6.12", &err));
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		assert_null(unpack(state, malformed[i], &err));
		assert_int_equal(err.cause, RIG_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unpacked_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newer_one_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_without_network, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_served, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("source_package", tests, NULL, NULL);
}
