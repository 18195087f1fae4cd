// SPDX-License-Identifier: GPL-2.0-or-later
/* Dies before it has said anything. */
#include <stdlib.h>

#include "tests/agents/greet.h"

int agent_run(int link)
{
	(void)link;
	abort();
}
