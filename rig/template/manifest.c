// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sha2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/mem.h"
#include "template/manifest.h"
#include "template/store.h"

#define PAGE_BYTES	4096u
#define MAX_SMALL_BYTES	(64u << 20)
#define MAX_MANIFEST	(4u << 20)

bool manifest_is_ram(const char *name)
{
	return !strncmp(name, "ram", 3) && isdigit((unsigned char)name[3]) && !name[4];
}

static int stale(struct rig_err *err, const char *name, const char *what)
{
	return rig_err_set(err, RIG_HOST, ESTALE, "its file '%s' %s", name, what);
}

static bool is_zero(const char *page)
{
	return !page[0] && !memcmp(page, page + 1, PAGE_BYTES - 1);
}

/*
 * Digest of the pages that are not zero, with their places: the same whether zero pages are holes,
 * reserved room or written.
 */
static int digest_memory(int fd, uint64_t bytes, char hex[65])
{
	off_t data = 0, hole;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	while ((data = lseek(fd, data, SEEK_DATA)) >= 0) {
		char *map;

		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || (uint64_t)hole > bytes || hole <= data)
			return -EIO;
		data &= ~(off_t)(PAGE_BYTES - 1);
		map = mmap(NULL, (size_t)(hole - data), PROT_READ, MAP_SHARED, fd, data);
		if (map == MAP_FAILED)
			return -errno;
		madvise(map, (size_t)(hole - data), MADV_SEQUENTIAL);
		for (off_t at = data; at + PAGE_BYTES <= hole; at += PAGE_BYTES) {
			uint64_t place = (uint64_t)at;

			if (is_zero(map + (at - data)))
				continue;
			SHA256Update(&ctx, (const uint8_t *)&place, sizeof(place));
			SHA256Update(&ctx, (const uint8_t *)map + (at - data), PAGE_BYTES);
		}
		munmap(map, (size_t)(hole - data));
		data = hole;
	}
	if (errno != ENXIO)	/* no data behind */
		return -errno;
	SHA256End(&ctx, hex);
	return 0;
}

static int digest_small(int fd, uint64_t bytes, char hex[65])
{
	void *map;

	if (bytes > MAX_SMALL_BYTES)
		return -EFBIG;
	if (!bytes) {
		SHA256Data((const uint8_t *)"", 0, hex);
		return 0;
	}
	map = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	SHA256Data(map, bytes, hex);
	munmap(map, bytes);
	return 0;
}

/* One file as it is now; @deep: the bytes of memory too. */
static int describe(int dir, const char *name, bool deep, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool ram = manifest_is_ram(name);
	struct stat st;
	char hex[65];
	json_t *o;
	int r = 0;

	if (fd < 0)
		return stale(err, name, errno == ENOENT ? "is gone" : strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return stale(err, name, "is no file");
	o = json_pack("{sI}", "bytes", (json_int_t)st.st_size);
	if (ram) {
		json_object_set_new(o, "inode", json_integer((json_int_t)st.st_ino));
		json_object_set_new(o, "changed", json_sprintf("%jd.%09ld", (intmax_t)st.st_mtim.tv_sec,
							       st.st_mtim.tv_nsec));
	}
	if (!ram || deep)
		r = ram ? digest_memory(fd, (uint64_t)st.st_size, hex) :
			  digest_small(fd, (uint64_t)st.st_size, hex);
	if (r < 0) {
		json_decref(o);
		return rig_err_set(err, RIG_HOST, -r, "its file '%s' cannot be read: %s", name, strerror(-r));
	}
	if (!ram || deep)
		json_object_set_new(o, "sha256", json_string(hex));
	*ret = o;
	return 0;
}

int manifest_make(int dir, json_t *about, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	json_auto_t *files = json_object();
	DIR *d = again < 0 ? NULL : fdopendir(again);
	struct dirent *e;
	int r = 0;

	if (!d)
		return rig_err_set(err, RIG_HOST, errno, "cannot read the template's folder: %s", strerror(errno));
	again = -1;		/* closedir() closes it */
	while (!r && (e = readdir(d))) {
		json_t *o = NULL;

		if (e->d_name[0] == '.')
			continue;
		r = describe(dir, e->d_name, true, &o, err);
		if (!r)
			json_object_set_new(files, e->d_name, o);
	}
	closedir(d);
	if (r < 0)
		return r;
	*ret = json_pack("{si sO sO}", "format", TEMPLATE_FORMAT, "about", about, "files", files);
	return 0;
}

/* What differs between the file as it was and as it is. */
static int compare(const char *name, const json_t *was, const json_t *is, struct rig_err *err)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)is, key, v) {
		if (json_equal(v, json_object_get(was, key)))
			continue;
		return stale(err, name, !strcmp(key, "bytes") ? "has another size" : !strcmp(key, "sha256") ?
			     "has other bytes" : "was written to");
	}
	return 0;
}

/*
 * Looking at it is no use of the template, whose time is that of the manifest's last access.  Only the
 * owner may ask for that, and only the owner's uses count.
 */
static int open_manifest(int dir)
{
	int fd = openat(dir, MANIFEST, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);

	return fd >= 0 || errno != EPERM ? fd : openat(dir, MANIFEST, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

int manifest_read(int dir, json_t **ret, struct rig_err *err)
{
	AUTO_CLOSE int fd = open_manifest(dir);
	AUTO_FREE char *text = NULL;
	json_auto_t *root = NULL;
	json_t *files, *was;
	const char *name;
	struct stat st;

	if (fd < 0)
		return stale(err, MANIFEST, errno == ENOENT ? "is gone" : strerror(errno));
	if (fstat(fd, &st) < 0 || st.st_size > MAX_MANIFEST)
		return stale(err, MANIFEST, "is damaged");
	/* at once: json_loadfd() reads byte by byte */
	text = xcalloc(1, (size_t)st.st_size + 1);
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size ||
	    !(root = json_loadb(text, (size_t)st.st_size, JSON_REJECT_DUPLICATES, NULL)))
		return stale(err, MANIFEST, "is damaged");
	files = json_object_get(root, "files");
	if (json_integer_value(json_object_get(root, "format")) != TEMPLATE_FORMAT)
		return stale(err, MANIFEST, "is of another version of the rig");
	if (!json_is_object(files) || !json_is_object(json_object_get(root, "about")))
		return stale(err, MANIFEST, "is damaged");
	json_object_foreach(files, name, was) {
		json_auto_t *is = NULL;
		int r = strchr(name, '/') ? stale(err, MANIFEST, "is damaged") :
					    describe(dir, name, false, &is, err);

		if (r < 0 || (r = compare(name, was, is, err)) < 0)
			return r;
	}
	*ret = json_incref(root);
	return 0;
}

int manifest_check_memory(int dir, const json_t *manifest, struct rig_err *err)
{
	json_t *files = json_object_get(manifest, "files"), *was;
	const char *name;

	json_object_foreach(files, name, was) {
		json_auto_t *is = NULL;
		int r = describe(dir, name, true, &is, err);

		if (r < 0 || (r = compare(name, was, is, err)) < 0)
			return r;
	}
	return 0;
}
