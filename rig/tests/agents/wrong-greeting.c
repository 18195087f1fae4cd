// SPDX-License-Identifier: GPL-2.0-or-later
/* Greets as somebody else would. */
#include "tests/agents/greet.h"

int agent_run(int link)
{
	say(link, "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7}},\"capabilities\":[]}}\r\n");
	stay();
}
