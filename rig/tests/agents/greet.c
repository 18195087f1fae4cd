// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "tests/agents/greet.h"

void say_bytes(int link, const char *data, size_t len)
{
	if (io_write_all(link, data, len) < 0)
		exit(0);
}

void say(int link, const char *text)
{
	say_bytes(link, text, strlen(text));
}

void await_line(int link)
{
	char c = 0;

	while (c != '\n')
		if (read(link, &c, 1) <= 0)
			exit(0);
}

void greet(int link)
{
	say(link, "{\"HOTRIG\":{\"version\":{\"major\":1,\"minor\":0},\"capabilities\":[]}}\r\n");
}

void greet_and_negotiate(int link)
{
	greet(link);
	await_line(link);
	say(link, "{\"return\":{},\"id\":1}\r\n");
}

void stay(void)
{
	for (;;)
		pause();
}
