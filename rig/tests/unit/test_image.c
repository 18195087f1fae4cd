// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "fake_modules.h"
#include "image/image.h"

struct fixture {
	char *root, *cache, *agent;
	struct kernel kernel;		/* .modules NULL: no compiler or no depmod here */
	struct image_spec spec;
	struct image image;
	struct rig_err err;
};

static char *const load[] = { (char *)"hr-mid", (char *)"hr-builtin", (char *)"hr_top x=1 y=2",
			      (char *)"hr_base z=3", NULL };
static char *const carry[] = { (char *)"hr-top", (char *)"hr_builtin", (char *)"hr_loop", NULL };
static char *const tools[] = { (char *)"true", NULL };	/* needs libc and no more */

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->root = fake_folder_create();
	f->cache = xasprintf("%s/cache", f->root);
	f->agent = xasprintf("%s/agent", f->root);
	fake_agent_write(f->agent, 'a');
	setenv("HOTRIG_CACHE", f->cache, 1);
	f->kernel.modules = fake_modules_create(f->root);
	f->spec = (struct image_spec){ .agent = f->agent, .tools = tools };
	if (f->kernel.modules) {
		f->spec.load = load;
		f->spec.carry = carry;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	image_deinit(&f->image);
	fake_folder_destroy(f->root);
	free(f->kernel.modules);
	free(f->cache);
	free(f->agent);
	free(f);
	return 0;
}

static void build(struct fixture *f)
{
	image_deinit(&f->image);
	if (image_build(&f->kernel, &f->spec, &f->image, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static char *read_image(const struct fixture *f, size_t *len)
{
	struct rig_err err;
	char *data = NULL;
	char hex[65];

	assert_int_equal(io_read_file(f->image.path, 1 << 30, &data, len, &err), 0);
	io_sha256_hex(data, *len, hex);
	assert_string_equal(hex, f->image.sha256);
	return data;
}

/* the content of one member as text, "(none)" when absent */
static char *member_text(const struct fixture *f, const char *path)
{
	size_t len;
	AUTO_FREE char *data = read_image(f, &len);
	struct archive *a = archive_read_new();
	char *text = xstrdup("(none)");
	struct archive_entry *e;

	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_memory(a, data, len), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		size_t size = (size_t)archive_entry_size(e);

		if (strcmp(archive_entry_pathname(e), path))
			continue;
		free(text);
		text = xcalloc(size + 1, 1);
		assert_int_equal(archive_read_data(a, text, size), size);
		break;
	}
	archive_read_free(a);
	return text;
}

static size_t count_files(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void test_layout(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *loaded = NULL, *carried = NULL, *object = NULL;
	json_auto_t *contents = NULL;
	struct rig_err err;
	json_t *first;

	build(f);
	assert_int_equal(image_contents(&f->image, &contents, &err), 0);
	first = json_array_get(contents, 0);
	assert_string_equal(json_string_value(json_object_get(first, "path")), "/init");
	if (!f->kernel.modules) {
		print_message("no compiler or no depmod\n");
		skip();
	}
	loaded = member_text(f, "etc/hotrig/modules");
	assert_string_equal(loaded, "/modules/hr_base.ko z=3\n"
			    "/modules/hr_mid.ko\n"
			    "/modules/hr_soft.ko\n"
			    "/modules/hr_top.ko x=1 y=2\n");
	carried = member_text(f, "etc/hotrig/carry");
	assert_string_equal(carried, "hr_top /modules/hr_soft.ko /modules/hr_base.ko "
			    "/modules/hr_mid.ko /modules/hr_top.ko\n"
			    "hr_builtin\n"
			    "hr_loop /modules/hr_pool.ko /modules/hr_loop.ko\n");
	object = member_text(f, "modules/hr_mid.ko");	/* .ko.xz on the host */
	assert_memory_equal(object, "\177ELF", 4);
}

static void test_same_bytes_elsewhere(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *other = xasprintf("%s/other", f->root), *data = NULL, *again = NULL;
	AUTO_FREE char *path = NULL;
	size_t len, again_len;

	build(f);
	data = read_image(f, &len);
	path = xstrdup(f->image.path);
	setenv("HOTRIG_CACHE", other, 1);
	build(f);
	setenv("HOTRIG_CACHE", f->cache, 1);
	assert_string_not_equal(path, f->image.path);
	assert_string_equal(strrchr(path, '/'), strrchr(f->image.path, '/'));
	again = read_image(f, &again_len);
	assert_int_equal(len, again_len);
	assert_memory_equal(data, again, len);
}

static void test_reused(void **state)
{
	struct fixture *f = *state;
	json_auto_t *contents = NULL;
	struct stat before, after;
	struct rig_err err;

	build(f);
	assert_int_equal(stat(f->image.path, &before), 0);
	build(f);
	assert_int_equal(stat(f->image.path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(image_contents(&f->image, &contents, &err), 0);
	assert_true(json_array_size(contents) > 5);
}

static void test_inputs_count(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *first = NULL;

	build(f);
	first = xstrdup(f->image.path);
	fake_agent_write(f->agent, 'b');
	build(f);
	assert_string_not_equal(first, f->image.path);
	fake_agent_write(f->agent, 'a');
	f->spec.tools = NULL;
	build(f);
	assert_string_not_equal(first, f->image.path);
	f->spec.tools = tools;
	build(f);
	assert_string_equal(first, f->image.path);
}

/* each kind of damage is mended without a word, and what a killed builder left is swept */
static void test_damage_is_mended(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *sum = NULL, *data = NULL, *again = NULL, *left = NULL;
	size_t len, again_len;

	build(f);
	data = read_image(f, &len);
	sum = xasprintf("%s.sha256", f->image.path);
	left = xasprintf("%s.tmp.1", f->image.path);
	for (int kind = 0; kind < 5; kind++) {
		int fd = open(kind < 3 ? f->image.path : sum, O_RDWR | O_CLOEXEC);

		assert_true(fd >= 0);
		if (kind == 0)		/* one bit */
			assert_int_equal(pwrite(fd, "X", 1, (off_t)len / 2), 1);
		else if (kind == 1)	/* cut */
			assert_int_equal(ftruncate(fd, (off_t)len - 700), 0);
		else if (kind == 2)
			assert_int_equal(unlink(f->image.path), 0);
		else if (kind == 3)
			assert_int_equal(pwrite(fd, "0123", 4, 0), 4);
		else
			assert_int_equal(unlink(sum), 0);
		close(fd);
		assert_int_equal(io_write_file(left, "half", 4, &f->err), 0);
		build(f);
		free(TAKE_PTR(again));
		again = read_image(f, &again_len);
		assert_int_equal(len, again_len);
		assert_memory_equal(data, again, len);
		assert_false(io_exists(left));
	}
}

static void test_two_builders(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *cache = xasprintf("%s/busy", f->root), *images = NULL;
	pid_t pids[4];
	int status;

	setenv("HOTRIG_CACHE", cache, 1);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(image_build(&f->kernel, &f->spec, &f->image, &f->err) < 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	images = xasprintf("%s/images", cache);
	assert_int_equal(count_files(images), 4);	/* image, its sum, the stamp, the lock */
	build(f);
	assert_int_equal(count_files(images), 4);
	setenv("HOTRIG_CACHE", f->cache, 1);
}

/* The one stamp of a cache; caller frees. */
static char *stamp_path(const char *images)
{
	DIR *d = opendir(images);
	char *path = NULL;
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)))
		if (strstr(e->d_name, ".stamp")) {
			assert_null(path);
			path = xasprintf("%s/%s", images, e->d_name);
		}
	closedir(d);
	assert_non_null(path);
	return path;
}

/* It is believed as long as the image is there: so one that names another image shows who was asked. */
/* A file that is as young as the reading itself gets no stamp: file times are a tick coarse. */
static void build_later(struct fixture *f)
{
	nanosleep(&(struct timespec){ .tv_nsec = 30 * 1000 * 1000 }, NULL);
	build(f);
}

static void test_stamp_spares_reading(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *cache = xasprintf("%s/stamped", f->root), *images = xasprintf("%s/images", cache);
	AUTO_FREE char *stamp = NULL, *of_b = NULL, *first = NULL, *other = NULL;
	size_t len;

	setenv("HOTRIG_CACHE", cache, 1);
	fake_agent_write(f->agent, 'a');
	build_later(f);
	first = xstrdup(f->image.path);
	fake_agent_write(f->agent, 'b');
	build_later(f);
	other = xstrdup(f->image.path);
	assert_string_not_equal(first, other);
	stamp = stamp_path(images);
	assert_int_equal(io_read_file(stamp, 1u << 20, &of_b, &len, &f->err), 0);
	memcpy(strstr(of_b, "\"image\": \"") + 10, strrchr(first, '/') + 1, 64);
	assert_int_equal(io_write_file(stamp, of_b, len, &f->err), 0);
	build_later(f);
	assert_string_equal(f->image.path, first);
	/* that image is gone: made anew of what is there, and the stamp with it */
	assert_int_equal(unlink(first), 0);
	build_later(f);
	assert_string_equal(f->image.path, other);
	build_later(f);
	assert_string_equal(f->image.path, other);
	assert_false(io_exists(first));
	fake_agent_write(f->agent, 'a');
	setenv("HOTRIG_CACHE", f->cache, 1);
}

static void on_tick(int sig)
{
	(void)sig;
}

/* While another one builds we wait, and a signal ends the wait. */
static void test_waits_for_the_lock(void **state)
{
	struct itimerval tick = { { 0, 20000 }, { 0, 20000 } }, stop = { 0 };
	struct sigaction sa = { .sa_handler = on_tick }, was;
	struct fixture *f = *state;
	AUTO_FREE char *cache = xasprintf("%s/locked", f->root);
	AUTO_FREE char *images = xasprintf("%s/images", cache);
	AUTO_FREE char *lock = xasprintf("%s/lock", images);
	struct image image = { 0 };
	int fd, r;

	assert_int_equal(io_mkdirs(images, &f->err), 0);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	setenv("HOTRIG_CACHE", cache, 1);
	sigaction(SIGALRM, &sa, &was);
	setitimer(ITIMER_REAL, &tick, NULL);
	r = image_build(&f->kernel, &f->spec, &image, &f->err);
	setitimer(ITIMER_REAL, &stop, NULL);
	sigaction(SIGALRM, &was, NULL);
	assert_int_equal(r, -EINTR);
	assert_int_equal(f->err.cause, RIG_INTERRUPTED);
	assert_int_equal(count_files(images), 1);
	close(fd);
	build(f);
	setenv("HOTRIG_CACHE", f->cache, 1);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	char *const absent[] = { (char *)"hr-absent", NULL };
	struct image_spec spec = f->spec;
	struct image image = { 0 };

	spec.agent = "/proc/self/exe";
	assert_int_equal(image_build(&f->kernel, &spec, &image, &f->err), -ENOEXEC);
	assert_int_equal(f->err.cause, RIG_HOST);
	assert_non_null(strstr(f->err.text, "-static"));
	spec.agent = "/no/such/agent";
	assert_int_equal(image_build(&f->kernel, &spec, &image, &f->err), -ENOENT);
	assert_int_equal(f->err.cause, RIG_HOST);
	spec = f->spec;
	spec.tools = absent;
	assert_int_equal(image_build(&f->kernel, &spec, &image, &f->err), -ENOENT);
	assert_int_equal(f->err.cause, RIG_HOST);
	spec = f->spec;
	spec.carry = absent;
	if (f->kernel.modules) {
		assert_int_equal(image_build(&f->kernel, &spec, &image, &f->err), -ENOENT);
		assert_int_equal(f->err.cause, RIG_MISSING);
		assert_non_null(strstr(f->err.text, "'hr_absent'"));
	}
	assert_null(image.path);
}

/* A kernel without modules takes them all as built in; nothing but the lists tells of them. */
static void test_no_modules(void **state)
{
	struct fixture *f = *state;
	struct kernel none = { 0 }, was = f->kernel;
	AUTO_FREE char *loaded = NULL, *carried = NULL;

	f->kernel = none;
	f->spec.load = load;
	f->spec.carry = carry;
	build(f);
	loaded = member_text(f, "etc/hotrig/modules");
	carried = member_text(f, "etc/hotrig/carry");
	f->kernel = was;
	assert_string_equal(loaded, "");
	assert_string_equal(carried, "hr_top\nhr_builtin\nhr_loop\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_same_bytes_elsewhere),
		cmocka_unit_test(test_reused),
		cmocka_unit_test(test_inputs_count),
		cmocka_unit_test(test_damage_is_mended),
		cmocka_unit_test(test_stamp_spares_reading),
		cmocka_unit_test(test_two_builders),
		cmocka_unit_test(test_waits_for_the_lock),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_modules),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
