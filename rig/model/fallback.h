/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fallback: the nodes that each node falls back to, as the kernel logged it last.  Level 3, plain data.
 *
 * It logs the order whenever it builds the zonelists, that is at boot and when a zone gets its first page or
 * loses its last.  The lists themselves name zones; an order names nodes that have none, too.
 */
#ifndef RIG_FALLBACK_H
#define RIG_FALLBACK_H

#include <stdbool.h>
#include <stdint.h>

#define FALLBACK_MAX_NODES 64u

struct fallback {
	uint64_t known;				/* mask of the nodes whose order was seen */
	uint64_t order[FALLBACK_MAX_NODES];	/* mask of the nodes that it names */
};

/** fallback_take() - one record of the kernel's log; false: it is about something else */
bool fallback_take(struct fallback *f, const char *text);

#endif
