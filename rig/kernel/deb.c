// SPDX-License-Identifier: GPL-2.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/loop.h"
#include "base/mem.h"
#include "kernel/deb.h"

#define MAX_TOTAL_BYTES	(8ull << 30)
#define MAX_FILES	200000u
#define CHUNK_BYTES	(256u << 10)

struct unpacking {
	const char *deb_path, *dir;
	struct archive *outer, *data;
	char outer_chunk[CHUNK_BYTES], chunk[CHUNK_BYTES];
	unsigned long long total_bytes;
	unsigned int nr_files;
};

static void unpacking_destroy(struct unpacking **u)
{
	archive_read_free((*u)->data);
	archive_read_free((*u)->outer);
	free(*u);
}

static int broken(const struct unpacking *u, struct archive *a, struct rig_err *err)
{
	const char *why = archive_error_string(a);

	return rig_err_set(err, RIG_HOST, EINVAL, "package file '%s' is broken: %s", u->deb_path,
			   why ? why : "ends early");
}

static int find_data_member(struct unpacking *u, struct rig_err *err)
{
	struct archive_entry *entry;
	int r;

	u->outer = archive_read_new();
	archive_read_support_format_ar(u->outer);
	if (archive_read_open_filename(u->outer, u->deb_path, CHUNK_BYTES) != ARCHIVE_OK)
		return broken(u, u->outer, err);
	while ((r = archive_read_next_header(u->outer, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		if (name && !strncmp(name, "data.tar", strlen("data.tar")))
			return 0;
	}
	if (r == ARCHIVE_EOF)
		return rig_err_set(err, RIG_HOST, EINVAL, "package file '%s' has no data.tar",
				   u->deb_path);
	return broken(u, u->outer, err);
}

static la_ssize_t read_member(struct archive *a, void *arg, const void **data)
{
	struct unpacking *u = arg;
	la_ssize_t n = archive_read_data(u->outer, u->outer_chunk, sizeof(u->outer_chunk));

	if (n < 0)
		archive_set_error(a, EIO, "%s", archive_error_string(u->outer));
	*data = u->outer_chunk;
	return n < 0 ? -1 : n;
}

static bool climbs_out(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2]))
			return true;
	}
	return false;
}

/* Where a member belongs below the folder, or NULL when it is not wanted */
static const char *wanted_name(const char *name)
{
	while (!strncmp(name, "./", 2) || *name == '/')
		name += *name == '/' ? 1 : 2;
	if (!strncmp(name, "usr/lib/modules/", strlen("usr/lib/modules/")))
		name += strlen("usr/");
	if (strncmp(name, "boot/", strlen("boot/")) &&
	    strncmp(name, "lib/modules/", strlen("lib/modules/")))
		return NULL;
	return climbs_out(name) ? NULL : name;
}

static int cannot_write(const char *path, int eno, struct rig_err *err)
{
	if (eno == ENOSPC || eno == EDQUOT)
		return rig_err_set(err, RIG_HOST, eno,
				   "no space left for '%s': free some, or move the cache with HOTRIG_CACHE",
				   path);
	return rig_err_set(err, RIG_HOST, eno, "cannot write '%s': %s", path, strerror(eno));
}

static int write_member(struct unpacking *u, const char *name, struct rig_err *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", u->dir, name);
	char *slash = strrchr(path, '/');
	AUTO_CLOSE int fd = -1;
	la_ssize_t n;
	int r;

	*slash = '\0';
	r = io_mkdirs(path, err);
	*slash = '/';
	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return cannot_write(path, errno, err);
	while ((n = archive_read_data(u->data, u->chunk, sizeof(u->chunk))) > 0) {
		u->total_bytes += (unsigned long long)n;
		if (u->total_bytes > MAX_TOTAL_BYTES)
			return rig_err_set(err, RIG_HOST, EFBIG,
					   "package file '%s' unpacks without end", u->deb_path);
		r = io_write_all(fd, u->chunk, (size_t)n);
		if (r < 0)
			return cannot_write(path, -r, err);
	}
	return n < 0 ? broken(u, u->data, err) : 0;
}

static int unpack_members(struct unpacking *u, struct rig_err *err)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(u->data, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		name = name ? wanted_name(name) : NULL;
		if (!name || archive_entry_filetype(entry) != AE_IFREG ||
		    archive_entry_hardlink(entry))
			continue;
		if (++u->nr_files > MAX_FILES)
			return rig_err_set(err, RIG_HOST, EFBIG,
					   "package file '%s' holds too many files", u->deb_path);
		if (loop_interrupted())
			return rig_err_set(err, RIG_INTERRUPTED, EINTR,
					   "interrupted while unpacking '%s'", u->deb_path);
		r = write_member(u, name, err);
		if (r < 0)
			return r;
	}
	return r == ARCHIVE_EOF ? 0 : broken(u, u->data, err);
}

int deb_unpack(const char *deb_path, const char *dir, struct rig_err *err)
{
	struct unpacking *u __attribute__((cleanup(unpacking_destroy))) = xcalloc(1, sizeof(*u));
	int r;

	u->deb_path = deb_path;
	u->dir = dir;
	r = find_data_member(u, err);
	if (r < 0)
		return r;
	u->data = archive_read_new();
	archive_read_support_format_tar(u->data);
	archive_read_support_filter_all(u->data);
	if (archive_read_open(u->data, u, NULL, read_member, NULL) != ARCHIVE_OK)
		return broken(u, u->data, err);
	return unpack_members(u, err);
}
