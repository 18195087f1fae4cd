// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "fake_modules.h"
#include "image/elf_object.h"
#include "image/elfdeps.h"

static const struct elfdep *find_base(const struct elfdeps *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(strrchr(d->v[i].image, '/') + 1, name))
			return &d->v[i];
	return NULL;
}

/* this very program: dynamic, with libraries of the default folders */
static void test_own_program(void **state)
{
	AUTO_ELFDEPS struct elfdeps d = { 0 };
	struct rig_err err;
	size_t n;

	(void)state;
	assert_int_equal(elfdeps_add_program(&d, "/proc/self/exe", "/usr/bin/self", &err), 0);
	assert_string_equal(d.v[0].image, "/usr/bin/self");
	assert_string_equal(d.v[1].image, "/lib64/ld-linux-x86-64.so.2");
	assert_non_null(find_base(&d, "libc.so.6"));
	assert_non_null(find_base(&d, "libcmocka.so.0"));
	for (size_t i = 0; i < d.n; i++) {
		assert_int_equal(d.v[i].image[0], '/');
		assert_true(d.v[i].len > 0);
		/* each once, the loader not a second time as a library of libc */
		assert_ptr_equal(find_base(&d, strrchr(d.v[i].image, '/') + 1), &d.v[i]);
	}
	/* a second program shares them */
	n = d.n;
	assert_int_equal(elfdeps_add_program(&d, "/proc/self/exe", "/usr/bin/again", &err), 0);
	assert_int_equal(d.n, n + 1);
}

static void test_missing_program(void **state)
{
	AUTO_ELFDEPS struct elfdeps d = { 0 };
	struct rig_err err;

	(void)state;
	assert_int_equal(elfdeps_add_program(&d, "no-such-tool", "/usr/bin/x", &err), -ENOENT);
	assert_int_equal(err.cause, RIG_HOST);
	assert_non_null(strstr(err.text, "'no-such-tool'"));
	assert_int_equal(elfdeps_add_program(&d, "/no/such/tool", "/usr/bin/x", &err), -ENOENT);
}

static void test_static(void **state)
{
	char *folder = fake_folder_create();
	AUTO_FREE char *path = xasprintf("%s/agent", folder), *data = NULL, *self = NULL;
	struct rig_err err;
	size_t len, self_len;

	(void)state;
	fake_agent_write(path, 'a');
	assert_int_equal(io_read_file(path, 4096, &data, &len, &err), 0);
	assert_int_equal(elfdeps_check_static("agent", data, len, &err), 0);
	assert_int_equal(elfdeps_check_static("agent", "#!/bin/sh\necho not an ELF", 25, &err),
			 -ENOEXEC);
	/* a header cut short, and one that is nothing but the magic */
	for (size_t n = 0; n < sizeof(uint64_t) * 8; n++)
		assert_int_equal(elfdeps_check_static("agent", data, n, &err), -ENOEXEC);
	assert_int_equal(io_read_file("/proc/self/exe", 1 << 30, &self, &self_len, &err), 0);
	assert_int_equal(elfdeps_check_static("self", self, self_len, &err), -ENOEXEC);
	assert_non_null(strstr(err.text, "-static"));
	fake_folder_destroy(folder);
}

/* Whatever is damaged in a real program, the answer is an error or a fact, never a crash. */
static void test_damaged_programs(void **state)
{
	AUTO_FREE char *self = NULL;
	struct rig_err err;
	size_t len;

	(void)state;
	assert_int_equal(io_read_file("/proc/self/exe", 1 << 30, &self, &len, &err), 0);
	for (size_t n = 64; n < len; n += len / 200 + 1) {
		AUTO_FREE char *cut = xcalloc(n, 1);	/* exact size, so that ASan sees */
		AUTO_ELF_OBJECT struct elf_object o = { 0 };

		memcpy(cut, self, n);
		if (elf_object_parse("cut", cut, n, &o, &err) < 0)
			assert_int_equal(err.cause, RIG_HOST);
	}
	for (size_t at = 4; at < 1024; at++) {
		AUTO_ELF_OBJECT struct elf_object o = { 0 };
		char was = self[at];

		self[at] = (char)0xff;
		if (elf_object_parse("bent", self, len, &o, &err) < 0)
			assert_int_equal(err.cause, RIG_HOST);
		self[at] = was;
	}
}

/* bin/tool with RUNPATH $ORIGIN/../lib, and lib/libhrtest.so; false: no compiler */
static bool make_tool(const char *folder, const char *tool, const char *so)
{
	static const char so_text[] = "int hrtest(void) { return 0; }\n";
	static const char tool_text[] = "int hrtest(void); int main(void) { return hrtest(); }\n";
	AUTO_FREE char *bin = xasprintf("%s/bin", folder), *lib = xasprintf("%s/lib", folder);
	AUTO_FREE char *so_c = xasprintf("%s.c", so), *tool_c = xasprintf("%s.c", tool);
	const char *so_args[] = { "-shared", "-fPIC", "-Wl,-soname,libhrtest.so", "-o", so, so_c,
				  NULL };
	const char *tool_args[] = { "-o", tool, tool_c, so, "-Wl,-rpath,$ORIGIN/../lib", NULL };
	struct rig_err err;

	assert_int_equal(io_mkdirs(bin, &err), 0);
	assert_int_equal(io_mkdirs(lib, &err), 0);
	assert_int_equal(io_write_file(so_c, so_text, strlen(so_text), &err), 0);
	assert_int_equal(io_write_file(tool_c, tool_text, strlen(tool_text), &err), 0);
	return fake_compile(so_args) && fake_compile(tool_args);
}

/* As /usr/bin/tool it looks in /usr/lib, so that is where its library must go. */
static void check_tool(const char *tool, const char *so)
{
	AUTO_ELFDEPS struct elfdeps d = { 0 };
	const struct elfdep *found;
	struct rig_err err;

	assert_int_equal(elfdeps_add_program(&d, tool, "/usr/bin/tool", &err), 0);
	found = find_base(&d, "libhrtest.so");
	assert_non_null(found);
	assert_string_equal(found->image, "/usr/lib/libhrtest.so");
	/* without its library it is refused, naming both */
	assert_int_equal(unlink(so), 0);
	elfdeps_deinit(&d);
	assert_int_equal(elfdeps_add_program(&d, tool, "/usr/bin/tool", &err), -ENOENT);
	assert_non_null(strstr(err.text, "'libhrtest.so'"));
	assert_non_null(strstr(err.text, "bin/tool'"));
}

static void test_runpath(void **state)
{
	char *folder = fake_folder_create();
	char *tool = xasprintf("%s/bin/tool", folder);
	char *so = xasprintf("%s/lib/libhrtest.so", folder);
	bool made = make_tool(folder, tool, so);

	(void)state;
	if (made)
		check_tool(tool, so);
	free(tool);
	free(so);
	fake_folder_destroy(folder);
	if (!made) {
		print_message("no compiler\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_program),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_damaged_programs),
		cmocka_unit_test(test_runpath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
