// SPDX-License-Identifier: GPL-2.0-or-later
/* Begins a line of a GiB that never ends. */
#include <string.h>

#include "tests/agents/greet.h"

int agent_run(int link)
{
	char chunk[65536];

	memset(chunk, 'x', sizeof(chunk));
	greet_and_negotiate(link);
	say(link, "{\"event\":\"");
	for (int i = 0; i < 16384; i++)
		say_bytes(link, chunk, sizeof(chunk));
	stay();
}
