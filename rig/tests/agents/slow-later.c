// SPDX-License-Identifier: GPL-2.0-or-later
/* Grants the capabilities and answers nothing after that. */
#include "tests/agents/greet.h"

int agent_run(int link)
{
	greet_and_negotiate(link);
	stay();
}
