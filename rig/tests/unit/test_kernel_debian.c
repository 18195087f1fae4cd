// SPDX-License-Identifier: GPL-2.0-or-later
/* kernels from an archive: a fake apt that serves what the test put into a folder */
#include "kernel_samples.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <utime.h>

#include "kernel/kernel.h"
#include "kernel/store.h"

#define OLD "6.1.0-9-cloud-amd64"
#define NEW "6.1.0-10-cloud-amd64"
#define PLAIN "6.1.0-11-amd64"

/* the state of the archive: files names, down, and packages; log tells what was asked of it */
static const char apt_get[] =
	"#!/bin/sh\n"
	"for last; do verb=$before before=$last; done\n"
	"echo \"$last\" >> \"$FAKE/log\"\n"
	"if [ -e \"$FAKE/down\" ]; then\n"
	"	echo 'W: nothing' >&2; echo 'E: Failed to fetch x: no route' >&2; echo 'E: y' >&2\n"
	"	exit 100\n"
	"fi\n"
	"[ \"$last\" = update ] || cp \"$FAKE/$last.deb\" \"./${last}_1.2-3_amd64.deb\"\n";
static const char apt_cache[] = "#!/bin/sh\nexec cat \"$FAKE/names\"\n";
static const char depmod[] = "#!/bin/sh\n: > \"$2/lib/modules/$3/modules.dep.bin\"\n";

struct archive_state {
	char *dir;
	char said[4096];	/* all progress */
};

static void on_progress(void *arg, const char *text)
{
	struct archive_state *a = arg;
	size_t len = strlen(a->said);

	snprintf(a->said + len, sizeof(a->said) - len, "%s\n", text);
}

static char *at(const struct archive_state *a, const char *name)
{
	return xasprintf("%s/%s", a->dir, name);
}

static void put(const struct archive_state *a, const char *name, const char *text)
{
	AUTO_FREE char *path = at(a, name);

	sample_store_text(path, text);
}

static void put_script(const struct archive_state *a, const char *name, const char *text)
{
	AUTO_FREE char *path = at(a, name);

	sample_store_script(path, text);
}

static void serve(const struct archive_state *a, const char *release)
{
	AUTO_FREE char *name = xasprintf("linux-image-%s.deb", release), *path = at(a, name);
	struct sample deb = sample_deb(release);

	sample_store(path, deb.data, deb.len);
	free(deb.data);
}

static int set_up(void **state)
{
	struct archive_state *a = xcalloc(1, sizeof(*a));
	AUTO_FREE char *cache = NULL, *path = NULL;
	char *dir = xstrdup("/tmp/hotrig-unit.XXXXXX");

	assert_non_null(mkdtemp(dir));
	a->dir = dir;
	cache = at(a, "cache");
	path = xasprintf("%s/bin:/usr/bin:/bin", dir);
	put_script(a, "bin/apt-get", apt_get);
	put_script(a, "bin/apt-cache", apt_cache);
	put_script(a, "bin/depmod", depmod);
	put(a, "names",
	    "linux-image-" OLD "\nlinux-image-" PLAIN
	    "\nlinux-image-6.1.0-99-cloud-amd64-unsigned\n"
	    "linux-image-6.12.1-cloud-amd64\nlinux-image-cloud-amd64\n");
	serve(a, OLD);
	serve(a, PLAIN);
	setenv("HOTRIG_CACHE", cache, 1);
	setenv("PATH", path, 1);
	setenv("FAKE", dir, 1);
	*state = a;
	return 0;
}

static int tear_down(void **state)
{
	struct archive_state *a = *state;
	struct rig_err err;

	assert_int_equal(io_remove_tree(a->dir, &err), 0);
	free(a->dir);
	free(a);
	return 0;
}

static void serve_new(const struct archive_state *a)
{
	AUTO_FREE char *names = at(a, "cache/kernels/apt/names");
	const struct utimbuf long_ago = { 0 };

	put(a, "names", "linux-image-" OLD "\nlinux-image-" NEW "\n");
	serve(a, NEW);
	utime(names, &long_ago);
}

/* the release, for the caller to free, or NULL and the error */
static char *resolve(struct archive_state *a, const char *spec, bool may_fetch, struct rig_err *err)
{
	const struct kernel_resolve_options options = {
		.may_fetch = may_fetch, .progress = on_progress, .progress_arg = a,
	};
	struct kernel *k = NULL;
	char *release;

	a->said[0] = '\0';
	if (kernel_resolve(spec, &options, &k, err) < 0)
		return NULL;
	assert_true(k->packaged);
	assert_string_equal(k->config, SAMPLE_CONFIG);
	assert_string_equal(k->config_source, "package");
	assert_string_equal(k->build_id, SAMPLE_BUILD_ID);
	assert_true(io_exists(k->image) && io_exists(k->modules));
	release = xstrdup(k->release);
	kernel_destroy(k);
	return release;
}

static void expect_release(struct archive_state *a, const char *spec, bool may_fetch,
			   const char *want)
{
	struct rig_err err = { .text = "" };
	AUTO_FREE char *release = resolve(a, spec, may_fetch, &err);

	if (!release)
		fail_msg("%s: %s", spec, err.text);
	assert_string_equal(release, want);
}

static void expect_error(struct archive_state *a, const char *spec, bool may_fetch,
			 enum rig_cause cause, const char *part)
{
	struct rig_err err = { .text = "" };
	AUTO_FREE char *release = resolve(a, spec, may_fetch, &err);

	if (release)
		fail_msg("'%s': expected '%s', got %s", spec, part, release);
	if (err.cause != cause || !strstr(err.text, part))
		fail_msg("'%s': got %s: %s", spec, rig_cause_name(err.cause), err.text);
}

/* how often apt-get was asked for @what */
static int nr_asked(const struct archive_state *a, const char *what)
{
	AUTO_FREE char *path = at(a, "log"), *text = NULL;
	struct rig_err err;
	int n = 0;

	if (io_read_file(path, 1 << 20, &text, NULL, &err) < 0)
		return 0;
	for (const char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void assert_no_leftovers(const struct archive_state *a)
{
	AUTO_FREE char *dir = at(a, "cache/kernels"), *escaped = at(a, "escaped");
	struct dirent *e;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((e = readdir(d)))
		assert_int_not_equal(strncmp(e->d_name, "tmp.", 4), 0);
	closedir(d);
	assert_false(io_exists(escaped));
}

static void test_series(void **state)
{
	struct archive_state *a = *state;
	AUTO_FREE char *doc = at(a, "cache/kernels/debian/" OLD "/usr"), *old = NULL;

	expect_error(a, "debian:6.1", false, RIG_HOST, "hotrig kernel fetch debian:6.1");
	expect_error(a, "debian:" OLD, false, RIG_HOST, "hotrig kernel fetch debian:" OLD);
	expect_release(a, "debian:6.1", true, OLD);
	assert_non_null(strstr(a->said, "downloading"));
	assert_false(io_exists(doc));
	expect_release(a, "debian:6.1:amd64", true, PLAIN);
	expect_release(a, "debian:6.1", true, OLD);
	expect_release(a, "debian:6.1", false, OLD);
	assert_string_equal(a->said, "");
	/* lists are fresh and the kernels cached: nothing more was asked */
	assert_int_equal(nr_asked(a, "update"), 1);
	assert_int_equal(nr_asked(a, "linux-image-"), 2);
	serve_new(a);
	expect_release(a, "debian:6.1", true, NEW);
	old = at(a, "cache/kernels/debian/" OLD);
	assert_true(io_exists(old));
	expect_release(a, "debian:" OLD, false, OLD);
	assert_no_leftovers(a);
}

static void test_not_served(void **state)
{
	struct archive_state *a = *state;

	expect_error(a, "debian:6.1.0-1-cloud-amd64", true, RIG_MISSING, "6.1.0-1-cloud-amd64");
	assert_int_equal(nr_asked(a, "update"), 1);
	expect_error(a, "debian:5.10", true, RIG_MISSING, "5.10");
	expect_release(a, "debian:" OLD, true, OLD);
	put(a, "names", "");
	expect_error(a, "debian:5.10", true, RIG_MISSING, "5.10");
	expect_release(a, "debian:6.1", true, OLD);	/* dropped by the archive, kept here */
	/* the lists name it, the archive has dropped it since */
	put(a, "names", "linux-image-" NEW "\n");
	expect_error(a, "debian:5.10", true, RIG_MISSING, "5.10");
	put(a, "names", "");
	expect_error(a, "debian:" NEW, true, RIG_MISSING, NEW);
	assert_no_leftovers(a);
}

static void test_network_down(void **state)
{
	struct archive_state *a = *state;
	AUTO_FREE char *down = at(a, "down");

	put(a, "down", "");
	expect_error(a, "debian:6.1", true, RIG_HOST, "no route");
	expect_error(a, "debian:" OLD, true, RIG_HOST, "no route");
	assert_int_equal(unlink(down), 0);
	expect_release(a, "debian:6.1", true, OLD);
	serve_new(a);
	put(a, "down", "");
	expect_release(a, "debian:6.1", true, OLD);
	assert_non_null(strstr(a->said, "using kernel " OLD " from the cache"));
	expect_error(a, "debian:" NEW, true, RIG_HOST, "no route");
	assert_no_leftovers(a);
}

static void test_damage(void **state)
{
	struct archive_state *a = *state;
	AUTO_FREE char *aside = at(a, "cache/kernels/damaged/" OLD);
	static const char *const files[] = { "boot/vmlinuz-" OLD, "boot/config-" OLD, "hotrig.json",
					     "lib/modules/" OLD "/kernel/x.ko" };

	expect_release(a, "debian:6.1", true, OLD);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO_FREE char *name = xasprintf("cache/kernels/debian/" OLD "/%s", files[i]);

		put(a, name, "{}");
		expect_error(a, "debian:" OLD, false, RIG_HOST, "damaged");
		expect_error(a, "debian:6.1", false, RIG_HOST, "damaged");
		expect_release(a, "debian:6.1", true, OLD);
		assert_non_null(strstr(a->said, "fetching it anew"));
		assert_true(io_exists(aside));
	}
	put(a, "cache/kernels/debian/" OLD "/boot/vmlinuz-" OLD, "x");
	put(a, "names", "");
	put(a, "cache/kernels/apt/names", "");
	expect_error(a, "debian:" OLD, true, RIG_HOST, "no longer serves");
	serve_new(a);
	put(a, "down", "");
	expect_error(a, "debian:" OLD, true, RIG_HOST, "cannot be fetched anew");
	assert_no_leftovers(a);
}

static void test_broken_package(void **state)
{
	struct archive_state *a = *state;
	AUTO_FREE char *path = at(a, "linux-image-" OLD ".deb"), *dir = NULL;
	struct sample deb = sample_deb("6.1.0-8-cloud-amd64"), whole = sample_deb(OLD);

	put(a, "linux-image-" OLD ".deb", "no package");
	expect_error(a, "debian:6.1", true, RIG_HOST, "broken");
	sample_store(path, whole.data, whole.len - 200);
	expect_error(a, "debian:6.1", true, RIG_HOST, "broken");
	sample_store(path, deb.data, deb.len);
	expect_error(a, "debian:6.1", true, RIG_HOST, "has no 'boot/vmlinuz-" OLD);
	put_script(a, "bin/depmod", "#!/bin/sh\nexit 0\n");
	sample_store(path, whole.data, whole.len);
	expect_error(a, "debian:6.1", true, RIG_HOST, "modules.dep.bin");
	dir = at(a, "cache/kernels/debian");
	assert_false(io_exists(dir));
	assert_no_leftovers(a);
	free(deb.data);
	free(whole.data);
}

static void test_leftovers_are_swept(void **state)
{
	struct archive_state *a = *state;

	put(a, "cache/kernels/tmp.123.abcdef/root/boot/vmlinuz", "half");
	expect_release(a, "debian:6.1", true, OLD);
	assert_no_leftovers(a);
}

static void test_two_at_once(void **state)
{
	struct archive_state *a = *state;
	pid_t pids[3];

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		struct rig_err err;
		char *release = resolve(a, "debian:6.1", true, &err);

		_exit(release && !strcmp(release, OLD) ? 0 : 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(nr_asked(a, "linux-image-"), 1);
	assert_no_leftovers(a);
}

/* what is cached can be used by somebody who may not write there; root may always, so in a child */
static void test_read_only_cache(void **state)
{
	struct archive_state *a = *state;
	int status;
	pid_t pid;

	expect_release(a, "debian:6.1", true, OLD);
	serve_new(a);
	assert_int_equal(chmod(a->dir, 0755), 0);
	pid = fork();
	if (!pid) {
		AUTO_FREE char *release = NULL;
		struct rig_err err;

		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(3);
		release = resolve(a, "debian:6.1", true, &err);
		_exit(release && !strcmp(release, OLD) && strstr(a->said, "from the cache") ? 0
											    : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (geteuid() == 0)
		assert_int_equal(status, 0);
	else
		skip();		/* the cache is our own */
}

static void test_list(void **state)
{
	struct archive_state *a = *state;
	struct store_entry *entries = NULL;
	struct store *store = NULL;
	struct rig_err err;
	size_t n = 0;

	expect_release(a, "debian:6.1", true, OLD);
	serve_new(a);
	expect_release(a, "debian:6.1", true, NEW);
	put(a, "cache/kernels/debian/" NEW "/hotrig.json", "[");
	assert_int_equal(store_open(&store, &err), 0);
	assert_int_equal(store_list(store, &entries, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(entries[0].release, OLD);
	assert_string_equal(entries[0].package_version, "1.2-3");
	assert_true(entries[0].size_bytes > 1000);
	assert_null(entries[0].damage);
	assert_string_equal(entries[1].release, NEW);
	assert_non_null(entries[1].damage);
	store_free_list(entries, n);
	store_close(store);
	/* an older intact one is better than a newer damaged one that cannot be mended now */
	expect_release(a, "debian:6.1", false, OLD);
	assert_non_null(strstr(a->said, "damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_series, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_served, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_network_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken_package, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leftovers_are_swept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_only_cache, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
