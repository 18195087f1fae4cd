// SPDX-License-Identifier: GPL-2.0-or-later
/* err, mem, io and proc: what everything else stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"

struct fixture {
	char dir[64];
	struct rig_err err;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/hotrig-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

/* Nothing is left: no file, no child. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(io_remove_tree(f->dir, &f->err), 0);
	assert_false(io_exists(f->dir));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	free(f);
	return 0;
}

/* --- err --- */

static void test_err(void **state)
{
	struct rig_err *err = &((struct fixture *)*state)->err;
	char longest[sizeof(err->text) * 2];

	assert_int_equal(rig_err_set(err, RIG_QEMU, ENOENT, "no '%s'", "x"), -ENOENT);
	assert_int_equal(err->cause, RIG_QEMU);
	assert_string_equal(err->text, "no 'x'");
	/* its own text may be an argument */
	assert_int_equal(rig_err_set(err, RIG_HOST, 0, "%s; really", err->text), -EIO);
	assert_string_equal(err->text, "no 'x'; really");
	assert_int_equal(rig_err_wrap(err, "step %d", 3), -EIO);
	assert_string_equal(err->text, "step 3: no 'x'; really");
	assert_int_equal(err->cause, RIG_HOST);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	rig_err_set(err, RIG_HOST, EIO, "%s", longest);
	rig_err_wrap(err, "%s", longest);
	assert_int_equal(strlen(err->text), sizeof(err->text) - 1);
	for (int c = RIG_USAGE; c <= RIG_MISSING; c++)
		assert_non_null(rig_cause_name((enum rig_cause)c));
}

/* --- mem --- */

static void test_mem(void **state)
{
	AUTO_FREE char *text = xasprintf("%s-%d", "a", 7), *cut = xstrndup("abcdef", 3);
	AUTO_STRV struct strv v = { 0 };
	AUTO_FREE size_t *numbers = NULL;
	size_t n, cap = 0;

	(void)state;
	assert_string_equal(text, "a-7");
	assert_string_equal(cut, "abc");
	for (int i = 0; i < 100; i++) {
		strv_addf(&v, "%d", i);
		assert_null(v.v[v.n]);
	}
	strv_add(&v, "end");
	assert_int_equal(v.n, 101);
	assert_string_equal(v.v[99], "99");
	assert_string_equal(v.v[100], "end");
	for (n = 0; n < 1000; n++) {
		GROW(numbers, n, cap);
		numbers[n] = n;
	}
	for (n = 0; n < 1000; n++)
		assert_int_equal(numbers[n], n);
}

/* --- io --- */

static void test_read_file(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *path = xasprintf("%s/f", f->dir), *data = NULL, *proc = NULL;
	char *untouched = (char *)f;
	size_t len = 0;

	assert_int_equal(io_write_file(path, "a\0b", 3, &f->err), 0);
	assert_int_equal(io_read_file(path, 3, &data, &len, &f->err), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(data, "a\0b", 4);
	assert_int_equal(io_read_file(path, 2, &untouched, NULL, &f->err), -EFBIG);
	assert_ptr_equal(untouched, f);
	assert_non_null(strstr(f->err.text, "larger than 2 bytes"));
	/* a file without a size */
	assert_int_equal(io_read_file("/proc/self/stat", 4096, &proc, NULL, &f->err), 0);
	assert_true(strlen(proc) > 10);
	assert_int_equal(io_read_file(f->dir, 100, &untouched, NULL, &f->err), -EISDIR);
	free(TAKE_PTR(path));
	path = xasprintf("%s/none", f->dir);
	assert_int_equal(io_read_file(path, 100, &untouched, NULL, &f->err), -ENOENT);
	assert_non_null(strstr(f->err.text, path));
}

static void test_write_file(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *path = xasprintf("%s/f", f->dir), *into = xasprintf("%s/no/f", f->dir);
	AUTO_FREE char *tmp = xasprintf("%s/f.tmp.%d", f->dir, (int)getpid()), *data = NULL;

	assert_int_equal(io_write_file(path, "old", 3, &f->err), 0);
	assert_int_equal(io_write_file(path, "new", 3, &f->err), 0);
	assert_int_equal(io_read_file(path, 100, &data, NULL, &f->err), 0);
	assert_string_equal(data, "new");
	assert_int_equal(io_write_file(into, "x", 1, &f->err), -ENOENT);
	/* no half of a file, and no temporary one, where the name is taken by a folder */
	free(TAKE_PTR(path));
	path = xasprintf("%s/d", f->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	free(TAKE_PTR(tmp));
	tmp = xasprintf("%s.tmp.%d", path, (int)getpid());
	assert_true(io_write_file(path, "x", 1, &f->err) < 0);
	assert_false(io_exists(tmp));
}

static void test_folders(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *deep = xasprintf("%s/a/b/c", f->dir), *top = xasprintf("%s/a", f->dir);
	AUTO_FREE char *file = xasprintf("%s/keep", f->dir), *link = xasprintf("%s/link", deep);
	AUTO_FREE char *below = xasprintf("%s/x", file);

	assert_int_equal(io_mkdirs(deep, &f->err), 0);
	assert_int_equal(io_mkdirs(deep, &f->err), 0);
	assert_int_equal(io_write_file(file, "k", 1, &f->err), 0);
	assert_int_equal(io_mkdirs(below, &f->err), -ENOTDIR);
	/* a link is removed, not what it points to */
	assert_int_equal(symlink(f->dir, link), 0);
	assert_int_equal(io_remove_tree(top, &f->err), 0);
	assert_false(io_exists(top));
	assert_true(io_exists(file));
	assert_int_equal(io_remove_tree(top, &f->err), 0);
}

static void test_cache_dir(void **state)
{
	struct fixture *f = *state;
	AUTO_FREE char *own = xasprintf("%s/own", f->dir), *want = xasprintf("%s/own/sub", f->dir);
	AUTO_FREE char *xdg = xasprintf("%s/xdg", f->dir), *home = xasprintf("%s/home", f->dir);
	AUTO_FREE char *in_xdg = xasprintf("%s/xdg/hotrig", f->dir), *in_home = NULL;
	char *dir;

	in_home = xasprintf("%s/home/.cache/hotrig", f->dir);
	setenv("HOTRIG_CACHE", own, 1);
	setenv("XDG_CACHE_HOME", xdg, 1);
	setenv("HOME", home, 1);
	assert_int_equal(io_cache_dir("sub", &dir, &f->err), 0);
	assert_string_equal(dir, want);
	assert_true(io_exists(want));
	free(dir);
	unsetenv("HOTRIG_CACHE");
	assert_int_equal(io_cache_dir(NULL, &dir, &f->err), 0);
	assert_string_equal(dir, in_xdg);
	free(dir);
	setenv("XDG_CACHE_HOME", "relative", 1);	/* the standard says: ignore it */
	assert_int_equal(io_cache_dir(NULL, &dir, &f->err), 0);
	assert_string_equal(dir, in_home);
	free(dir);
	unsetenv("HOME");
	assert_true(io_cache_dir(NULL, &dir, &f->err) < 0);
	assert_non_null(strstr(f->err.text, "set HOTRIG_CACHE"));
}

static void test_sha256(void **state)
{
	char hex[65];

	(void)state;
	io_sha256_hex("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* --- proc --- */

#define ARGV(...) (char *[]){ (char *)"sh", (char *)"-c", (char *)(__VA_ARGS__), NULL }

static void test_proc(void **state)
{
	struct fixture *f = *state;
	AUTO_PROC_RESULT struct proc_result r = { 0 };
	char *env[] = { (char *)"WORD=hello", NULL };

	assert_int_equal(proc_run(ARGV("echo $WORD; pwd; cat; echo to err >&2; exit 3"), env, f->dir,
				  clock_in_ms(5000), &r, &f->err), 0);
	assert_true(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 3);
	assert_memory_equal(r.out, "hello\n/tmp/", 11);
	assert_string_equal(r.errout, "to err\n");
	assert_int_equal(r.out_len, strlen(r.out));
	assert_true(proc_check(&r, "it", &f->err) < 0);
	assert_string_equal(f->err.text, "'it' failed with exit code 3: to err");
}

static void test_proc_killed(void **state)
{
	struct fixture *f = *state;
	AUTO_PROC_RESULT struct proc_result r = { 0 };

	assert_int_equal(proc_run(ARGV("kill -SEGV $$"), NULL, NULL, clock_in_ms(5000), &r, &f->err), 0);
	assert_true(proc_check(&r, "it", &f->err) < 0);
	assert_string_equal(f->err.text, "'it' was killed by SIGSEGV");
}

static void test_proc_missing(void **state)
{
	struct fixture *f = *state;
	char *none[] = { (char *)"hotrig-no-such-program", NULL };
	struct proc_result untouched = { .status = 77 };

	assert_int_equal(proc_run(none, NULL, NULL, clock_in_ms(5000), &untouched, &f->err), -ENOENT);
	assert_int_equal(untouched.status, 77);
	assert_non_null(strstr(f->err.text, "'hotrig-no-such-program'"));
	assert_int_equal(proc_run(ARGV("true"), NULL, "/nonexistent", clock_in_ms(5000), &untouched,
				  &f->err), -ENOENT);
}

static void test_proc_deadline(void **state)
{
	struct fixture *f = *state;
	struct proc_result untouched = { .status = 77 };
	uint64_t began = clock_ns();

	assert_int_equal(proc_run(ARGV("exec sleep 60"), NULL, NULL, clock_in_ms(50), &untouched, &f->err),
			 -ETIMEDOUT);
	assert_true(clock_ns() - began < 5 * NS_PER_S);
	assert_int_equal(untouched.status, 77);
}

static void test_proc_endless(void **state)
{
	struct fixture *f = *state;
	struct proc_result untouched = { .status = 77 };
	char *yes[] = { (char *)"yes", NULL };

	assert_int_equal(proc_run(yes, NULL, NULL, clock_in_ms(30000), &untouched, &f->err), -EFBIG);
	assert_non_null(strstr(f->err.text, "'yes' prints without end"));
}

/* The last one: the signal stays known. */
static void test_proc_interrupted(void **state)
{
	struct fixture *f = *state;
	struct proc_result untouched = { .status = 77 };

	assert_int_equal(proc_run(ARGV("kill -INT $PPID; exec sleep 60"), NULL, NULL, clock_in_ms(30000),
				  &untouched, &f->err), -EINTR);
	assert_int_equal(f->err.cause, RIG_INTERRUPTED);
}

#define BASE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BASE_TEST(test_err),
		BASE_TEST(test_mem),
		BASE_TEST(test_read_file),
		BASE_TEST(test_write_file),
		BASE_TEST(test_folders),
		BASE_TEST(test_cache_dir),
		BASE_TEST(test_sha256),
		BASE_TEST(test_proc),
		BASE_TEST(test_proc_killed),
		BASE_TEST(test_proc_missing),
		BASE_TEST(test_proc_deadline),
		BASE_TEST(test_proc_endless),
		BASE_TEST(test_proc_interrupted),
	};

	signal(SIGINT, SIG_DFL);	/* a job in the background of a script has it ignored */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
