// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kernel/build_tools.h"

#define VERSION_MS 60000

enum need { ALWAYS, PATCHES, BTF };

static const struct tool {
	const char *name, *package;
	enum need need;
} tools[] = {
	{ "make", "make", ALWAYS },
	{ "gcc", "gcc", ALWAYS },
	{ "ld", "binutils", ALWAYS },
	{ "flex", "flex", ALWAYS },
	{ "bison", "bison", ALWAYS },
	{ "bc", "bc", ALWAYS },
	{ "patch", "patch", PATCHES },
	{ "pahole", "dwarves", BTF },
};

bool build_tools_has(const char *name)
{
	const char *path = getenv("PATH");

	for (const char *p = path ? path : "/usr/bin:/bin"; *p;) {
		size_t len = strcspn(p, ":");
		AUTO_FREE char *file = xasprintf("%.*s/%s", (int)len, p, name);

		if (len && access(file, X_OK) == 0)
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

int build_tools_compiler(char **ret, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	int r;

	strv_add(&argv, "gcc");
	strv_add(&argv, "--version");
	r = proc_run(argv.v, NULL, NULL, clock_in_ms(VERSION_MS), &result, err);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT, "no compiler: install the package gcc");
	if (!r)
		r = proc_check(&result, "gcc --version", err);
	if (!r)
		*ret = xstrndup(result.out, strcspn(result.out, "\n"));
	return r;
}

static bool wants_btf(const struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i].name, "CONFIG_DEBUG_INFO_BTF"))
			return !strcmp(w->v[i].value, "y");
	return false;
}

int build_tools_check(const struct wanted *wanted, bool patches, struct rig_err *err)
{
	bool btf = wants_btf(wanted);

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		const struct tool *t = &tools[i];

		if ((t->need == PATCHES && !patches) || (t->need == BTF && !btf) ||
		    build_tools_has(t->name))
			continue;
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "cannot build a kernel without '%s': install the package %s%s",
				   t->name, t->package,
				   t->need == BTF ? ", or build without BTF: '--config no-bpf'"
						  : "");
	}
	return 0;
}
