// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "template/trim.h"

#define BLOCK		(64u << 10)	/* smaller holes cost more extents than they give room */
#define READ_BYTES	(1u << 20)

struct trimming {
	int fd;
	off_t hole, hole_end;	/* not punched yet; empty when both are the same */
	char *data;
	bool unable;		/* the file system has no holes */
};

static bool is_zero(const char *data, size_t len)
{
	return !data[0] && !memcmp(data, data + 1, len - 1);
}

static void punch(struct trimming *t)
{
	if (t->hole_end > t->hole && !t->unable)
		t->unable = fallocate(t->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, t->hole,
				      t->hole_end - t->hole) < 0;
	t->hole = t->hole_end;
}

static void add_hole(struct trimming *t, off_t start, off_t end)
{
	if (start != t->hole_end) {
		punch(t);
		t->hole = start;
	}
	t->hole_end = end;
}

/* From @at, a multiple of BLOCK; returns where it ends, or -errno. */
static off_t trim_piece(struct trimming *t, off_t at, off_t end)
{
	size_t want = end - at < READ_BYTES ? (size_t)(end - at) : READ_BYTES, len = 0;

	while (len < want) {
		ssize_t n = pread(t->fd, t->data + len, want - len, at + (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		len += (size_t)n;
	}
	for (size_t i = 0; i + BLOCK <= len; i += BLOCK)
		if (is_zero(t->data + i, BLOCK))
			add_hole(t, at + (off_t)i, at + (off_t)i + BLOCK);
	return at + (off_t)len;
}

/* Blocks are counted from the start of the file: what data a hole cuts off of one is left as it is. */
static off_t trim_data(struct trimming *t, off_t data, off_t end)
{
	off_t at = (data + BLOCK - 1) / BLOCK * BLOCK;

	while (at < end && at >= 0)
		at = trim_piece(t, at, end);
	return at < 0 ? at : end;
}

int trim_zeroes(int fd, const char *name, struct rig_err *err)
{
	struct trimming t = { .fd = fd };
	AUTO_FREE char *buffer = NULL;
	off_t at = 0, data;
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return rig_err_set(err, RIG_HOST, errno, "cannot read '%s': %s", name, strerror(errno));
	if (fs.f_type == TMPFS_MAGIC)
		return 0;
	t.data = buffer = xcalloc(1, READ_BYTES);
	/* the data is in memory already; what the kernel would read ahead of it are holes, as pages of zeroes */
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	while (at < st.st_size && !t.unable) {
		data = lseek(fd, at, SEEK_DATA);
		if (data < 0)
			data = st.st_size;	/* nothing but a hole, or no way to tell */
		if (data > at)
			add_hole(&t, at, data);
		at = lseek(fd, data, SEEK_HOLE);
		if (at < 0)
			break;
		at = trim_data(&t, data, at);
		if (at < 0)
			return rig_err_set(err, RIG_HOST, (int)-at, "cannot read '%s': %s", name, strerror((int)-at));
	}
	punch(&t);
	return 0;
}
