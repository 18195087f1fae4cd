// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/proc.h"
#include "kernel/built.h"
#include "kernel/copy.h"
#include "kernel/digest.h"
#include "kernel/local.h"
#include "kernel/release.h"

#define STRIP_MS		(10 * 60 * 1000)
#define MAX_IDENTITY_BYTES	(1u << 20)
#define KEPT			64u		/* of 30 to 50 MB each */
#define YOUNG_S			(24 * 60 * 60)

static char *path_of(const struct store *store, const char *key, const char *name)
{
	return xasprintf("%s/built/%s/%s", store_dir(store), key, name);
}

bool built_key_is_valid(const char *key)
{
	return *key != '.' && release_is_path_safe(key);
}

bool built_is_there(const struct store *store, const char *key)
{
	AUTO_FREE char *identity = path_of(store, key, "identity.json");

	return io_exists(identity);
}

char *built_image(const struct store *store, const char *key)
{
	char *elf = path_of(store, key, "vmlinux");

	if (io_exists(elf))
		return elf;
	free(elf);
	return path_of(store, key, "bzImage");
}

/* A tenth of the size; symbols and BTF are not debug information to objcopy */
static int strip(const char *from, const char *to, struct rig_err *err)
{
	AUTO_PROC_RESULT struct proc_result result = { 0 };
	AUTO_STRV struct strv argv = { 0 };
	int r;

	strv_add(&argv, "objcopy");
	strv_add(&argv, "--strip-debug");
	strv_add(&argv, from);
	strv_add(&argv, to);
	r = proc_run(argv.v, NULL, NULL, clock_in_ms(STRIP_MS), &result, err);
	if (!r)
		r = proc_check(&result, "objcopy", err);
	if (r < 0 && strstr(err->text, "No space left"))
		return rig_err_set(err, RIG_HOST, ENOSPC,
				   "no space left for '%s': free some, or move the cache with "
				   "HOTRIG_CACHE",
				   to);
	return r;
}

static int fill(const char *dir, const struct built_parts *parts, struct rig_err *err)
{
	AUTO_FREE char *image =
		xasprintf("%s/%s", dir, parts->image_is_elf ? "vmlinux" : "bzImage");
	AUTO_FREE char *config = xasprintf("%s/config", dir), *log = xasprintf("%s/build.log", dir);
	AUTO_FREE char *identity = xasprintf("%s/identity.json", dir), *text = NULL;
	char hex[65];
	int r;

	r = parts->strip ? strip(parts->image, image, err) : copy_file(parts->image, image, err);
	if (!r)
		r = copy_file(parts->config, config, err);
	if (!r)
		r = copy_file(parts->log, log, err);
	if (!r)
		r = digest_file(image, hex, err);
	if (r < 0)
		return r;
	json_object_set_new(parts->identity, "image_sha256", json_string(hex));
	text = json_dumps(parts->identity, JSON_INDENT(1));
	return text ? io_write_file(identity, text, strlen(text), err)
		    : rig_err_set(err, RIG_HOST, EILSEQ,
				  "cannot describe the kernel in '%s': a name is no UTF-8", dir);
}

/* In a cache that is read-only for us it is as old as it was */
static void note_use(const struct store *store, const char *key)
{
	AUTO_FREE char *path = path_of(store, key, "identity.json");

	utimensat(AT_FDCWD, path, NULL, 0);
}

static time_t last_use(const struct store *store, const char *key)
{
	AUTO_FREE char *path = path_of(store, key, "identity.json");
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mtime : 0;
}

/* Whole or not at all, as it came; who is killed meanwhile leaves something temporary */
static bool drop(struct store *store, const char *key)
{
	AUTO_FREE char *from = xasprintf("%s/built/%s", store_dir(store), key), *tmp = NULL;
	struct rig_err ignored;

	return store_make_temporary(store, &tmp, &ignored) == 0 && rename(from, tmp) == 0 &&
	       io_remove_tree(tmp, &ignored) == 0;
}

/* Whoever boots a kernel holds no lock on it: what was used today may be about to boot */
static bool drop_longest_unused(struct store *store)
{
	AUTO_STRV struct strv keys = { 0 };
	time_t oldest = time(NULL) - YOUNG_S;
	const char *key = NULL;

	built_list(store, &keys);
	for (size_t i = 0; i < keys.n; i++) {
		time_t used = last_use(store, keys.v[i]);

		if (used < oldest) {
			oldest = used;
			key = keys.v[i];
		}
	}
	return keys.n > KEPT && key && drop(store, key);
}

int built_add(struct store *store, const char *key, const struct built_parts *parts,
	      struct rig_err *err)
{
	AUTO_FREE char *tmp = NULL, *to = xasprintf("%s/built/%s", store_dir(store), key);
	struct rig_err ignored;
	int r;

	if (built_is_there(store, key))
		return 0;
	r = store_make_temporary(store, &tmp, err);
	if (r < 0)
		return r;
	r = fill(tmp, parts, err);
	if (!r)
		r = store_publish(tmp, to, err);
	if (r < 0 && io_remove_tree(tmp, &ignored) < 0)
		return r;	/* the next holder of the lock sweeps it */
	while (!r && drop_longest_unused(store))
		;
	return r;
}

/* Damage is told by the image's digest, which is remembered */
static int check(const struct store *store, const char *key, const char *image, struct rig_err *err)
{
	AUTO_FREE char *path = path_of(store, key, "identity.json"), *text = NULL;
	json_auto_t *o = NULL;
	const char *kept;
	char hex[65];
	int r;

	if (!built_is_there(store, key))
		return rig_err_set(
			err, RIG_HOST, ENOENT,
			"no kernel '%s' has been built: 'hotrig kernel list' shows which "
			"have",
			key);
	r = io_read_file(path, MAX_IDENTITY_BYTES, &text, NULL, err);
	if (!r)
		r = digest_file(image, hex, err);
	if (r < 0)
		return r;
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	kept = json_string_value(json_object_get(o, "image_sha256"));
	if (!kept || strcmp(kept, hex))
		return rig_err_set(
			err, RIG_HOST, EUCLEAN,
			"built kernel '%s' is damaged: remove '%s/built/%s' and build it "
			"anew",
			key, store_dir(store), key);
	return 0;
}

int built_fill(const struct store *store, const char *key, struct kernel *k, struct rig_err *err)
{
	AUTO_FREE char *image = built_image(store, key), *config = path_of(store, key, "config"),
		       *text = NULL;
	int r = check(store, key, image, err);

	if (!r)
		r = local_read_config(config, &text, err);
	if (r < 0)
		return r;
	note_use(store, key);
	k->image = TAKE_PTR(image);
	k->config = TAKE_PTR(text);
	k->config_source = xstrdup("build tree");
	return 0;
}

static int is_key(const struct dirent *e)
{
	return built_key_is_valid(e->d_name);
}

void built_list(const struct store *store, struct strv *ret)
{
	AUTO_FREE char *dir = xasprintf("%s/built", store_dir(store));
	struct dirent **names;
	int n = scandir(dir, &names, is_key, versionsort);

	for (int i = 0; i < n; i++) {
		strv_add(ret, names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}
