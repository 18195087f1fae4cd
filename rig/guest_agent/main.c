// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest agent: /init of the image, which is its own supervisor; or a service with its link as stdin. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest_agent/agent.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("hotrig agent %d.%d\n", AGENT_VERSION_MAJOR, AGENT_VERSION_MINOR);
		return 0;
	}
	if (getpid() == 1)
		return init_main();
	return agent_run(STDIN_FILENO);
}
