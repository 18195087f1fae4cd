// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <sha2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clean.h"
#include "base/io.h"
#include "base/mem.h"
#include "kernel/digest.h"

/*
 * Times of files are as coarse as the kernel's tick: a file that changed just now may change once
 * more and look the same.  So only what has been left alone for a while is remembered.
 */
#define SETTLED_S 2

#define LINE_MAX_BYTES 4096u

static int hash_all(const char *path, int fd, char hex[65], struct rig_err *err)
{
	unsigned char buf[65536];
	off_t offset = 0;
	SHA2_CTX ctx;
	ssize_t n;

	SHA256Init(&ctx);
	do {
		n = pread(fd, buf, sizeof(buf), offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", path,
					   strerror(errno));
		SHA256Update(&ctx, buf, (size_t)n);
		offset += n;
	} while (n != 0);
	SHA256End(&ctx, hex);
	return 0;
}

static char *memory_path(const struct stat *st)
{
	struct rig_err ignored;
	char *dir, *path;

	if (io_cache_dir("digests", &dir, &ignored) < 0)
		return NULL;
	path = xasprintf("%s/%jx-%ju", dir, (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	free(dir);
	return path;
}

/* What must be as it was; the digest follows it in the file. */
static char *identity(const struct stat *st)
{
	return xasprintf("%jd bytes, changed %jd.%09ld %jd.%09ld: ", (intmax_t)st->st_size,
			 (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
			 (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

static bool recall(const char *path, const char *who, char hex[65])
{
	AUTO_FREE char *text = NULL;
	struct rig_err ignored;
	size_t len, at = strlen(who);

	if (io_read_file(path, LINE_MAX_BYTES, &text, &len, &ignored) < 0 || len != at + 65 ||
	    strncmp(text, who, at) || strspn(text + at, "0123456789abcdef") != 64)
		return false;
	memcpy(hex, text + at, 64);
	hex[64] = '\0';
	return true;
}

/* Best effort: the cache may be read-only for this user */
static void remember(const char *path, const char *who, const char *hex)
{
	AUTO_FREE char *text = xasprintf("%s%s\n", who, hex);
	struct rig_err ignored;

	if (io_write_file(path, text, strlen(text), &ignored) < 0)
		return;
}

static bool settled(const struct stat *st)
{
	time_t now = time(NULL);

	return st->st_ctim.tv_sec < now - SETTLED_S && st->st_mtim.tv_sec < now - SETTLED_S;
}

int digest_fd(const char *path, int fd, char hex[65], struct rig_err *err)
{
	AUTO_FREE char *memory = NULL, *who = NULL;
	struct stat st;
	char fresh[65];
	int r;

	if (fstat(fd, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot look at '%s': %s", path,
				   strerror(errno));
	memory = memory_path(&st);
	who = identity(&st);
	if (memory && recall(memory, who, hex))
		return 0;
	r = hash_all(path, fd, fresh, err);
	if (r < 0)
		return r;
	if (memory && settled(&st))
		remember(memory, who, fresh);
	memcpy(hex, fresh, sizeof(fresh));
	return 0;
}

int digest_file(const char *path, char hex[65], struct rig_err *err)
{
	/* O_NONBLOCK: opening a FIFO by mistake must not hang */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot open '%s': %s", path,
				   strerror(errno));
	if (!S_ISREG(st.st_mode))
		return rig_err_set(err, RIG_HOST, EINVAL, "'%s' is no regular file", path);
	return digest_fd(path, fd, hex, err);
}
