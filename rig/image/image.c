// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "image/cpio.h"
#include "image/image.h"
#include "image/parts.h"
#include "image/stamp.h"
#include "kernel/digest.h"

#define MAX_BYTES ((size_t)1 << 30)

/* An image and beside it "<sha256>  <name>\n", so that sha256sum -c can check it as well. */
static char *sum_line(const char *sha256, const char *path)
{
	return xasprintf("%s  %s\n", sha256, strrchr(path, '/') + 1);
}

/* Whatever is wrong with a cached image, the answer is the same: it is not there. */
static bool find_image(const char *path, struct image *ret)
{
	AUTO_FREE char *sum_path = xasprintf("%s.sha256", path);
	AUTO_FREE char *sum = NULL, *want = NULL;
	struct image found = { 0 };
	struct rig_err ignored;

	if (io_read_file(sum_path, 4096, &sum, NULL, &ignored) < 0 ||
	    digest_file(path, found.sha256, &ignored) < 0)
		return false;
	want = sum_line(found.sha256, path);
	if (strcmp(sum, want))
		return false;
	found.path = xstrdup(path);
	*ret = found;
	return true;
}

int image_contents(const struct image *image, json_t **ret, struct rig_err *err)
{
	AUTO_FREE char *data = NULL;
	size_t len;
	int r = io_read_file(image->path, MAX_BYTES, &data, &len, err);

	return r < 0 ? r : cpio_list(data, len, ret, err);
}

/*
 * One builder at a time, whatever it builds: it takes less than a second, the lock goes away with
 * its holder, and so all temporary files seen under it are left over from a killed one.
 */
static int lock_cache(const char *dir, int *ret, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/lock", dir);
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno,
				   "cannot open '%s': %s; HOTRIG_CACHE names another cache", path,
				   strerror(errno));
	if (flock(fd, LOCK_EX) < 0)
		return rig_err_set(err, errno == EINTR ? RIG_INTERRUPTED : RIG_HOST, errno,
				   "cannot lock '%s': %s", path, strerror(errno));
	*ret = TAKE_FD(fd);
	return 0;
}

static void sweep_cache(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strstr(e->d_name, ".tmp."))
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

static int store_image(const struct parts *parts, const char *path, struct image *ret,
		       struct rig_err *err)
{
	AUTO_FREE char *sum_path = xasprintf("%s.sha256", path);
	AUTO_FREE char *data = NULL, *sum = NULL;
	struct image made = { 0 };
	size_t len;
	int r;

	r = parts_pack(parts, &data, &len, err);
	if (r < 0)
		return r;
	io_sha256_hex(data, len, made.sha256);
	sum = sum_line(made.sha256, path);
	/* the sum last: an image without one does not count */
	r = io_write_file(path, data, len, err);
	if (!r)
		r = io_write_file(sum_path, sum, strlen(sum), err);
	if (r < 0)
		return r;
	made.path = xstrdup(path);
	*ret = made;
	return 0;
}

static int build(const char *dir, const struct kernel *k, const struct image_spec *spec, struct image *ret,
		 struct rig_err *err)
{
	AUTO_PARTS struct parts parts = { 0 };
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int lock = -1;
	char digest[65];
	int r = parts_gather(k, spec, &parts, err);

	if (r < 0)
		return r;
	parts_digest(&parts, digest);
	path = xasprintf("%s/%s.cpio", dir, digest);
	if (!find_image(path, ret)) {
		r = lock_cache(dir, &lock, err);
		if (r < 0)
			return r;
		sweep_cache(dir);
		if (!find_image(path, ret))	/* somebody may have made it while we waited */
			r = store_image(&parts, path, ret, err);
	}
	if (r == 0)
		stamp_keep(dir, k, spec, &parts, digest);
	return r;
}

int image_build(const struct kernel *k, const struct image_spec *spec, struct image *ret,
		struct rig_err *err)
{
	AUTO_FREE char *dir = NULL, *path = NULL;
	char digest[65];
	int r = io_cache_dir("images", &dir, err);

	if (r == 0 && stamp_find(dir, k, spec, digest)) {
		path = xasprintf("%s/%s.cpio", dir, digest);
		if (find_image(path, ret))
			return 0;
	}
	if (r == 0)
		r = build(dir, k, spec, ret, err);
	return r < 0 ? rig_err_wrap(err, "cannot make the image") : 0;
}

void image_deinit(struct image *image)
{
	free(image->path);
	*image = (struct image){ 0 };
}
