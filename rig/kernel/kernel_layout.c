// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/kernel_layout.h"
#include "kernel/kernel_types.h"

#define FORMAT 12		/* raise when a layout changes its shape, or what is read into it */
#define MAGIC "HRLAYOUT"

/* A file of the cache. */
struct cached {
	char magic[8];
	uint64_t bytes;			/* of this structure */
	char source[8];
	struct page_layout layout;
	char sha256[65];		/* of all before */
};

static const char *const sources[] = { "BTF", "DWARF" };

static char *cache_path(const struct kernel *k)
{
	AUTO_FREE char *dir = NULL;
	struct rig_err ignored;

	if (!k->image_sha256 || io_cache_dir("layouts", &dir, &ignored) < 0)
		return NULL;
	return xasprintf("%s/%s-%d", dir, k->image_sha256, FORMAT);
}

static void digest(const struct cached *c, char hex[65])
{
	io_sha256_hex(c, offsetof(struct cached, sha256), hex);
}

/* Anything wrong with the file means that it is made anew. */
static bool recall(const char *path, struct page_layout *ret, const char **source)
{
	AUTO_FREE char *data = NULL;
	struct cached c;
	struct rig_err ignored;
	char hex[65];
	size_t len;

	if (io_read_file(path, sizeof(c), &data, &len, &ignored) < 0 || len != sizeof(c))
		return false;
	memcpy(&c, data, sizeof(c));
	digest(&c, hex);
	if (memcmp(c.magic, MAGIC, sizeof(c.magic)) || c.bytes != sizeof(c) ||
	    memcmp(c.sha256, hex, sizeof(hex)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (strncmp(c.source, sources[i], sizeof(c.source)))
			continue;
		*source = sources[i];
		*ret = c.layout;
		return true;
	}
	return false;
}

/* Best effort: the cache may be read-only for this user. */
static void remember(const char *path, const struct page_layout *layout, const char *source)
{
	struct rig_err ignored;
	struct cached c;

	memset(&c, 0, sizeof(c));	/* what is between the fields is in the digest too */
	memcpy(c.magic, MAGIC, sizeof(c.magic));
	c.bytes = sizeof(c);
	strcpy(c.source, source);
	c.layout = *layout;
	digest(&c, c.sha256);
	if (io_write_file(path, &c, sizeof(c), &ignored) < 0)
		return;
}

static int read_layout(const struct kernel *k, struct page_layout *ret, const char **source,
		       struct rig_err *err)
{
	struct kernel_types types;
	int r = kernel_types_read(k, &types, err);

	if (r < 0)
		return r;
	r = layout_from_btf(types.btf, types.len, 0, 0, ret, err);
	if (!r)
		*source = types.source;
	kernel_types_deinit(&types);
	if (r < 0) {
		/* the reader of types thinks of the guest; this is a file that somebody named */
		err->cause = r == -ENOENT ? RIG_MISSING : RIG_HOST;
		return rig_err_wrap(err, "kernel '%s'", k->image);
	}
	return 0;
}

int kernel_layout(const struct kernel *k, struct page_layout *ret, const char **source,
		  struct rig_err *err)
{
	AUTO_FREE char *path = cache_path(k);
	int r;

	if (path && recall(path, ret, source))
		return 0;
	r = read_layout(k, ret, source, err);
	if (!r && path)
		remember(path, ret, *source);
	return r;
}
