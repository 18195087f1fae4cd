/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capacity: how many machines this host holds at a time.  Level 6.
 *
 * A run is reckoned with all the memory of its machine at boot and CAPACITY_RUN_BYTES for QEMU and
 * the rig; plugged memory costs only what is written to it, and that is little.
 */
#ifndef RIG_CAPACITY_H
#define RIG_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#define CAPACITY_RUN_BYTES	(512ull << 20)	/* of one run, beside the machine's memory */
#define CAPACITY_HOST_BYTES	(1ull << 30)	/* left to the host */

struct capacity {
	unsigned int cores;		/* that we may use, at least 1 */
	uint64_t available_bytes;	/* MemAvailable; 0 when it cannot be told: one at a time then */
};

/** capacity_now() - of this host, at this moment */
struct capacity capacity_now(void);

/** capacity_jobs() - runs at a time, 1 to @max; @machine_bytes: boot memory of the largest machine */
unsigned int capacity_jobs(const struct capacity *c, uint64_t machine_bytes, unsigned int max);

/** capacity_holds() - one more machine beside those that run, by what is available now */
bool capacity_holds(const struct capacity *c, uint64_t machine_bytes);

#endif
