// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fts.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kernel/module_tree.h"

#define DEPMOD_MS		(5 * 60 * 1000)
#define MAX_ORDER_BYTES		(16u << 20)

/* modules to link: @names below lib/modules/<release>, @sources absolute, one for one */
struct links {
	struct strv names, sources;
};

static void links_deinit(struct links *l)
{
	strv_deinit(&l->names);
	strv_deinit(&l->sources);
}

bool module_tree_is_indexed(const char *dir)
{
	AUTO_FREE char *path = xasprintf("%s/modules.dep.bin", dir);

	return io_exists(path);
}

int module_tree_index(const char *base, const char *release, struct rig_err *err)
{
	const char *path = getenv("PATH");
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_FREE char *dir = xasprintf("%s/lib/modules/%s", base, release);
	AUTO_STRV struct strv argv = { 0 }, env = { 0 };
	int r;

	/* Debian's users have no sbin in their path */
	strv_addf(&env, "PATH=%s:/usr/sbin:/sbin", path && *path ? path : "/usr/bin:/bin");
	strv_add(&argv, "depmod");
	strv_add(&argv, "-b");
	strv_add(&argv, base);
	strv_add(&argv, release);
	r = proc_run(argv.v, env.v, NULL, clock_in_ms(DEPMOD_MS), &result, err);
	if (r == -ENOENT)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "cannot run 'depmod': install the package kmod");
	if (r < 0 && err->cause == RIG_TIMEOUT)
		return rig_err_set(err, RIG_HOST, ETIMEDOUT, "'depmod' did not finish on '%s'",
				   dir);
	if (!r)
		r = proc_check(&result, "depmod", err);
	if (!r && !module_tree_is_indexed(dir))
		r = rig_err_set(err, RIG_HOST, EIO,
				"'depmod' left no modules.dep.bin in '%s': is the disk full?", dir);
	return r;
}

/*
 * The name of the folder tells the place the modules come from, and the state they are in: a build
 * changes the time of what it makes anew.
 */
static char *make_key(const char *from, const char *release, const struct links *l)
{
	char place[65], state[65];
	SHA2_CTX ctx;

	io_sha256_hex(from, strlen(from), place);
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const unsigned char *)release, strlen(release) + 1);
	for (size_t i = 0; i < l->names.n; i++) {
		AUTO_FREE char *line = NULL;
		struct stat st = { 0 };

		if (stat(l->sources.v[i], &st) < 0)
			st.st_size = -1;
		line = xasprintf("%s %s %lld %lld.%09ld\n", l->names.v[i], l->sources.v[i],
				 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
				 st.st_mtim.tv_nsec);
		SHA256Update(&ctx, (const unsigned char *)line, strlen(line));
	}
	SHA256End(&ctx, state);
	return xasprintf("%.16s-%.32s", place, state);
}

static int add_link(const char *dir, const char *name, const char *source, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);
	char *slash = strrchr(path, '/');
	int r;

	*slash = '\0';
	r = io_mkdirs(path, err);
	*slash = '/';
	if (r < 0)
		return r;
	if (symlink(source, path) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot make link '%s': %s", path,
				   strerror(errno));
	return 0;
}

/* depmod sorts by it and, unlike newer trees, wants names of modules from here */
static int write_order(const char *dir, const struct links *l, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/modules.order", dir), *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; f && i < l->names.n; i++)
		if (!strncmp(l->names.v[i], "kernel/", strlen("kernel/")))
			fprintf(f, "%s\n", l->names.v[i]);
	if (!f || fclose(f) != 0)
		return rig_err_set(err, RIG_HOST, ENOMEM, "cannot make '%s'", path);
	return io_write_file(path, text, len, err);
}

static int fill(const char *base, const char *release, const struct links *l, struct rig_err *err)
{
	AUTO_FREE char *dir = xasprintf("%s/lib/modules/%s", base, release);
	int r = io_mkdirs(dir, err);

	for (size_t i = 0; !r && i < l->names.n; i++)
		r = add_link(dir, l->names.v[i], l->sources.v[i], err);
	if (!r)
		r = write_order(dir, l, err);
	return r < 0 ? r : module_tree_index(base, release, err);
}

/*
 * A tree that is built again and again, as in a bisection, must not fill the cache: what was made
 * of its earlier states goes.  Failing to do so is no reason to stop.
 */
static void drop_earlier(const char *to)
{
	AUTO_FREE char *above = xstrdup(to);
	const char *place = strrchr(to, '/') + 1;
	size_t place_len = strcspn(place, "-") + 1;
	struct dirent *e;
	DIR *d;

	*strrchr(above, '/') = '\0';
	d = opendir(above);
	while (d && (e = readdir(d))) {
		AUTO_FREE char *path = xasprintf("%s/%s", above, e->d_name);
		struct rig_err ignored;

		if (!strncmp(e->d_name, place, place_len) && io_remove_tree(path, &ignored) < 0)
			break;
	}
	if (d)
		closedir(d);
}

static int make_linked(struct store *store, const char *to, const char *release,
		       const struct links *l, struct rig_err *err)
{
	AUTO_FREE char *tmp = NULL;
	struct rig_err ignored;
	int r;

	r = store_make_temporary(store, &tmp, err);
	if (r < 0)
		return r;
	r = fill(tmp, release, l, err);
	if (!r) {
		drop_earlier(to);
		r = store_publish(tmp, to, err);
	}
	if (r < 0 && io_remove_tree(tmp, &ignored) < 0)
		return r;	/* the next one sweeps it */
	return r;
}

static int link_and_index(struct store *store, const char *from, const char *release,
			  const struct links *l, const struct kernel_resolve_options *options,
			  char **ret, struct rig_err *err)
{
	AUTO_FREE char *key = make_key(from, release, l);
	AUTO_FREE char *base = xasprintf("%s/linked/%s", store_dir(store), key);
	AUTO_FREE char *dir = xasprintf("%s/lib/modules/%s", base, release);
	int r = 0;

	if (!module_tree_is_indexed(dir)) {
		r = store_lock(store, options->progress, options->progress_arg, err);
		if (!r && !module_tree_is_indexed(dir))
			r = make_linked(store, base, release, l, err);
	}
	if (!r)
		*ret = TAKE_PTR(dir);
	return r;
}

/* "fs/x.o" or "fs/x.ko" without its ending, when that module was built */
static bool add_built(struct links *l, const char *tree, const char *stem)
{
	AUTO_FREE char *source = xasprintf("%s/%s.ko", tree, stem);

	if (!io_exists(source))
		return false;
	strv_addf(&l->names, "kernel/%s.ko", stem);
	strv_add(&l->sources, source);
	return true;
}

/*
 * One line of modules.order: objects instead of modules since 6.2, and without "kernel/" in front
 * since 6.4.  As kernel/ is a folder of the tree as well, only the files tell what is meant.
 */
static int add_ordered(struct links *l, const char *tree, char *line, struct rig_err *err)
{
	const size_t prefix = strlen("kernel/");
	char *dot = strrchr(line, '.');

	if (!dot || (strcmp(dot, ".o") && strcmp(dot, ".ko")) || strstr(line, "..") || *line == '/')
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "'%s/modules.order' has a strange line: '%s'", tree, line);
	*dot = '\0';
	if (add_built(l, tree, line) ||
	    (!strncmp(line, "kernel/", prefix) && add_built(l, tree, line + prefix)))
		return 0;
	return rig_err_set(err, RIG_HOST, ENOENT,
			   "module '%s.ko' was not built, but modules.order lists it: run 'make modules' in '%s'",
			   line, tree);
}

static void add_extra(struct links *l, const char *dir)
{
	static const char *const names[] = { "modules.builtin", "modules.builtin.modinfo" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *source = xasprintf("%s/%s", dir, names[i]);

		if (!io_exists(source))
			continue;
		strv_add(&l->names, names[i]);
		strv_add(&l->sources, source);
	}
}

int module_tree_from_build(struct store *store, const char *tree, const char *release,
			   const struct kernel_resolve_options *options, char **ret,
			   struct rig_err *err)
{
	AUTO_FREE char *absolute = realpath(tree, NULL), *order = NULL, *text = NULL, *dir = NULL;
	struct links l __attribute__((cleanup(links_deinit))) = { 0 };
	char *save, *line;
	int r = 0;

	if (!absolute)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", tree,
				   strerror(errno));
	order = xasprintf("%s/modules.order", absolute);
	if (io_exists(order)) {
		r = io_read_file(order, MAX_ORDER_BYTES, &text, NULL, err);
		if (r < 0)
			return r;
		for (line = strtok_r(text, "\n", &save); line && !r;
		     line = strtok_r(NULL, "\n", &save))
			r = add_ordered(&l, absolute, line, err);
	}
	if (!r && l.names.n) {
		add_extra(&l, absolute);
		r = link_and_index(store, absolute, release, &l, options, &dir, err);
	}
	if (!r)
		*ret = TAKE_PTR(dir);
	return r;
}

static bool is_module_file(const char *name)
{
	static const char *const ends[] = { ".ko", ".ko.xz", ".ko.gz", ".ko.zst" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int module_tree_from_folder(struct store *store, const char *dir, const char *release,
			    const struct kernel_resolve_options *options, char **ret,
			    struct rig_err *err)
{
	AUTO_FREE char *absolute = realpath(dir, NULL), *linked = NULL;
	struct links l __attribute__((cleanup(links_deinit))) = { 0 };
	char *const roots[] = { absolute, NULL };
	FTS *fts = absolute ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name) : NULL;
	FTSENT *e;
	int r = 0;

	if (!fts)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", dir,
				   strerror(errno));
	while ((e = fts_read(fts))) {
		if (e->fts_info != FTS_F || !is_module_file(e->fts_name))
			continue;
		strv_add(&l.names, e->fts_path + strlen(absolute) + 1);
		strv_add(&l.sources, e->fts_path);
	}
	fts_close(fts);
	if (l.names.n) {
		add_extra(&l, absolute);
		r = link_and_index(store, absolute, release, &l, options, &linked, err);
	}
	if (!r)
		*ret = TAKE_PTR(linked);
	return r;
}
