// SPDX-License-Identifier: GPL-2.0-or-later
/* Bytes that are no JSON, as from a kernel that prints on the agent's port. */
#include "tests/agents/greet.h"

int agent_run(int link)
{
	static const char bytes[] = "SeaBIOS (version 1.16)\r\n\x00\xff\xfe{{{]\x1b[2J\r\n";

	say_bytes(link, bytes, sizeof(bytes) - 1);
	stay();
}
