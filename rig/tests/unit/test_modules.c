// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <libkmod.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "fake_modules.h"
#include "image/modules.h"

struct fixture {
	char *root, *dir;	/* dir NULL: no compiler or no depmod here */
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->root = fake_folder_create();
	f->dir = fake_modules_create(f->root);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_folder_destroy(f->root);
	free(f->dir);
	free(f);
	return 0;
}

static struct modules *open_or_skip(struct fixture *f)
{
	struct modules *m = NULL;
	struct rig_err err;

	if (!f->dir) {
		print_message("no compiler or no depmod\n");
		skip();
	}
	assert_int_equal(modules_open(f->dir, &m, &err), 0);
	return m;
}

/* the names of a closure as one text, NULL on failure */
static char *closure_text(struct modules *m, const char *name, struct rig_err *err)
{
	AUTO_MODULE_LIST struct module_list files = { 0 };
	char *text = xstrdup("");

	if (modules_closure(m, name, &files, err) < 0) {
		free(text);
		return NULL;
	}
	for (size_t i = 0; i < files.n; i++) {
		char *longer = xasprintf("%s%s%s", text, i ? " " : "", files.v[i].name);

		free(text);
		text = longer;
	}
	return text;
}

static void test_closure(void **state)
{
	static const struct {
		const char *name, *closure;
	} cases[] = {
		{ "hr-base",	"hr_base" },
		{ "hr_base",	"hr_base" },
		{ "hr-mid",	"hr_base hr_mid" },
		{ "hr_top",	"hr_soft hr_base hr_mid hr_top" },
		{ "hr_loop",	"hr_pool hr_loop" },
		{ "hr_pool",	"hr_loop hr_pool" },
		{ "hr-builtin",	"" },
		{ "hr_builtin",	"" },
	};
	struct modules *m = open_or_skip(*state);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig_err err;
		AUTO_FREE char *text = closure_text(m, cases[i].name, &err);

		assert_non_null(text);
		assert_string_equal(text, cases[i].closure);
	}
	modules_close(m);
}

static void test_missing_is_named(void **state)
{
	struct modules *m = open_or_skip(*state);
	struct rig_err err;

	assert_null(closure_text(m, "hr-absent", &err));
	assert_int_equal(err.cause, RIG_MISSING);
	assert_int_equal(err.eno, ENOENT);
	assert_non_null(strstr(err.text, "'hr_absent'"));
	modules_close(m);
}

static void test_bad_names(void **state)
{
	static const char *const names[] = { "", "a b", "../x", "a\n", "a/b", "a*" };
	struct modules *m = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(modules_open(NULL, &m, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_null(closure_text(m, names[i], &err));
		assert_int_equal(err.cause, RIG_USAGE);
	}
	modules_close(m);
}

static void test_no_folder(void **state)
{
	AUTO_FREE char *text = NULL;
	struct modules *m = NULL;
	struct rig_err err;

	(void)state;
	assert_int_equal(modules_open(NULL, &m, &err), 0);
	text = closure_text(m, "virtio_pci", &err);
	assert_string_equal(text, "");
	modules_close(m);
	assert_int_equal(modules_open("/nowhere", &m, &err), -ENOENT);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "depmod"));
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/* In a namespace of our own, the host's modprobe.d is the one in @rules. */
static bool enter_host(const char *rules)
{
	AUTO_FREE char *uid = xasprintf("0 %d 1\n", (int)getuid());

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       put("/proc/self/uid_map", uid) &&
	       mount(rules, "/etc/modprobe.d", NULL, MS_BIND, NULL) == 0;
}

static bool host_rules_apply(const char *dir)
{
	struct kmod_ctx *ctx = kmod_new(dir, NULL);
	struct kmod_module *mod = NULL;
	bool apply = false;

	if (kmod_module_new_from_name(ctx, "hr_top", &mod) == 0) {
		apply = kmod_module_get_install_commands(mod) != NULL;
		kmod_module_unref(mod);
	}
	kmod_unref(ctx);
	return apply;
}

/* child: 0 right, 1 wrong, 77 no such namespace here */
static int closure_among_rules(const char *dir, const char *rules)
{
	AUTO_FREE char *text = NULL;
	struct modules *m = NULL;
	struct rig_err err;

	if (!enter_host(rules))
		return 77;
	if (!host_rules_apply(dir) || modules_open(dir, &m, &err) < 0)
		return 1;
	text = closure_text(m, "hr_top", &err);
	modules_close(m);
	return text && !strcmp(text, "hr_soft hr_base hr_mid hr_top") ? 0 : 1;
}

static void test_host_rules_do_nothing(void **state)
{
	static const char rule[] =
		"install hr_top /bin/false\n"
		"blacklist hr_mid\n"
		"alias hr_base hr_pool\n"
		"softdep hr_top pre: hr_loop\n"
		"softdep hr_mid pre: hr_loop\n"	/* libkmod would heed this one */
		"options hr_top no=1\n";
	struct fixture *f = *state;
	AUTO_FREE char *rules = xasprintf("%s/modprobe.d", f->root);
	AUTO_FREE char *file = xasprintf("%s/rig.conf", rules);
	struct rig_err err;
	int status;
	pid_t pid;

	modules_close(open_or_skip(f));
	assert_int_equal(io_mkdirs(rules, &err), 0);
	assert_int_equal(io_write_file(file, rule, strlen(rule), &err), 0);
	pid = fork();
	if (pid == 0)
		_exit(closure_among_rules(f->dir, rules));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("no user namespace or no /etc/modprobe.d\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_unpack(void **state)
{
	static const char *const names[] = { "hr_mid", "hr_top" };	/* packed, plain */
	struct modules *m = open_or_skip(*state);
	struct rig_err err;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_MODULE_LIST struct module_list files = { 0 };
		AUTO_FREE char *data = NULL, *object = NULL;
		size_t len, object_len;
		const char *file;

		assert_int_equal(modules_closure(m, names[i], &files, &err), 0);
		file = files.v[files.n - 1].file;
		assert_int_equal(io_read_file(file, 1 << 20, &data, &len, &err), 0);
		assert_int_equal(module_unpack(file, data, len, &object, &object_len, &err), 0);
		assert_memory_equal(object, "\177ELF", 4);
		if (strstr(file, ".xz")) {
			free(TAKE_PTR(object));
			/* cut in the middle */
			assert_int_equal(module_unpack(file, data, len / 2, &object, &object_len,
						       &err), -EBADMSG);
		} else {
			assert_int_equal(object_len, len);
			assert_memory_equal(object, data, len);
		}
	}
	modules_close(m);
}

static void test_unpack_refuses(void **state)
{
	struct rig_err err;
	char *object = NULL;
	size_t len;

	(void)state;
	assert_int_equal(module_unpack("x.ko", "", 0, &object, &len, &err), -EBADMSG);
	assert_int_equal(module_unpack("x.ko", "just text", 9, &object, &len, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "'x.ko'"));
	assert_null(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closure),
		cmocka_unit_test(test_missing_is_named),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_host_rules_do_nothing),
		cmocka_unit_test(test_unpack),
		cmocka_unit_test(test_unpack_refuses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
