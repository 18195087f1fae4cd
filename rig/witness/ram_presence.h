/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ram_presence: which pages of a process hold something.  Level 4, part of witness.
 *
 * Looking into a page that QEMU never touched would make QEMU grow, or fill a hole of the file
 * behind it.  /proc/PID/pagemap tells what is in memory; where a file is mapped privately, as for a
 * machine that began from a saved one, what was not touched yet is in the file, which knows its holes.
 */
#ifndef RIG_WITNESS_RAM_PRESENCE_H
#define RIG_WITNESS_RAM_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RAM_PRESENCE_MAX_PAGES 1024u	/* per question */

/* A file below a stretch of private memory. */
struct ram_file {
	int fd;			/* -1: none, or it cannot be opened */
	uint64_t offset;	/* of the stretch's first byte */
};

/** ram_file_open() - the file behind @hva in process @pid, if it is mapped privately */
struct ram_file ram_file_open(pid_t pid, uint64_t hva);
void ram_file_close(struct ram_file *f);

/**
 * ram_presence_mark() - which of @nr pages from @hva on hold something
 * @pagemap: descriptor; -1: not known, all of them may
 * @file, @file_offset: the file behind them and where in it @hva is; fd -1: none
 */
void ram_presence_mark(int pagemap, const struct ram_file *file, uint64_t file_offset, uint64_t hva,
		       size_t nr, bool *ret);

#endif
