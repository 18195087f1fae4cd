// SPDX-License-Identifier: GPL-2.0-or-later
/* Dies in the middle of an answer, so that init's death notice comes behind half a line. */
#include <stdlib.h>

#include "tests/agents/greet.h"

int agent_run(int link)
{
	greet_and_negotiate(link);
	await_line(link);
	say(link, "{\"return\":{\"release\":\"6.");
	abort();
}
