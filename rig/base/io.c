// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"

int io_read_file(const char *path, size_t max_bytes, char **ret, size_t *ret_len,
		 struct rig_err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *data = NULL;
	size_t len = 0, cap = 0;
	ssize_t n;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path, strerror(errno));
	/* st_size says nothing for procfs and pipes: read until the end */
	do {
		if (len + 1 >= cap) {
			cap = cap ? cap * 2 : 65536;
			data = xrealloc(data, cap, 1);
		}
		n = read(fd, data + len, cap - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", path,
					   strerror(errno));
		len += (size_t)n;
		if (len > max_bytes)
			return rig_err_set(err, RIG_HOST, EFBIG, "'%s' is larger than %zu bytes", path,
					   max_bytes);
	} while (n != 0);
	data[len] = '\0';
	if (ret_len)
		*ret_len = len;
	*ret = TAKE_PTR(data);
	return 0;
}

int io_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_write_file(const char *path, const void *data, size_t len, struct rig_err *err)
{
	AUTO_FREE char *tmp = xasprintf("%s.tmp.%d", path, (int)getpid());
	AUTO_CLOSE int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot create '%s': %s", tmp, strerror(errno));
	r = io_write_all(fd, data, len);
	if (!r && fsync(fd) < 0)
		r = -errno;
	if (!r && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0) {
		unlink(tmp);
		return rig_err_set(err, RIG_HOST, -r, "cannot write '%s': %s", path, strerror(-r));
	}
	return 0;
}

int io_mkdirs(const char *path, struct rig_err *err)
{
	AUTO_FREE char *p = xstrdup(path);

	for (char *s = p + 1; ; s++) {
		char was = *s;

		if (was && was != '/')
			continue;
		*s = '\0';
		if (mkdir(p, 0755) < 0 && errno != EEXIST)
			return rig_err_set(err, RIG_HOST, errno, "cannot make folder '%s': %s", p,
					   strerror(errno));
		*s = was;
		if (!was)
			return 0;
	}
}

static int remove_at(int at, const char *name)
{
	AUTO_CLOSE int fd = -1;
	struct dirent *e;
	DIR *d;
	int r = 0;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d)
		return -errno;
	fd = -1;		/* closedir() closes it */
	while (!r && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			r = remove_at(dirfd(d), e->d_name);
	closedir(d);
	if (!r && unlinkat(at, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int io_remove_tree(const char *path, struct rig_err *err)
{
	int r = remove_at(AT_FDCWD, path);

	if (r < 0)
		return rig_err_set(err, RIG_HOST, -r, "cannot remove '%s': %s", path, strerror(-r));
	return 0;
}

bool io_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int io_cache_dir(const char *sub, char **ret, struct rig_err *err)
{
	const char *own = getenv("HOTRIG_CACHE"), *xdg = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	AUTO_FREE char *dir = NULL;
	int r;

	if (own && *own)
		dir = xstrdup(own);
	else if (xdg && *xdg == '/')
		dir = xasprintf("%s/hotrig", xdg);
	else if (home && *home == '/')
		dir = xasprintf("%s/.cache/hotrig", home);
	else
		return rig_err_set(err, RIG_HOST, ENOENT,
				   "no place for the cache: set HOTRIG_CACHE or HOME");
	if (sub) {
		char *with = xasprintf("%s/%s", dir, sub);

		free(dir);
		dir = with;
	}
	r = io_mkdirs(dir, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(dir);
	return 0;
}

void io_sha256_hex(const void *data, size_t len, char hex[65])
{
	SHA256Data(data, len, hex);
}
