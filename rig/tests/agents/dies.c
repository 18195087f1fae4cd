// SPDX-License-Identifier: GPL-2.0-or-later
/* Greets and dies. */
#include <stdlib.h>

#include "tests/agents/greet.h"

int agent_run(int link)
{
	greet_and_negotiate(link);
	await_line(link);
	abort();
}
