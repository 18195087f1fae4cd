// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "guest_agent/fill_content.h"
#include "guest_agent/fill_pipe.h"

#define PAGE_BYTES	4096ull
#define PIPE_BYTES	(1u << 20)

int fill_pipes_make(uint64_t bytes, struct fill_pipes *ret)
{
	ret->nr = (bytes + PIPE_BYTES - 1) / PIPE_BYTES;
	ret->read_end = xcalloc(ret->nr, sizeof(int));
	ret->write_end = xcalloc(ret->nr, sizeof(int));
	for (size_t i = 0; i < ret->nr; i++) {
		int pipe[2];

		if (pipe2(pipe, O_CLOEXEC) < 0 || fcntl(pipe[1], F_SETPIPE_SZ, PIPE_BYTES) < 0)
			return errno;
		ret->read_end[i] = pipe[0];
		ret->write_end[i] = pipe[1];
	}
	return 0;
}

int fill_pipes_fill(const struct fill_pipes *pipes, uint64_t seed, uint64_t bytes)
{
	uint64_t page[PAGE_BYTES / 8];
	int r = 0;

	for (uint64_t at = 0; !r && at < bytes; at += PAGE_BYTES) {
		fill_words(seed, page, at / 8, PAGE_BYTES / 8);
		r = -io_write_all(pipes->write_end[at / PIPE_BYTES], page, PAGE_BYTES);
	}
	return r;
}

/* What a pipe holds can be read once: tee(2) it into another one and read that. */
static int check_pipe(int pipe_end, uint64_t seed, uint64_t base, uint64_t end, int64_t *bad)
{
	uint64_t page[PAGE_BYTES / 8];
	int copy[2], r = 0;

	if (pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0)
		return errno;
	if (fcntl(copy[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
	    tee(pipe_end, copy[1], PIPE_BYTES, SPLICE_F_NONBLOCK) < 0)
		r = errno;
	for (uint64_t at = base; !r && *bad < 0 && at < end; at += PAGE_BYTES) {
		if (read(copy[0], page, PAGE_BYTES) != PAGE_BYTES)
			r = EIO;
		else
			*bad = fill_first_bad(seed, page, at / 8, PAGE_BYTES / 8);
	}
	close(copy[0]);
	close(copy[1]);
	return r;
}

int fill_pipes_check(const struct fill_pipes *pipes, uint64_t seed, uint64_t bytes, int64_t *bad)
{
	int r = 0;

	*bad = -1;
	for (size_t i = 0; i < pipes->nr && *bad < 0 && !r; i++) {
		uint64_t base = (uint64_t)i * PIPE_BYTES;

		r = check_pipe(pipes->read_end[i], seed, base, base + PIPE_BYTES < bytes ? base + PIPE_BYTES : bytes, bad);
	}
	return r;
}

int fill_pipes_refer(uint64_t *at, uint64_t bytes)
{
	for (uint64_t done = 0; done < bytes; ) {
		struct iovec iov = { (char *)at + done,
				     bytes - done < PIPE_BYTES ? bytes - done : PIPE_BYTES };
		ssize_t n;
		int pipe[2];

		if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
			return errno;
		fcntl(pipe[1], F_SETPIPE_SZ, PIPE_BYTES);
		n = vmsplice(pipe[1], &iov, 1, 0);
		if (n <= 0)
			return n < 0 ? errno : EIO;
		done += (uint64_t)n;
	}
	return 0;
}
