// SPDX-License-Identifier: GPL-2.0-or-later
/* Greets and answers nothing, not even the capabilities. */
#include "tests/agents/greet.h"

int agent_run(int link)
{
	greet(link);
	stay();
}
