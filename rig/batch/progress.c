// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/mem.h"
#include "batch/progress.h"
#include "base/terminal.h"

void progress_init(struct progress *p)
{
	*p = (struct progress){ .start_ns = clock_ns() };
	p->terminal = terminal_is(stderr);
	p->color = terminal_color(stderr);
}

void progress_deinit(struct progress *p)
{
	progress_end(p);
	free(p->running);
	free(p->said_once);
	*p = (struct progress){ 0 };
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

/* A line that wraps could not be wiped.  The last column stays free: some terminals wrap there. */
static size_t room(void)
{
	return terminal_columns(stderr) - 1;
}

static size_t cut(const char *line, size_t max)
{
	size_t len = strlen(line);

	if (len <= max)
		return len;
	while (max && ((unsigned char)line[max] & 0xc0) == 0x80)
		max--;		/* not within a character */
	return max;
}

static void draw(struct progress *p)
{
	AUTO_FREE char *line = xasprintf("%zu/%zu done, %zu running", p->nr_done, p->of, p->nr_running);
	size_t columns = room();
	char time[16];
	int used;

	if (!p->terminal || !p->nr_running)
		return;
	for (size_t i = 0; i < p->nr_running; i++) {
		char *more = xasprintf("%s%s %s: %s", line, i ? ";" : ":", p->running[i].what, p->running[i].step);

		free(line);
		line = more;
	}
	progress_end(p);
	used = snprintf(time, sizeof(time), "%6.1fs ", elapsed(p));
	columns = columns > (size_t)used ? columns - (size_t)used : 0;
	fprintf(stderr, "%s%s%s%.*s", p->color ? "\033[2m" : "", time, p->color ? "\033[0m" : "",
		(int)cut(line, columns), line);
	p->line_open = true;
	fflush(stderr);
}

static struct progress_run *find_run(struct progress *p, size_t number)
{
	for (size_t i = 0; i < p->nr_running; i++)
		if (p->running[i].number == number)
			return &p->running[i];
	return NULL;
}

void progress_plan(struct progress *p, size_t of)
{
	p->of = of;
	p->nr_done = 0;
}

void progress_begin(struct progress *p, size_t number, const char *what)
{
	struct progress_run *r;

	GROW(p->running, p->nr_running, p->cap_running);
	r = &p->running[p->nr_running++];
	*r = (struct progress_run){ .number = number, .step = "boot" };
	snprintf(r->what, sizeof(r->what), "%s", what);
	draw(p);
}

void progress_step(struct progress *p, size_t number, const char *step, size_t at, size_t of)
{
	struct progress_run *r = find_run(p, number);

	if (!r)
		return;
	if (of)
		snprintf(r->step, sizeof(r->step), "%s (%zu/%zu)", step, at, of);
	else
		snprintf(r->step, sizeof(r->step), "%s", step);
	draw(p);
}

void progress_done(struct progress *p, size_t number, const char *what, const char *how)
{
	struct progress_run *r = find_run(p, number);

	p->nr_done++;
	if (r) {
		size_t behind = (size_t)(p->running + p->nr_running - (r + 1));

		memmove(r, r + 1, behind * sizeof(*r));
		p->nr_running--;
	}
	if (p->terminal)
		draw(p);
	else
		fprintf(stderr, "%8.1fs [%zu/%zu] %s: %s\n", elapsed(p), number, p->of, what, how);
}

void progress_text(struct progress *p, const char *text)
{
	progress_end(p);
	fprintf(stderr, "hotrig: %s\n", text);
}

void progress_text_once(struct progress *p, const char *text)
{
	if (p->said_once && !strcmp(p->said_once, text))
		return;
	free(p->said_once);
	p->said_once = xstrdup(text);
	progress_text(p, text);
}
