// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/local.h"
#include "kernel/module_tree.h"
#include "kernel/unpack.h"

#define MAX_CONFIG_BYTES	(4u << 20)
#define TREE_IMAGE		"arch/x86/boot/bzImage"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* O_RDONLY on a FIFO would hang, and a device has no end */
static int check_regular(const char *path, struct rig_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path,
				   strerror(errno));
	if (!S_ISREG(st.st_mode))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is no regular file", path);
	return 0;
}

int local_read_config(const char *path, char **ret, struct rig_err *err)
{
	AUTO_FREE char *raw = NULL, *text = NULL;
	size_t raw_len, len;
	int r;

	r = check_regular(path, err);
	if (!r)
		r = io_read_file(path, MAX_CONFIG_BYTES, &raw, &raw_len, err);
	if (r < 0)
		return r;
	/* /proc/config.gz */
	if (raw_len > 2 && !memcmp(raw, "\x1f\x8b", 2)) {
		r = unpack_bytes(raw, raw_len, MAX_CONFIG_BYTES, &text, &len, err);
		if (r < 0)
			return rig_err_wrap(err, "config file '%s'", path);
	} else {
		text = TAKE_PTR(raw);
		len = raw_len;
	}
	if (strlen(text) != len || !strstr(text, "CONFIG_"))
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "'%s' is no kernel config: it sets no CONFIG_ option", path);
	*ret = TAKE_PTR(text);
	return 0;
}

int local_find_image(struct local *local, struct kernel *k, struct rig_err *err)
{
	const char *path = local->spec->path;
	AUTO_FREE char *image = NULL;
	struct stat st;

	if (stat(path, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno,
				   "cannot open kernel '%s': %s; name a file, a build tree, or debian:SERIES",
				   path, strerror(errno));
	local->is_build_tree = S_ISDIR(st.st_mode);
	image = local->is_build_tree ? xasprintf("%s/" TREE_IMAGE, path) : xstrdup(path);
	if (local->is_build_tree && !io_exists(image))
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "'%s' is a folder, but no built kernel tree: it has no " TREE_IMAGE "; run make there, or name the image itself",
				   path);
	k->image = realpath(image, NULL);
	if (!k->image)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", image,
				   strerror(errno));
	return 0;
}

/* A tree whose parts are of different builds would load modules into the wrong kernel */
static int check_tree_release(const char *tree, const struct kernel *k, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/include/config/kernel.release", tree), *text = NULL;
	int r;

	r = io_read_file(path, 4096, &text, NULL, err);
	if (r < 0)
		return rig_err_wrap(err, "'%s' is no built kernel tree", tree);
	text[strcspn(text, "\n")] = '\0';
	if (k->release && strcmp(text, k->release))
		return rig_err_set(err, RIG_HOST, EINVAL,
				   "kernel tree '%s' is half built: its image is of '%s', its modules are of '%s'; run make there",
				   tree, k->release, text);
	return 0;
}

static void set_config(struct kernel *k, char *text, const char *source)
{
	free(k->config);
	free(k->config_source);
	k->config = text;
	k->config_source = xstrdup(source);
}

/* The file beside an image in a folder like /boot; the image's own IKCONFIG is better */
static void try_neighbour_config(struct kernel *k)
{
	AUTO_FREE char *path = NULL;
	struct rig_err ignored;
	char *text;

	if (k->config || !k->release)
		return;
	path = xasprintf("%.*s/config-%s", (int)(strrchr(k->image, '/') - k->image), k->image,
			 k->release);
	if (local_read_config(path, &text, &ignored) == 0)
		set_config(k, text, "file");
}

int local_find_config(const struct local *local, struct kernel *k, struct rig_err *err)
{
	AUTO_FREE char *path = NULL;
	char *text;
	int r;

	if (local->is_build_tree) {
		r = check_tree_release(local->spec->path, k, err);
		if (r < 0)
			return r;
		path = xasprintf("%s/.config", local->spec->path);
	}
	if (local->spec->config) {
		free(path);
		path = xstrdup(local->spec->config);
	}
	if (!path) {
		try_neighbour_config(k);
		return 0;
	}
	r = local_read_config(path, &text, err);
	if (!r)
		set_config(k, text, local->spec->config ? "file" : "build tree");
	return r;
}

/* @dir as it is when it has an index, else a linked copy that has one; NULL: no modules there */
static int take_folder(const struct local *local, struct kernel *k, const char *dir,
		       struct rig_err *err)
{
	if (module_tree_is_indexed(dir)) {
		k->modules = realpath(dir, NULL);
		return k->modules ? 0
				  : rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", dir,
						strerror(errno));
	}
	if (!k->release)
		return rig_err_set(
			err, RIG_HOST, EINVAL,
			"modules in '%s' have no modules.dep.bin, and the kernel does not tell its release: run depmod",
			dir);
	return module_tree_from_folder(local->store, dir, k->release, local->options, &k->modules,
				       err);
}

static int take_named_folder(const struct local *local, struct kernel *k, struct rig_err *err)
{
	const char *named = local->spec->modules;
	AUTO_FREE char *below = NULL, *plain = xasprintf("%s/modules.dep", named);
	int r = 0;

	if (!is_folder(named))
		return rig_err_set(err, RIG_HOST, ENOTDIR,
				   "modules folder '%s' is no folder that can be opened", named);
	if (k->release)
		below = xasprintf("%s/lib/modules/%s", named, k->release);
	if (module_tree_is_indexed(named) || io_exists(plain))
		r = take_folder(local, k, named, err);
	else if (below && is_folder(below))
		r = take_folder(local, k, below, err);
	if (!r && !k->modules)
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "'%s' has neither modules.dep nor modules in lib/modules/%s", named,
				   k->release ? k->release : "RELEASE");
	return r;
}

/* /boot/vmlinuz-X belongs to /lib/modules/X */
static int take_neighbour_folder(const struct local *local, struct kernel *k, struct rig_err *err)
{
	AUTO_FREE char *dir = NULL;

	if (!k->release)
		return 0;
	dir = xasprintf("%.*s/../lib/modules/%s", (int)(strrchr(k->image, '/') - k->image),
			k->image, k->release);
	return is_folder(dir) ? take_folder(local, k, dir, err) : 0;
}

int local_find_modules(const struct local *local, struct kernel *k, struct rig_err *err)
{
	if (local->spec->modules)
		return take_named_folder(local, k, err);
	if (!local->is_build_tree)
		return take_neighbour_folder(local, k, err);
	if (!k->release)
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' does not tell its release",
				   k->image);
	return module_tree_from_build(local->store, local->spec->path, k->release, local->options,
				      &k->modules, err);
}
