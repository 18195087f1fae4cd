/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock: CLOCK_MONOTONIC in nanoseconds, and deadlines as absolute points on it.  Level 0.
 *
 * A deadline is made once, where the patience is decided, and passed down; nobody below makes a
 * fresh one out of it.
 */
#ifndef RIG_CLOCK_H
#define RIG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

uint64_t clock_ns(void);

/** clock_in_ms() - the point @ms milliseconds from now */
uint64_t clock_in_ms(uint64_t ms);

static inline uint64_t clock_sooner(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

/** clock_left_ms() - what poll(2) wants: 0 when passed, rounded up, capped at INT_MAX */
int clock_left_ms(uint64_t until_ns);

#endif
