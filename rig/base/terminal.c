// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/terminal.h"

#define NO_WIDTH 80	/* a terminal that does not tell */

bool terminal_is(FILE *stream)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stream)) && term && strcmp(term, "dumb");
}

bool terminal_color(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return terminal_is(stream) && !(no_color && *no_color);
}

size_t terminal_columns(FILE *stream)
{
	struct winsize size;

	if (!terminal_is(stream))
		return 0;
	return ioctl(fileno(stream), TIOCGWINSZ, &size) < 0 || size.ws_col < 2 ? NO_WIDTH : size.ws_col;
}
