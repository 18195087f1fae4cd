// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/progress.h"

void progress_init(struct progress *p)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	*p = (struct progress){ .start_ns = clock_ns() };
	p->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
	p->color = p->terminal && !(no_color && *no_color);
}

static double elapsed(const struct progress *p)
{
	return (double)(clock_ns() - p->start_ns) / (double)NS_PER_S;
}

void progress_end(struct progress *p)
{
	if (p->line_open)
		fputs("\r\033[K", stderr);
	p->line_open = false;
}

void progress_begin(struct progress *p, size_t number, size_t of, const char *what)
{
	snprintf(p->what, sizeof(p->what), "[%zu/%zu] %s", number, of, what);
	if (!p->terminal)
		fprintf(stderr, "%8.1fs %s\n", elapsed(p), p->what);
	else
		progress_step(p, "boot", 0, 0);
}

void progress_step(struct progress *p, const char *step, size_t number, size_t of)
{
	if (!p->terminal)
		return;
	progress_end(p);
	fprintf(stderr, "%s%6.1fs%s %s: %s", p->color ? "\033[2m" : "", elapsed(p), p->color ? "\033[0m" : "",
		p->what, step);
	if (of)
		fprintf(stderr, " (%zu/%zu)", number, of);
	p->line_open = true;
	fflush(stderr);
}

void progress_text(struct progress *p, const char *text)
{
	progress_end(p);
	fprintf(stderr, "hotrig: %s\n", text);
}
