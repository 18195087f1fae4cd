// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/mem.h"
#include "witness/guest_memory.h"
#include "witness/ram_presence.h"

/* bits 63 and 62 of pagemap: present, swapped out */
#define PAGEMAP_THERE (3ull << 62)

/* "7f1a4be00000-7f1acbe00000 rw-p 00000000 08:01 1234    /path"; true when it holds @hva */
static bool parse_mapping(const char *line, uint64_t hva, char *mode, uint64_t *offset,
			  const char **path)
{
	uint64_t start, end;
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n", &start, &end, mode,
		   offset, &at) < 4 || !at || hva < start || hva >= end)
		return false;
	*offset += hva - start;
	*path = line + at;
	return true;
}

static int open_regular(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? TAKE_FD(fd) : -1;
}

struct ram_file ram_file_open(pid_t pid, uint64_t hva)
{
	AUTO_FREE char *maps = xasprintf("/proc/%d/maps", (int)pid);
	AUTO_FCLOSE FILE *in = fopen(maps, "re");
	AUTO_FREE char *line = NULL;
	struct ram_file f = { .fd = -1 };
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		const char *path;
		char mode[5];

		if (!parse_mapping(line, hva, mode, &f.offset, &path))
			continue;
		line[strcspn(line, "\n")] = '\0';
		/* " (deleted)" behind the name of a deleted file: none is taken for it */
		if (mode[3] == 'p' && *path == '/')
			f.fd = open_regular(path);
		break;
	}
	return f;
}

void ram_file_close(struct ram_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* Pages of @file that are no holes; beyond its end there is nothing. */
static void mark_data(const struct ram_file *file, uint64_t offset, size_t nr, bool *ret)
{
	uint64_t end = offset + nr * GUEST_PAGE_BYTES, at = offset;

	while (at < end) {
		off_t data = lseek(file->fd, (off_t)at, SEEK_DATA), hole;

		if (data < 0 || (uint64_t)data >= end)
			return;
		hole = lseek(file->fd, data, SEEK_HOLE);
		if (hole < 0 || (uint64_t)hole > end)
			hole = (off_t)end;
		for (at = (uint64_t)data / GUEST_PAGE_BYTES * GUEST_PAGE_BYTES; at < (uint64_t)hole;
		     at += GUEST_PAGE_BYTES)
			ret[(at - offset) / GUEST_PAGE_BYTES] = true;
	}
}

void ram_presence_mark(int pagemap, const struct ram_file *file, uint64_t file_offset, uint64_t hva,
		       size_t nr, bool *ret)
{
	uint64_t entry[RAM_PRESENCE_MAX_PAGES];
	off_t at = (off_t)(hva / GUEST_PAGE_BYTES * sizeof(*entry));
	ssize_t n = pread(pagemap, entry, nr * sizeof(*entry), at);
	size_t known = n < 0 ? 0 : (size_t)n / sizeof(*entry);	/* no pagemap: all may be there */

	for (size_t i = 0; i < nr; i++)
		ret[i] = i >= known || entry[i] & PAGEMAP_THERE;
	if (file->fd >= 0)
		mark_data(file, file_offset, nr, ret);
}
