/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ram_ranges: where a machine has RAM, in the words of QEMU's monitor.  Level 4, of witness; pure.
 */
#ifndef RIG_WITNESS_RAM_RANGES_H
#define RIG_WITNESS_RAM_RANGES_H

#include <stdint.h>
#include <sys/types.h>

#include "witness/ram_presence.h"

struct ram_range {
	uint64_t gpa, bytes;
	uint64_t hva;		/* in the address space of QEMU */
	struct ram_file file;	/* below it */
};

/**
 * ram_ranges_parse() - RAM of address space "memory" in the text of "info mtree"
 * The text is a tree, in which boot memory is an alias of a region that stands further below, as
 * one block of RAM or as a container of them.  Smaller windows on RAM below 1 MiB, which lie over
 * it, are left out: nothing that is read from outside is there.
 * @ret: ascending, without overlap, not placed yet: hva 0, no file; caller frees
 * Returns their number; -EBADMSG: none, or too many.
 */
ssize_t ram_ranges_parse(const char *mtree, struct ram_range **ret);

#endif
