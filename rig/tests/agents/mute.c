// SPDX-License-Identifier: GPL-2.0-or-later
/* Never says a word. */
#include "tests/agents/greet.h"

int agent_run(int link)
{
	(void)link;
	stay();
}
