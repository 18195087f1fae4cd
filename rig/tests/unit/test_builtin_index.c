// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of what is built in, as libkmod reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libkmod.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/builtin_index.h"

static int state_of(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_module *mod = NULL;
	int state;

	assert_int_equal(kmod_module_new_from_name(ctx, name, &mod), 0);
	state = kmod_module_get_initstate(mod);
	kmod_module_unref(mod);
	return state;
}

static void is_what_libkmod_reads(void **state)
{
	static const char *const names[] = { "hr_device", "kmem_of_hr", "z" };
	static const char *const others[] = { "hr", "hr2", "hr_devic", "hr_device2", "kmem", "y", "a", "zz" };
	const char *none = NULL;
	char dir[] = "/tmp/hotrig-builtin-XXXXXX";
	AUTO_FREE char *file = NULL, *data = NULL;
	struct kmod_ctx *ctx;
	struct rig_err err;
	size_t len;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/modules.builtin.bin", dir);
	data = builtin_index_make(names, ARRAY_SIZE(names), &len);
	assert_int_equal(io_write_file(file, data, len, &err), 0);
	ctx = kmod_new(dir, &none);
	assert_non_null(ctx);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(state_of(ctx, names[i]), KMOD_MODULE_BUILTIN);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_int_not_equal(state_of(ctx, others[i]), KMOD_MODULE_BUILTIN);
	kmod_unref(ctx);
	unlink(file);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_what_libkmod_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
