// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/stamp.h"

#define FORMAT		"hotrig stamp 2"
#define MAX_BYTES	(1u << 20)

/* What decides which files are read, where it is no file itself.  NULL: it is no UTF-8, as JSON is. */
static json_t *question(const struct kernel *k, const struct image_spec *spec)
{
	char *const *const lists[] = { spec->load, spec->carry, spec->tools };
	const char *path = getenv("PATH");
	char config[65] = "";
	json_auto_t *o;

	if (k->config)
		io_sha256_hex(k->config, strlen(k->config), config);
	o = json_pack("[s ss* s s* s]", FORMAT, spec->agent, k->modules, path ? path : "", k->release, config);

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		json_t *list = json_array();

		for (char *const *s = lists[i]; s && *s; s++)
			if (json_array_append_new(list, json_string(*s)) < 0) {
				json_decref(list);
				return NULL;
			}
		json_array_append_new(o, list);
	}
	return TAKE_PTR(o);
}

/* NULL: there can be none */
static char *place(const char *dir, const struct kernel *k, const struct image_spec *spec)
{
	json_auto_t *o = question(k, spec);
	AUTO_FREE char *text = json_dumps(o, JSON_COMPACT);
	char hex[65];

	if (!text)
		return NULL;
	io_sha256_hex(text, strlen(text), hex);
	return xasprintf("%s/%.32s.stamp", dir, hex);
}

/* As it is now; null when it is not there, which is an answer too. */
static json_t *looks(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return json_null();
	return json_sprintf("%ju %ju %jd %jd.%09ld %jd.%09ld", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
			    (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			    (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

bool stamp_find(const char *dir, const struct kernel *k, const struct image_spec *spec, char digest[65])
{
	AUTO_FREE char *path = place(dir, k, spec), *text = NULL;
	json_auto_t *root = NULL;
	const char *image, *file;
	struct rig_err ignored;
	json_t *files, *was;

	if (!path || io_read_file(path, MAX_BYTES, &text, NULL, &ignored) < 0)
		return false;
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	image = json_string_value(json_object_get(root, "image"));
	files = json_object_get(root, "files");
	if (!image || strlen(image) != 64 || !json_object_size(files))
		return false;
	json_object_foreach(files, file, was) {
		json_auto_t *is = looks(file);

		if (!json_equal(was, is))
			return false;
	}
	strcpy(digest, image);
	return true;
}

/* One that changed since reading began may have been read as it was before. */
static bool watch(json_t *files, const struct parts *parts, const char *path)
{
	struct stat st;

	if (parts->began.tv_sec && stat(path, &st) == 0 &&
	    (st.st_ctim.tv_sec > parts->began.tv_sec || (st.st_ctim.tv_sec == parts->began.tv_sec &&
							 st.st_ctim.tv_nsec >= parts->began.tv_nsec)))
		return false;
	return json_object_set_new(files, path, looks(path)) == 0;
}

static bool watch_all(json_t *files, const struct kernel *k, const struct parts *parts)
{
	static const char *const lists[] = { "dep", "dep.bin", "softdep", "alias.bin", "symbols.bin", "builtin.bin" };
	bool all = watch(files, parts, "/etc/ld.so.cache");

	for (size_t i = 0; i < parts->n && all; i++)
		all = !parts->v[i].host || watch(files, parts, parts->v[i].host);
	for (size_t i = 0; k->modules && i < ARRAY_SIZE(lists) && all; i++) {
		AUTO_FREE char *list = xasprintf("%s/modules.%s", k->modules, lists[i]);

		all = watch(files, parts, list);
	}
	return all;
}

void stamp_keep(const char *dir, const struct kernel *k, const struct image_spec *spec,
		const struct parts *parts, const char *digest)
{
	AUTO_FREE char *path = place(dir, k, spec), *text = NULL;
	json_auto_t *files = json_object(), *root = NULL;
	struct rig_err ignored;

	if (!path || !watch_all(files, k, parts))
		return;
	root = json_pack("{sssO}", "image", digest, "files", files);
	text = json_dumps(root, JSON_INDENT(1));
	if (io_write_file(path, text, strlen(text), &ignored) < 0)
		return;
}
