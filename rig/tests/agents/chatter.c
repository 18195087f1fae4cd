// SPDX-License-Identifier: GPL-2.0-or-later
/* Events without end, each of them good. */
#include <stdio.h>

#include "tests/agents/greet.h"

int agent_run(int link)
{
	char line[4096];

	snprintf(line, sizeof(line), "{\"event\":\"CHATTER\",\"data\":{\"text\":\"%04000d\"}}\r\n", 7);
	greet_and_negotiate(link);
	for (;;)
		say(link, line);
}
