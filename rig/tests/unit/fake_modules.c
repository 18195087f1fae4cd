// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"
#include "fake_modules.h"

static const struct {
	const char *name;
	const char *exports, *imports;	/* one symbol each, may be NULL */
	const char *softdep;
} modules[] = {
	{ "hr-base",	"hr_base_call",	NULL,		NULL },
	{ "hr_mid",	"hr_mid_call",	"hr_base_call",	NULL },
	{ "hr_top",	NULL,		"hr_mid_call",	"pre: hr-soft hr-absent" },
	{ "hr-soft",	NULL,		NULL,		NULL },
	{ "hr_loop",	NULL,		NULL,		"pre: hr_pool" },
	{ "hr_pool",	NULL,		NULL,		"pre: hr_loop" },
};

static void write_text(const char *path, const char *text)
{
	struct rig_err err;

	assert_int_equal(io_write_file(path, text, strlen(text), &err), 0);
}

char *fake_folder_create(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/hotrig-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

void fake_folder_destroy(char *path)
{
	struct rig_err err;

	assert_int_equal(io_remove_tree(path, &err), 0);
	free(path);
}

static bool run(const struct strv *argv)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	struct rig_err err;
	int r = proc_run(argv->v, NULL, NULL, clock_in_ms(60000), &result, &err);

	if (r == -ENOENT)
		return false;
	if (r < 0 || proc_check(&result, argv->v[0], &err) < 0)
		fail_msg("%s", err.text);
	return true;
}

bool fake_compile(const char *const *args)
{
	AUTO_STRV struct strv argv = { 0 };

	strv_add(&argv, "cc");
	while (*args)
		strv_add(&argv, *args++);
	return run(&argv);
}

static bool compile_module(const char *dir, size_t i)
{
	AUTO_FREE char *source = xasprintf("%s/kernel/%s.s", dir, modules[i].name);
	AUTO_FREE char *object = xasprintf("%s/kernel/%s.ko", dir, modules[i].name);
	AUTO_FREE char *text = xasprintf(
		".section .modinfo,\"a\"\n.asciz \"license=GPL\"\n%s%s%s"
		".section __ksymtab_strings,\"a\"\n%s%s%s"
		".data\n.quad %s\n",
		modules[i].softdep ? ".asciz \"softdep=" : "",
		modules[i].softdep ? modules[i].softdep : "", modules[i].softdep ? "\"\n" : "",
		modules[i].exports ? ".asciz \"" : "",
		modules[i].exports ? modules[i].exports : "", modules[i].exports ? "\"\n" : "",
		modules[i].imports ? modules[i].imports : "0");
	const char *args[] = { "-c", "-o", object, source, NULL };
	bool done;

	write_text(source, text);
	done = fake_compile(args);
	unlink(source);
	return done;
}

static void pack_xz(const char *path)
{
	AUTO_FREE char *packed = xasprintf("%s.xz", path), *data = NULL;
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	struct rig_err err;
	size_t len;

	assert_int_equal(io_read_file(path, 1 << 20, &data, &len, &err), 0);
	assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter_xz(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_filename(a, packed), ARCHIVE_OK);
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, len), len);
	archive_entry_free(e);
	archive_write_free(a);
	unlink(path);
}

char *fake_modules_create(const char *root)
{
	AUTO_FREE char *dir = xasprintf("%s/lib/modules/9.9-fake", root);
	AUTO_FREE char *kernel = xasprintf("%s/kernel", dir);
	AUTO_FREE char *order = xasprintf("%s/modules.order", dir);
	AUTO_FREE char *builtin = xasprintf("%s/modules.builtin", dir);
	AUTO_FREE char *info = xasprintf("%s/modules.builtin.modinfo", dir);
	AUTO_FREE char *mid = xasprintf("%s/hr_mid.ko", kernel);
	AUTO_STRV struct strv depmod = { 0 };
	struct rig_err err;

	assert_int_equal(io_mkdirs(kernel, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (!compile_module(dir, i))
			return NULL;
	pack_xz(mid);
	write_text(order, "");
	write_text(builtin, "kernel/drivers/hr-builtin.ko\n");
	write_text(info, "");
	/* an ordinary user has no sbin in his PATH */
	strv_add(&depmod, access("/usr/sbin/depmod", X_OK) == 0 ? "/usr/sbin/depmod" : "depmod");
	strv_add(&depmod, "-b");
	strv_add(&depmod, root);
	strv_add(&depmod, "9.9-fake");
	return run(&depmod) ? TAKE_PTR(dir) : NULL;
}

void fake_agent_write(const char *path, char letter)
{
	struct {
		Elf64_Ehdr head;
		char text[16];
	} program = {
		.head = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			.e_ehsize = sizeof(Elf64_Ehdr),
		},
		.text = { letter },
	};
	struct rig_err err;

	assert_int_equal(io_write_file(path, &program, sizeof(program), &err), 0);
}
