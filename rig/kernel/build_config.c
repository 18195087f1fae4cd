// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "kernel/build_config.h"
#include "kernel/make.h"

#define MAX_CONFIG_BYTES	(4u << 20)
#define END			".config"
/* else what only experts may leave out is on */
#define EXPERT			"CONFIG_EXPERT=y\n"

static int is_fragment(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > strlen(END) && !strcmp(e->d_name + len - strlen(END), END);
}

static int no_such_fragment(const char *dir, const char *name, struct rig_err *err)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_fragment, alphasort);

	rig_err_set(err, RIG_USAGE, ENOENT, "no fragment '%s': name a path, or one of", name);
	for (int i = 0; i < n; i++) {
		size_t len = strlen(err->text);

		names[i]->d_name[strlen(names[i]->d_name) - strlen(END)] = '\0';
		snprintf(err->text + len, sizeof(err->text) - len, " %s", names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return -ENOENT;
}

static int add_fragment(const char *dir, const char *name, struct wanted *w, struct rig_err *err)
{
	AUTO_FREE char *path = strchr(name, '/') ? xstrdup(name)
						 : xasprintf("%s/%s" END, dir, name),
		       *text = NULL;
	int r = io_read_file(path, MAX_CONFIG_BYTES, &text, NULL, err);

	if (r == -ENOENT && !strchr(name, '/'))
		return no_such_fragment(dir, name, err);
	if (r < 0) {
		err->cause = RIG_USAGE;
		return r;
	}
	return wanted_add(w, name, text, err);
}

int build_config_read(const char *dir, char *const *names, size_t n, struct wanted *ret,
		      struct rig_err *err)
{
	struct wanted w = { 0 };
	int r = add_fragment(dir, BUILD_CONFIG_BASE, &w, err);

	for (size_t i = 0; !r && i < n; i++)
		r = add_fragment(dir, names[i], &w, err);
	if (r < 0) {
		wanted_deinit(&w);
		return r;
	}
	*ret = w;
	return 0;
}

static int configure(const struct build_config_place *at, const char *path, const char *target,
		     struct rig_err *err)
{
	AUTO_STRV struct strv argv = { 0 };
	struct build_log log = { 0 };
	struct make make = { .log_path = at->log_path,
			     .keep_fd = at->keep_fd,
			     .until_ns = at->until_ns };
	int r;

	strv_add(&argv, "make");
	strv_add(&argv, "-C");
	strv_add(&argv, at->tree);
	strv_addf(&argv, "O=%s", at->objects);
	strv_add(&argv, "ARCH=x86_64");
	strv_addf(&argv, "KCONFIG_CONFIG=%s", path);
	strv_addf(&argv, "KCONFIG_ALLCONFIG=%s", path);	/* allnoconfig starts from it */
	strv_add(&argv, target);
	make.argv = argv.v;
	r = make_run(&make, &log, err);
	return r < 0 && r != -ENOSPC && err->cause != RIG_INTERRUPTED
		       ? rig_err_wrap(err, "cannot configure the kernel")
		       : r;
}

static int lost_options(const struct wanted *w, const char *config, struct rig_err *err)
{
	AUTO_STRV struct strv lost = { 0 };
	size_t named = wanted_check(w, config, BUILD_CONFIG_BASE, &lost);

	if (!lost.n)
		return 0;
	rig_err_set(err, named ? RIG_USAGE : RIG_KERNEL, EOPNOTSUPP,
		    "this tree's Kconfig does not give what is wanted, see what "
		    "the options depend on:");
	for (size_t i = 0; i < lost.n; i++) {
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof(err->text) - len, "%s %s", i ? ";" : "",
			 lost.v[i]);
	}
	return -EOPNOTSUPP;
}

/* An untouched .config keeps its time; make then takes it as read */
static int put(const char *text, const char *path, struct rig_err *err)
{
	AUTO_FREE char *old = NULL;
	struct rig_err ignored;

	if (io_read_file(path, MAX_CONFIG_BYTES, &old, NULL, &ignored) == 0 && !strcmp(old, text))
		return 0;
	return io_write_file(path, text, strlen(text), err);
}

int build_config_make(const struct build_config_place *at, const struct wanted *wanted, char **ret,
		      struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/hotrig.config", at->objects),
		       *real = xasprintf("%s/.config", at->objects);
	AUTO_FREE char *none = NULL, *over = wanted_text(wanted), *both = NULL, *text = NULL;
	int r;

	/*
	 * What tinyconfig is, which is no use here: up to v6.1 it forgets itself when KCONFIG_CONFIG names another
	 * file.  Read before it is written.
	 */
	r = io_write_file(path, EXPERT, strlen(EXPERT), err);
	if (!r)
		r = configure(at, path, "allnoconfig", err);
	if (!r)
		r = io_read_file(path, MAX_CONFIG_BYTES, &none, NULL, err);
	if (r < 0)
		return r;
	/* Kconfig takes the last value it reads */
	both = xasprintf("%s%s", none, over);
	r = io_write_file(path, both, strlen(both), err);
	if (!r)
		r = configure(at, path, "olddefconfig", err);
	if (!r)
		r = io_read_file(path, MAX_CONFIG_BYTES, &text, NULL, err);
	if (!r)
		r = lost_options(wanted, text, err);
	if (!r)
		r = put(text, real, err);
	if (!r)
		*ret = TAKE_PTR(text);
	return r;
}
