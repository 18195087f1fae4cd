// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <time.h>

#include "base/clock.h"

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t clock_in_ms(uint64_t ms)
{
	return clock_ns() + ms * NS_PER_MS;
}

int clock_left_ms(uint64_t until_ns)
{
	uint64_t now = clock_ns(), left;

	if (now >= until_ns)
		return 0;
	left = (until_ns - now + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}
